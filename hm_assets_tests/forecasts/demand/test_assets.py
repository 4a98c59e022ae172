"""The assets called as Dagster calls them, what is forecast beyond an incomplete month, and the checks."""

import datetime as dt

import dagster as dg
import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.demand import assets, shown
from hm_assets.forecasts.demand.checks import demand_adds_up, no_unit_is_lost
from hm_assets.forecasts.demand.outlook import outlook, rows_of
from hm_assets.forecasts.demand.tables import DEMAND, DEMAND_HISTORY, DEMAND_SCORES
from hm_assets.warehouse.calendar import add_months
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.forecasts.demand.series import FIRST, seasonal
from hm_assets_tests.forecasts.demand.series import rows_of as history_of
from hm_assets_tests.forecasts.demand.test_history import bought, days, placed, units

LAST, END = add_months(FIRST, 15), dt.date(2019, 6, 30)
"""June 2019: what a test's calendar ends with."""


@pytest.fixture(scope="module")
def history() -> ibis.Table:
    return DEMAND_HISTORY.in_memory(history_of(seasonal(10), add_months(LAST, -9)))


def made(history: ibis.Table, end: dt.date, warehouse: Warehouse) -> list[ibis.Table]:
    context = dg.build_asset_context(partition_key=LAST.isoformat())
    inputs = {"warehouse": warehouse, "demand_history": history, "customer_days": days(FIRST, end)}
    sizes = {"segment_id": [1] * 30 + [2] * 5, "month": pa.array([LAST] * 35, pa.date32())}
    return [
        assets.demand(context, assignments=ibis.memtable(pa.table(sizes)), **inputs),
        assets.demand_scores(context, **inputs),
    ]


def test_a_month_reads_nothing_later_and_small_segments_are_not_shown(history, warehouse):
    demand, scores = made(history, END, warehouse)
    rows, scored = demand.value.to_pyarrow(), scores.value.to_pyarrow()
    assert rows.column_names == [column.name for column in DEMAND.stored_columns]
    assert scored.column_names == [column.name for column in DEMAND_SCORES.stored_columns]
    assert shown.WITHHELD in demand.metadata["demand"].md_str
    later = DEMAND_HISTORY.in_memory(
        history_of(np.concatenate([seasonal(10), 9 * seasonal(2, 5)]), add_months(LAST, -9))
    )
    again, _ = made(later, dt.date(2019, 8, 31), warehouse)
    assert again.value.to_pyarrow().drop(["as_of"]).equals(rows.drop(["as_of"]))
    assert demand_adds_up(demand.value).passed


def test_an_incomplete_month_is_not_taken_for_a_whole_one():
    cells = seasonal(8)
    cells[7] *= 0.1
    whole, cut = add_months(FIRST, 7), add_months(FIRST, 6)
    said = outlook(history_of(cells), cut, whole, 1)
    rows = list(rows_of(said))
    assert {row["forecast_month"] for row in rows} == {add_months(whole, h) for h in (1, 2, 3)}
    assert {row["last_whole_month"] for row in rows} == {cut}
    without = list(rows_of(outlook(history_of(cells[:7]), cut, whole, 1)))
    assert rows == without, "its units are in no figure"
    taken = list(rows_of(outlook(history_of(cells), whole, whole, 1)))
    total = [
        next(r["units"] for r in each if r["segment"] == r["category"] == "all") for each in (rows, taken)
    ]
    assert total[0] > 1.3 * total[1]


def test_a_year_before_stands_beside_and_a_short_history_has_none():
    rows = list(rows_of(outlook(history_of(seasonal(16)), LAST, LAST, 4)))
    first = next(r for r in rows if r["segment"] == r["category"] == "all" and r["months_ahead"] == 1)
    assert first["units_a_year_before"] == seasonal(16)[4].sum(), "the first month is left out"
    short = list(rows_of(outlook(history_of(seasonal(4)), add_months(FIRST, 3), add_months(FIRST, 3), 6)))
    assert all(row["units_a_year_before"] is None and row["low"] is None for row in short)
    assert any("too few earlier months" in row["words"] for row in short)
    assert all("no season" in row["words"] for row in short if row["model"] != "mix")
    assert not any("no season" in row["words"] for row in rows)


def test_no_whole_month_makes_empty_tables(warehouse, history):
    for result in made(history.filter(False), dt.date(2018, 3, 5), warehouse):
        assert result.value.count().execute() == 0
    assert outlook([], None, LAST, 6) is None


def test_a_new_category_starts_from_what_it_sold():
    cells = seasonal(16)
    cells[:14, :, 2] = 0
    rows = list(rows_of(outlook(history_of(cells), LAST, LAST, 4)))
    new = [r["units"] for r in rows if (r["segment"], r["category"]) == ("all", "C")]
    assert min(new) > 0 and max(new) < 4 * cells[14:, :, 2].sum(axis=1).max()


def test_the_checks_find_lost_units_and_sums_that_do_not_add_up(history, warehouse):
    bought = history.group_by("month").agg(items=history.units.sum())
    assert no_unit_is_lost(history, bought).passed
    assert not no_unit_is_lost(history.filter(history.segment_id != 2), bought).passed
    assert not no_unit_is_lost(history.filter(history.month != LAST), bought).passed
    demand = made(history, END, warehouse)[0].value
    more = ibis.ifelse(demand.category == "A", demand.units + 1, demand.units)
    assert not demand_adds_up(demand.mutate(units=more, low=ibis.null("float64"))).passed
    assert not demand_adds_up(demand.filter(demand.category != "A")).passed
    assert not demand_adds_up(demand.mutate(high=demand.units - 1)).passed


def test_the_segment_of_the_month_before_comes_from_the_assignments():
    may = add_months(LAST, -1)
    (part,) = assets.demand_history(
        dg.build_asset_context(partition_key=LAST.isoformat()),
        customer_attributes=bought((1, LAST, "Shoes", 2)),
        assignments=placed((1, may, 5), (1, LAST, 6)),
    )
    assert units(part) == {(5, "Shoes"): 2}
