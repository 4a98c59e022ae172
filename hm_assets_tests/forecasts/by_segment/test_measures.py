import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.by_segment import shown
from hm_assets.forecasts.by_segment.measures import measures
from hm_assets.forecasts.by_segment.tables import ALL, SEGMENTS
from hm_assets.forecasts.by_segment.withheld import of_few
from hm_assets_tests.forecasts.by_segment.people import AS_OF, people_of

ERRORS = [
    {
        "as_of": dt.date(2020, 1, 31), "segment": s, "horizon_days": h, "expected": 0.5, "ordered": 0.4, "chance": 0.001
    }
    for s in ("1", "2", ALL)
    for h in (30, 60, 90)
]  # fmt: skip


def told(people: pa.Table, errors=()) -> dict[tuple[str, str], dict]:
    return {(row["segment"], row["measure"]): row for row in measures(people, errors)}


def windows(days: list[int | None]) -> dict[str, list]:
    return {
        f"next_order_{end}_50": [None if d is None else AS_OF + dt.timedelta(days=d + w) for d in days]
        for end, w in (("low", -5), ("high", 5))
    }


def full(n: int = 10) -> pa.Table:
    values = {name: [2.0 + i % 3 for i in range(n)] for name in ("value_90d", "value_12m")}
    ends = {
        f"{name}_{end}": [x + w for x in v]
        for name, v in values.items()
        for end, w in (("low", -1), ("high", 1))
    }
    facts = {"past_cadence": [i % 2 == 0 for i in range(n)], "past_90_days": [True] * n}
    return people_of(
        [0.6] * n, segment_id=[1 + i % 2 for i in range(n)], tenure_days=[30 if i < 4 else 300 for i in range(n)],
        **values, **ends, **facts, **windows([10 + i for i in range(n)]),
    )  # fmt: skip


def test_leaving_mirrors_ordering_and_every_measure_has_its_interval():
    found = told(full(), ERRORS)
    ordering, leaving = found["1", "ordering_90d"], found["1", "leaving_90d"]
    assert leaving["value"] == pytest.approx(0.4) == pytest.approx(1 - ordering["value"])
    assert (leaving["low"], leaving["high"]) == pytest.approx((1 - ordering["high"], 1 - ordering["low"]))
    assert all(row["low"] <= row["value"] <= row["high"] for row in found.values())
    SEGMENTS.in_memory([{**row, "as_of": AS_OF, "month": AS_OF.replace(day=1)} for row in found.values()])


def test_values_add_up_and_new_customers_are_told_apart():
    found = told(full(), ERRORS)
    assert found[ALL, "value_12m_sum"]["value"] == pytest.approx(
        sum(found[s, "value_12m_sum"]["value"] for s in ("1", "2"))
    )
    assert found[ALL, "value_12m_of_new"]["customers"] == 4
    assert found[ALL, "value_12m_of_new"]["value"] == pytest.approx(np.mean([2, 3, 4, 2]))


def test_the_interval_of_a_value_knows_customers_and_the_model():
    alone, off = told(full()), told(full(), ERRORS)
    row = alone[ALL, "value_90d"]
    assert (row["high"] - row["low"]) / 2 == pytest.approx(1 / np.sqrt(10)), "each 1 wide, independent"
    assert off[ALL, "value_90d"]["high"] > row["high"]


def test_the_next_order_is_the_median_of_the_windows_middles():
    row = told(people_of([0.5] * 5, **windows([3, 9, 20, None, 90])))[ALL, "next_order_days"]
    assert (row["value"], row["customers"]) == (14.5, 4) and row["low"] <= 14.5 <= row["high"]


def test_what_is_in_no_table_or_empty_of_everybody_is_null():
    for people in (people_of([0.5] * 3), people_of([0.5] * 3, value_12m=pa.nulls(3, pa.float64()))):
        row = told(people)["1", "value_12m"]
        assert row["value"] is None and row["customers"] == 0
    row = told(people_of([None, None]))["1", "leaving_90d"]
    assert row["value"] is None and row["low"] is None and row["customers"] == 0
    assert measures(people_of([]), []) == []


def test_whom_to_win_is_said_with_its_caveat_and_small_segments_are_withheld():
    found = measures(full(), ERRORS)
    assert "Segment" in shown.acquisition(found, set()) and "describes who is there" in shown.acquisition(
        found, set()
    )
    assert "segment 2" not in shown.acquisition(found, {"2"}).lower()
    lines = shown.segments(found, {"2"}).splitlines()
    assert shown.WITHHELD in lines[3] and "%" not in lines[3].replace(shown.WITHHELD, "")


@pytest.mark.parametrize("n", [1, 7, 475, 557])
def test_a_share_of_all_or_of_none_stays_a_share(n):
    found = told(people_of([0.6] * n, past_cadence=[True] * n, past_90_days=[False] * n))
    every, none = found[ALL, "past_cadence"], found[ALL, "past_90_days"]
    assert (none["low"], none["value"]) == (0.0, 0.0) and (every["value"], every["high"]) == (1.0, 1.0)
    assert 0 < none["high"] < 1 and 0 < every["low"] < 1


def test_a_small_share_and_what_would_give_it_away_are_withheld():
    def counted(*parts):
        return [
            {"segment": str(i), "measure": "past_cadence", "value": part / 100, "customers": 100}
            for i, part in enumerate(parts, start=1)
        ]

    assert of_few(counted(50, 40, 30), "past_cadence") == set()
    assert of_few(counted(50, 40, 0), "past_cadence") == set()
    assert of_few(counted(50, 40, 5), "past_cadence") == {"2", "3"}
    assert of_few(counted(50, 40, 95), "past_cadence") == {"1", "3"}
    every = {"segment": ALL, "measure": "past_cadence", "value": 0.01, "customers": 300}
    unknown = {"segment": "4", "measure": "past_cadence", "value": None, "customers": 100}
    assert of_few([*counted(50, 40, 30), every, unknown], "past_cadence") == set()
