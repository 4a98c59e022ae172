import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.demand.history import history, last_whole_month

JULY, AUGUST = dt.date(2020, 7, 1), dt.date(2020, 8, 1)


def bought(*rows: tuple[int, dt.date, str, int]) -> ibis.Table:
    columns = {
        "customer_key": pa.array([row[0] for row in rows], pa.int64()),
        "month": pa.array([row[1] for row in rows], pa.date32()),
        "attribute": pa.array(["product_group"] * len(rows)),
        "value": pa.array([row[2] for row in rows], pa.string()),
        "items": pa.array([row[3] for row in rows], pa.int32()),
        "spend": pa.array([row[3] / 59 for row in rows], pa.float64()),
    }
    return ibis.memtable(pa.table(columns))


def placed(*rows: tuple[int, dt.date, int]) -> ibis.Table:
    columns = {
        "customer_key": pa.array([row[0] for row in rows], pa.int64()),
        "month": pa.array([row[1] for row in rows], pa.date32()),
        "segment_id": pa.array([row[2] for row in rows], pa.int32()),
        "model_version": pa.array(["v1"] * len(rows), pa.string()),
    }
    return ibis.memtable(pa.table(columns))


def units(table: ibis.Table) -> dict[tuple[int, str], int]:
    rows = table.to_pyarrow().to_pylist()
    return {(row["segment_id"], row["category"]): row["units"] for row in rows}


def test_a_month_s_units_belong_to_the_segment_of_the_month_before():
    sales = bought(
        (1, AUGUST, "Shoes", 2), (1, JULY, "Shoes", 9), (2, AUGUST, "Bags", 1), (3, AUGUST, "Bags", 4)
    )
    segments = placed((1, JULY, 5), (2, JULY, 5), (1, AUGUST, 7), (2, AUGUST, 7), (3, AUGUST, 7))
    found = history(sales, segments, AUGUST)
    assert units(found) == {(5, "Shoes"): 2, (5, "Bags"): 1, (0, "Bags"): 4}, "a newcomer was in no segment"
    assert {row["segments_version"] for row in found.to_pyarrow().to_pylist()} == {"v1"}


def test_the_first_month_has_no_segments_and_other_attributes_do_not_count():
    sales = bought((1, JULY, "Shoes", 2))
    other = sales.mutate(attribute=ibis.literal("colour"))
    found = history(ibis.union(sales, other), placed((1, JULY, 5)), JULY)
    assert units(found) == {(0, "Shoes"): 2}
    assert found.segments_version.to_pyarrow().null_count == 1


def days(first: dt.date, last: dt.date, closed: set[int] = frozenset()) -> ibis.Table:
    all_ = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
    sold = [day for day in all_ if day.weekday() not in closed]
    columns = {
        "t_dat": pa.array(sold, pa.date32()),
        "month": pa.array([day.replace(day=1) for day in sold], pa.date32()),
    }
    return ibis.memtable(pa.table(columns))


@pytest.mark.parametrize(
    ("last", "closed", "month", "whole"),
    [
        (dt.date(2020, 9, 22), set(), dt.date(2020, 9, 1), AUGUST),
        (dt.date(2020, 9, 30), set(), dt.date(2020, 9, 1), dt.date(2020, 9, 1)),
        (dt.date(2020, 9, 29), set(), dt.date(2020, 9, 1), AUGUST),
        # The 31st of May 2020 was a Sunday: a shop that is shut then has a whole month.
        (dt.date(2020, 5, 30), {6}, dt.date(2020, 5, 1), dt.date(2020, 5, 1)),
        (dt.date(2020, 5, 29), {6}, dt.date(2020, 5, 1), dt.date(2020, 4, 1)),
        # Months after the lines end: the last whole one stays the same; earlier ones know nothing of later lines.
        (dt.date(2020, 9, 22), set(), dt.date(2020, 11, 1), AUGUST),
        (dt.date(2020, 9, 22), set(), JULY, JULY),
    ],
)
def test_a_month_is_whole_when_lines_reach_its_end(last, closed, month, whole):
    assert last_whole_month(days(dt.date(2020, 3, 10), last, closed), month) == whole


def test_a_long_pause_makes_no_month_whole_and_no_line_none():
    first, second = (
        days(dt.date(2020, 3, 1), dt.date(2020, 4, 2)),
        days(dt.date(2020, 6, 1), dt.date(2020, 9, 20)),
    )
    assert last_whole_month(ibis.union(first, second), dt.date(2020, 9, 1)) == AUGUST
    assert last_whole_month(first.filter(False), AUGUST) is None
