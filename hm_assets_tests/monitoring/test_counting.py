"""The counts are what a loop over the customers counts, and quality what numpy makes of the points."""

from collections import Counter

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.monitoring import quality
from hm_assets.monitoring.counting import ALL, BEHAVIOUR, CATEGORIES, SIZES, STEP, Watched, of_rows, rows_of
from hm_assets.segments.measures.quality import centroid_silhouette
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Space
from hm_assets_tests.segments.customers import MONTH, champion, groups, rows

VALUES = groups(40)
PEOPLE = rows(VALUES).append_column("month", pa.array([MONTH] * len(VALUES), pa.date32()))
MODEL = champion([[2.0, 3.5, 1.5], [4.0, 2.0, 0.3], [6.0, 0.5, 0.02]], ids=[3, 5, 9])
BEHAVES = Space.fit("behaviour", BEHAVIOUR, PEOPLE, 0.03)
WATCHED = Watched(MODEL, BEHAVES)
POINTS = MODEL.space.transform(PEOPLE)
PLACES = nearest(MODEL.model, POINTS)
SEGMENTS = np.array(MODEL.ids)[PLACES]


@pytest.fixture(scope="module")
def counts():
    return WATCHED.counts(ibis.memtable(PEOPLE))


def test_each_feature_is_counted_as_a_loop_would_of_who_bought_within_a_year(counts):
    active = PEOPLE["orders_365d"].to_numpy() > 0
    assert 0 < active.sum() < len(VALUES)
    own_segments = SEGMENTS[active]
    both = dict(zip(BEHAVES.columns, BEHAVES.transform(PEOPLE).T, strict=True))
    both |= dict(zip(MODEL.space.columns, POINTS.T, strict=True))
    assert set(counts) == {*both, *CATEGORIES, SIZES}
    for name, values in both.items():
        # Half-way values may round to either side; none lies on the edge here.
        cells = np.clip(np.round(values[active] / STEP), -200, 200).astype(int).tolist()
        for segment in MODEL.ids:
            mine = [cell for cell, own in zip(cells, own_segments, strict=True) if own == segment]
            assert counts[name].get(str(segment), {}) == Counter(mine), name
        assert counts[name][ALL] == Counter(cells)
    assert counts["main_channel"][ALL] == Counter(PEOPLE.filter(active)["main_channel"].to_pylist())
    assert counts[SIZES][ALL] == Counter(map(str, own_segments.tolist()))


def test_counts_survive_being_written_down(counts):
    assert of_rows(rows_of(counts)) == counts


def test_silhouette_and_distance_are_numpys(counts):
    people = quality.placed(MODEL, ibis.memtable(PEOPLE))
    centres = quality.middles(MODEL, people)
    found = quality.quality(people, centres)
    for place, segment in enumerate(MODEL.ids):
        middle = POINTS[place == PLACES].mean(axis=0)
        assert centres[str(segment)] == pytest.approx(middle.tolist())
        away = np.sqrt(((POINTS[place == PLACES] - middle) ** 2).sum(axis=1)).mean()
        assert found[str(segment)]["distance"] == pytest.approx(away)
    assert found[ALL]["silhouette"] == pytest.approx(centroid_silhouette(POINTS, PLACES))
    assert found[ALL]["spend_365d"] == pytest.approx(np.mean(PEOPLE["spend_365d"].to_numpy()))
    assert found[ALL]["active_share"] == pytest.approx((PEOPLE["orders_90d"].to_numpy() > 0).mean())
    assert sum(found[str(i)]["share"] for i in MODEL.ids) == pytest.approx(1)


def test_members_of_a_segment_without_a_centre_have_no_distance():
    people = quality.placed(MODEL, ibis.memtable(PEOPLE))
    centres = {name: centre for name, centre in quality.middles(MODEL, people).items() if name != "5"}
    found = quality.quality(people, centres)
    assert found["5"]["distance"] is None
    assert found["5"]["customers"] > 0
    assert found[ALL]["distance"] is not None


def test_a_segment_that_died_out_is_told():
    people = quality.placed(MODEL, ibis.memtable(PEOPLE))
    centres = quality.middles(MODEL, people)
    found = quality.quality(people.filter(people.segment_id != 5), centres)
    assert (found["5"]["customers"], found["5"]["share"], found["5"]["distance"]) == (0, 0.0, None)
    assert sum(found[str(i)]["share"] for i in MODEL.ids) == pytest.approx(1)


def test_a_month_without_customers_has_no_figures():
    people = quality.placed(MODEL, ibis.memtable(PEOPLE.slice(0, 0)))
    assert quality.quality(people, {"3": [0.0, 0.0, 0.0], "5": [1.0, 1.0, 1.0]}) == {}
