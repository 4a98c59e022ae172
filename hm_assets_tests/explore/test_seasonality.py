"""Weeks, STL and the calendar."""

import datetime as dt
import math

import ibis
import pytest

from hm_assets.explore.seasonality import calendar, daily, decompose, strength, weekly
from hm_assets_tests.explore import shops
from hm_assets_tests.features.histories import days


def made(lines, as_of):
    table = days(lines)
    return daily(table, as_of), table


def test_weeks_are_whole_and_end_on_as_of():
    lines = shops.lines(customers=10, days=45)
    as_of = max(line[1] for line in lines)
    by_day, _ = made(lines, as_of)
    weeks = weekly(by_day, as_of)
    first = min(line[1] for line in lines)
    assert len(weeks) == ((as_of - first).days + 1) // 7
    assert weeks[-1]["week_end"] == as_of
    for week in weeks:
        inside = [line for line in lines if 0 <= (week["week_end"] - line[1]).days < 7]
        assert week["items"] == len(inside)
        assert week["spend"] == pytest.approx(sum(line[3] for line in inside))
        assert week["trend"] is None


def test_a_planted_season_and_trend_come_apart():
    weeks = range(130)
    units = [round(1000 * 1.004**week * (1 + 0.5 * math.sin(2 * math.pi * week / 52))) for week in weeks]
    parts = decompose(units)
    for week, part in zip(weeks, parts, strict=True):
        assert units[week] == pytest.approx(part["trend"] * part["seasonal"] * part["remainder"], rel=1e-6)
    assert parts[13]["seasonal"] == pytest.approx(1.5, rel=0.2)
    assert parts[39]["seasonal"] == pytest.approx(0.5, rel=0.25)
    assert parts[-1]["trend"] / parts[0]["trend"] == pytest.approx(1.004**129, rel=0.15)
    assert strength(parts, "seasonal") > 0.9


@pytest.mark.parametrize("units", [[5] * 103, [5] * 60 + [0] + [5] * 60])
def test_too_short_or_broken_a_history_is_not_decomposed(units):
    assert {part["trend"] for part in decompose(units)} == {None}


def test_weekdays_and_months_count_days_without_sales_too():
    monday = dt.date(2019, 3, 4)
    lines = [(1, monday + dt.timedelta(days=7 * week), 1, 0.03, 1) for week in range(9)]
    as_of = lines[-1][1]
    by_day, table = made(lines, as_of)
    found = calendar(table, by_day, as_of)
    weekdays = {line["label"]: line for line in found if line["kind"] == "weekday"}
    assert weekdays["Monday"]["items_per_day"] == 1
    assert weekdays["Tuesday"]["items_per_day"] == 0
    march = next(line for line in found if line["kind"] == "month" and line["position"] == 3)
    assert (march["days"], march["items_per_day"]) == (28, pytest.approx(4 / 28))


def test_later_rows_change_nothing():
    lines = shops.lines(customers=20, days=120)
    as_of = shops.FIRST + dt.timedelta(days=70)
    whole = days(lines)
    cut = days([line for line in lines if line[1] <= as_of])
    assert weekly(daily(whole, as_of), as_of) == weekly(daily(cut, as_of), as_of)
    assert calendar(whole, daily(whole, as_of), as_of) == calendar(cut, daily(cut, as_of), as_of)


def test_no_sale_is_no_week():
    empty = days([]).filter(ibis.literal(True))
    assert weekly(daily(empty, shops.FIRST), shops.FIRST) == []
    assert calendar(empty, [], shops.FIRST) == []
