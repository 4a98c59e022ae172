"""Months and as-of dates."""

import datetime as dt
import itertools

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.warehouse import calendar

MONTHS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)).map(calendar.month_of)


@given(month=MONTHS, count=st.integers(-500, 500))
def test_adding_and_taking_away_months_comes_back(month, count):
    there = calendar.add_months(month, count)
    assert there.day == 1
    assert calendar.add_months(there, -count) == month


@pytest.mark.parametrize(
    ("month", "end"),
    [
        ("2020-02", "2020-02-29"),
        ("2019-02", "2019-02-28"),
        ("2018-12", "2018-12-31"),
        ("2020-09", "2020-09-30"),
    ],
)
def test_a_month_ends_where_the_calendar_says(month, end):
    assert calendar.month_end(calendar.parse_month(month)) == dt.date.fromisoformat(end)


def test_months_between_include_both_ends():
    months = list(calendar.months_between(dt.date(2018, 11, 20), dt.date(2019, 2, 1)))
    assert [f"{m:%Y-%m}" for m in months] == ["2018-11", "2018-12", "2019-01", "2019-02"]


@given(st.sets(MONTHS, max_size=40))
def test_contiguous_runs_hold_exactly_the_months(months):
    runs = calendar.contiguous(months)
    assert {m for first, last in runs for m in calendar.months_between(first, last)} == months
    for (_, last), (first, _) in itertools.pairwise(runs):
        assert calendar.add_months(last, 1) < first


def test_as_of_is_the_latest_day_with_a_line_or_the_month_end():
    days = ibis.memtable(
        {
            "t_dat": [dt.date(2018, 9, 20), dt.date(2018, 9, 27), dt.date(2018, 11, 2)],
            "month": [dt.date(2018, 9, 1), dt.date(2018, 9, 1), dt.date(2018, 11, 1)],
        }
    )
    months = [dt.date(2018, 9, 1), dt.date(2018, 10, 1), dt.date(2018, 11, 1)]
    assert calendar.as_of_dates(days, months) == {
        dt.date(2018, 9, 1): dt.date(2018, 9, 27),
        dt.date(2018, 10, 1): dt.date(2018, 10, 31),
        dt.date(2018, 11, 1): dt.date(2018, 11, 2),
    }


@pytest.mark.parametrize(
    ("rows", "pairs"),
    [
        ({"2019-01": 2, "2019-02": 2, "2019-03": 1}, [("2019-01", "2019-03")]),
        ({"2019-01": 3, "2019-02": 3, "2019-03": 1}, [("2019-01", "2019-01"), ("2019-02", "2019-03")]),
        # A month without rows takes no room, one with too many stands alone.
        (
            {"2019-01": 5, "2019-03": 9, "2019-04": 1},
            [("2019-01", "2019-02"), ("2019-03", "2019-03"), ("2019-04", "2019-04")],
        ),
    ],
)
def test_months_that_follow_one_another_share_a_span_of_few_rows(rows, pairs):
    months = list(calendar.months_between(dt.date(2019, 1, 1), calendar.parse_month(max(rows))))
    lines = [{"month": calendar.parse_month(month)} for month, count in rows.items() for _ in range(count)]
    found = calendar.spans(ibis.memtable(lines), months, 5)
    assert [(f"{first:%Y-%m}", f"{last:%Y-%m}") for first, last in found] == pairs


def test_months_apart_share_no_span():
    lines = ibis.memtable([{"month": dt.date(2019, 1, 1)}])
    months = [dt.date(2019, 1, 1), dt.date(2019, 3, 1)]
    assert calendar.spans(lines, months, 5) == [(month, month) for month in months]
