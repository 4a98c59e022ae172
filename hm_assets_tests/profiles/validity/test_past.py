import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.profiles.validity.past import fitted, judged_month, seen_by_the_choice
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.inputs import RFM
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Space
from hm_assets.warehouse.calendar import month_end
from hm_assets_tests.segments.customers import AS_OF, MONTH, groups, load_of, rows

EFFORT = EFFORTS["quick"]
EVERYBODY = groups(80)


def champion(k: int = 4, ids: tuple[int, ...] = (11, 12, 13, 14)) -> tuple[Champion, pa.Table]:
    """A k-means champion of the customers of `groups`, and where it places them."""
    table = rows(EVERYBODY)
    space = Space.fit("rfm", RFM, table, 1.0)
    points = space.transform(table)
    model = kmeans(Data(points), k, 0).model
    crown = Champion("kmeans", space, model, ids, max(ids), AS_OF, 0)
    placed = np.array(ids)[nearest(model, points)]
    return crown, pa.table(
        {"customer_key": table["customer_key"], "segment_id": pa.array(placed, pa.int32())}
    )


def spent(people):
    raise AssertionError("k-means learns nothing from what comes later")


def test_segments_of_the_past_day_keep_the_champions_ids_where_the_members_are_the_same():
    crown, assigned = champion()
    past = fitted(load_of(EVERYBODY), spent, MONTH, crown, assigned, EFFORT)
    by_key = dict(zip(assigned["customer_key"].to_pylist(), assigned["segment_id"].to_pylist(), strict=True))
    mine = np.array(past.ids)[past.groups]
    theirs = [by_key[key] for key in past.people.rows["customer_key"].to_pylist()]
    assert sorted(past.ids) == [11, 12, 13, 14]
    assert np.mean(mine == np.array(theirs)) == 1.0


def test_a_segment_without_a_successor_gets_a_number_that_no_segment_has_had():
    crown, assigned = champion()
    everyone_in_one = assigned.set_column(1, "segment_id", pa.array([11] * len(assigned), pa.int32()))
    past = fitted(load_of(EVERYBODY), spent, MONTH, crown, everyone_in_one, EFFORT)
    assert sorted(past.ids) == [11, 15, 16, 17]
    alone = fitted(load_of(EVERYBODY), spent, MONTH, crown, assigned.slice(0, 0), EFFORT)
    assert sorted(alone.ids) == [15, 16, 17, 18]


def test_nothing_but_the_judged_month_is_read():
    asked = []
    load = load_of(EVERYBODY)

    def noting(month, columns, most):
        asked.append(month)
        return load(month, columns, most)

    crown, assigned = champion()
    fitted(noting, spent, MONTH, crown, assigned, EFFORT)
    assert set(asked) == {MONTH}


def test_the_order_of_the_stored_assignments_does_not_matter():
    crown, assigned = champion()
    mixed = assigned.take(pa.array(np.random.default_rng(0).permutation(len(assigned))))
    one, other = (fitted(load_of(EVERYBODY), spent, MONTH, crown, a, EFFORT) for a in (assigned, mixed))
    assert one.ids == other.ids
    assert one.groups.tolist() == other.groups.tolist()


def test_what_cannot_be_fitted_says_why():
    crown, assigned = champion()
    with pytest.raises(CannotFit, match="not in the lab"):
        fitted(load_of(EVERYBODY), spent, MONTH, replace(crown, algorithm="oracle"), assigned, EFFORT)

    def nobody(month, columns, most):
        return load_of(EVERYBODY)(month, columns, most).slice(0, 0)

    with pytest.raises(CannotFit, match="no customer"):
        fitted(nobody, spent, MONTH, crown, assigned, EFFORT)


MONTHS = [dt.date(2020, month, 1) for month in range(1, 10)]
ENDS = {month: month_end(month) for month in MONTHS}


@pytest.mark.parametrize(
    "month, last_day, judged",
    [
        (MONTHS[8], dt.date(2020, 9, 30), MONTHS[5]),  # June: 30 + 90 days is 28 September
        (MONTHS[8], dt.date(2020, 9, 22), MONTHS[4]),  # too early for June
        (MONTHS[7], dt.date(2020, 8, 31), MONTHS[4]),
        (
            MONTHS[8],
            dt.date(2020, 6, 30),
            None,
        ),  # the files end: days without files are not days without purchases
        (MONTHS[2], dt.date(2020, 3, 31), None),  # no month has been seen
    ],
)
def test_the_judged_day_is_the_latest_with_90_days_of_lines_after_it(month, last_day, judged):
    assert judged_month(month, ENDS, last_day, set(MONTHS)) == judged


def test_without_any_line_there_is_no_judged_day():
    assert judged_month(MONTHS[8], ENDS, None, set(MONTHS)) is None


def test_a_day_whose_next_90_were_known_when_the_champion_was_chosen_is_no_news_to_it():
    crown, _ = champion()
    last = crown.trained_as_of - dt.timedelta(days=90)
    assert seen_by_the_choice(last, crown)
    assert not seen_by_the_choice(last + dt.timedelta(days=1), crown)
