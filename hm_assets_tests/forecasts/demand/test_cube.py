import datetime as dt

import numpy as np

from hm_assets.forecasts.demand.cube import LARGEST, cube
from hm_assets.forecasts.demand.tables import REST
from hm_assets.warehouse.calendar import add_months
from hm_assets_tests.forecasts.demand.series import FIRST, rows_of


def test_the_first_month_is_left_out_and_a_month_without_sales_is_one_of_none():
    units = np.ones((5, 2, 2))
    units[3] = 0
    found = cube(rows_of(units), add_months(FIRST, 4))
    assert found.months[0] == add_months(FIRST, 1) and len(found.months) == 4
    assert found.sums()[:, 0].tolist() == [4, 4, 0, 4]
    assert found.names()[:3] == [("all", "all", "all"), ("segment", "1", "all"), ("segment", "2", "all")]


def test_months_of_an_earlier_champion_and_after_the_last_whole_month_are_left_out():
    old, new = rows_of(np.ones((4, 2, 2)), version="v0"), rows_of(np.ones((4, 2, 2)), add_months(FIRST, 4))
    found = cube(old + new, add_months(FIRST, 6))
    assert found.months == tuple(add_months(FIRST, i) for i in (4, 5, 6))


def test_small_categories_are_pooled_and_nothing_is_lost():
    rows = [
        {"month": m, "segment_id": 1, "category": f"c{i:02}", "units": 50 - i, "segments_version": "v"}
        for i in range(LARGEST + 2)
        for m in (FIRST, add_months(FIRST, 1))
    ]
    found = cube(rows, add_months(FIRST, 1))
    assert found.categories[-1] == REST and len(found.categories) == LARGEST + 1
    assert found.units.sum() == sum(row["units"] for row in rows) / 2
    assert found.units[0, 0, -1] == (50 - LARGEST) + (50 - LARGEST - 1)


def test_no_whole_month_is_no_cube():
    rows = rows_of(np.ones((2, 1, 1)))
    assert cube(rows, None) is None and cube([], FIRST) is None
    assert cube(rows, FIRST) is None, "only the first month"
    assert cube(rows, dt.date(2017, 1, 1)) is None
