"""Whose segment hangs on a value that was filled in."""

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.profiles import dependence
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.models import Centres
from hm_assets.segments.space import Coordinate, Space
from hm_assets_tests.segments.customers import AS_OF, MONTH, champion

BY_AGE = Champion(
    "kmeans", Space("ages", (Coordinate("age"),)), Centres(np.array([[20.0], [60.0]])), (1, 2), 2, AS_OF, 42
)


def tables(keys, drawn):
    """Assignments of these customers, their features, and (key, draw, age) as draws."""
    assignments = pa.table({"customer_key": keys, "segment_id": pa.array([1, 1, 2, 0], pa.int32())})
    days = {"as_of": pa.array([AS_OF] * 3, pa.date32()), "month": pa.array([MONTH] * 3, pa.date32())}
    features = pa.table({"customer_key": keys[:3], **days})
    key, draw, age = zip(*drawn, strict=True)
    draws = pa.table({"customer_key": key, "draw": draw, "age": age})
    return [ibis.memtable(table) for table in (assignments, features, draws)]


def test_a_customer_whom_the_draws_place_differently_depends_on_them():
    found = dependence.share_by_segment(
        BY_AGE,
        *tables([1, 2, 3, 4], [(1, 1, 18), (1, 2, 62), (3, 1, 55), (3, 2, 70), (4, 1, 18), (4, 2, 70)]),
    )
    # 1 moves; 3 is in 2 in both draws; 4 has not bought, so no model places them.
    assert found == {0: 0.0, 1: 0.5, 2: 0.0}


def test_a_space_without_filled_values_depends_on_none():
    model = champion([[0.0, 0, 0], [5, 5, 5]], [1, 2])
    assert not dependence.uses_imputed(model)
    found = dependence.share_by_segment(model, *tables([1, 2, 3, 4], [(1, 1, 18), (1, 2, 62)]))
    assert found == {0: 0.0, 1: 0.0, 2: 0.0}
