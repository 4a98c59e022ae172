"""What a passport measures, on customers whose groups are known."""

from dataclasses import replace

import ibis
import numpy as np
import pytest

from hm_assets.profiles.passport import evidence
from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.fitting import Data
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets_tests.segments.customers import PLAIN, champion, cloud, groups, rows

KMEANS = next(a for a in CATALOGUE if (a.name, a.space) == ("kmeans", "rfm"))


def assigned(*members: tuple[int, int, float | None]) -> ibis.Table:
    """(customer, segment, confidence)."""
    columns = {"customer_key": "int64", "segment_id": "int32", "confidence": "float64"}
    return ibis.memtable(
        [dict(zip(columns, member, strict=True)) for member in members], schema=ibis.schema(columns)
    )


def fitted(values, k):
    points = PLAIN.transform(rows(values))
    centres = kmeans(Data(points), k, 1).model.centres
    return champion(centres, ids=range(11, 11 + k))


@pytest.mark.parametrize("rows_looked_at", [200, 10_000])
def test_clear_groups_are_found_again_and_slices_of_a_cloud_are_not(rows_looked_at):
    real, slices = groups(100), cloud(400)
    clear = evidence.jaccards(fitted(real, 4), KMEANS, 4, rows(real), None, rows_looked_at, 8)
    none = evidence.jaccards(fitted(slices, 6), KMEANS, 6, rows(slices), None, rows_looked_at, 8)
    assert sorted(clear) == [11, 12, 13, 14]
    assert min(measured.value for measured in clear.values()) > 0.95
    assert min(measured.value for measured in none.values()) < 0.7
    for measured in (*clear.values(), *none.values()):
        assert 0 <= measured.low <= measured.value <= measured.high <= 1


def test_the_same_seed_gives_the_same_figures_and_the_order_of_ids_does_not_matter():
    values = cloud(300)
    first = evidence.jaccards(fitted(values, 3), KMEANS, 3, rows(values), None, 200, 4)
    again = evidence.jaccards(
        fitted(values, 3), KMEANS, 3, rows(values, keys=range(900, 600, -1)), None, 200, 4
    )
    assert first == again


def test_sizes_hold_a_segment_that_nobody_is_in_and_no_customer_without_a_purchase():
    model = champion([[0, 0, 0], [1, 1, 1]], ids=[3, 7])
    members = assigned((1, 3, 0.9), (2, 3, 0.8), (3, NO_PURCHASE, None))
    assert evidence.sizes(members, model) == {3: 2, 7: 0}


def test_members_near_the_border_are_counted():
    members = assigned((1, 3, 0.51), (2, 3, 0.54), (3, 3, 0.55), (4, 3, 0.9), (5, 7, 1.0), (6, 0, None))
    found = evidence.ambiguous(members)
    assert {number: measured.value for number, measured in found.items()} == {3: 0.5, 7: 0.0}
    assert {number: measured.customers for number, measured in found.items()} == {3: 4, 7: 1}


def test_members_kept_are_counted_where_they_were():
    before = assigned(*((i, 3, 1.0) for i in range(4)), (9, 7, 1.0), (10, 0, None))
    now = assigned(*((i, 3 if i < 3 else 7, 1.0) for i in range(4)), (9, 7, 1.0), (10, 3, 1.0))
    found = evidence.kept(now, before)
    assert {number: measured.value for number, measured in found.items()} == {3: 0.75, 7: 1.0}
    assert {number: measured.customers for number, measured in found.items()} == {3: 4, 7: 1}


def test_a_number_that_is_none_is_seen_wherever_it_stands():
    model = champion([[0, 0, 0], [1, 1, 1]], ids=[3, 7])
    assert evidence.is_finite(model)
    assert not evidence.is_finite(champion([[0, 0, np.nan], [1, 1, 1]], ids=[3, 7]))
    spoilt = replace(model.space, coordinates=(replace(model.space.coordinates[0], unit=np.inf),))
    assert not evidence.is_finite(replace(model, space=spoilt))
