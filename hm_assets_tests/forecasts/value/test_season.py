import datetime as dt

import numpy as np
import pytest

from hm_assets.forecasts.value.season import Spent, effects, totals
from hm_assets.warehouse.calendar import add_months
from hm_assets_tests.forecasts.shops import FIRST, LAST, shop

START = dt.date(2018, 10, 1)


def year(spend, months: int = 12) -> dict[dt.date, Spent]:
    return {add_months(START, k): Spent(spend(add_months(START, k)), 30, 1e-6) for k in range(months)}


def test_the_season_is_the_share_of_the_year_that_the_next_three_months_took():
    found = effects(year(lambda month: 30.0 if month.month == 12 else 10.0), dt.date(2019, 9, 1))
    # From the end of September: 10, 10 and 30 of 140 in a year, for a fair quarter of 35.
    assert found == {9: pytest.approx(np.log(50 / 35), abs=1e-4)}


def test_years_are_averaged_and_nothing_later_is_read():
    spent = year(lambda month: 20.0 if month.month == 11 else 10.0, 26)
    assert set(effects(spent, dt.date(2019, 9, 1))) == {9}
    assert set(effects(spent, dt.date(2020, 3, 1))) == {9, 10, 11, 12, 1, 2, 3}
    assert effects(spent, dt.date(2020, 9, 1))[9] == pytest.approx(np.log(40 / 32.5), abs=1e-4)


def test_without_a_year_or_without_spend_there_is_no_season():
    assert effects({}, dt.date(2019, 9, 1)) == {}
    assert effects(year(lambda _: 10.0, 11), dt.date(2020, 9, 1)) == {}
    assert effects(year(lambda _: 0.0), dt.date(2019, 9, 1)) == {}


def test_few_customers_prove_less_than_many():
    few = {month: Spent(one.total, 30, one.total**2) for month, one in year(lambda m: 10.0 + m.month).items()}
    many = {month: Spent(one.total, 30, 1e-9) for month, one in few.items()}
    assert abs(effects(few, dt.date(2019, 9, 1))[9]) < 0.2 * abs(effects(many, dt.date(2019, 9, 1))[9])


def test_totals_are_those_of_the_lines_and_know_how_many_days_a_month_had():
    known = shop(customers=30)
    found = totals(known.days, FIRST, LAST)
    rows = known.days.to_pyarrow().to_pylist()
    month = dt.date(2018, 9, 1)
    mine = [row for row in rows if row["month"] == month]
    assert found[month].total == pytest.approx(sum(row["spend"] for row in mine)) and found[month].days == 11
    by_customer: dict[int, float] = {}
    for row in mine:
        by_customer[row["customer_key"]] = by_customer.get(row["customer_key"], 0.0) + row["spend"]
    assert found[month].squares == pytest.approx(sum(v**2 for v in by_customer.values()), abs=1e-6)
    assert found[dt.date(2020, 2, 1)].days == 29
    until = dt.date(2020, 2, 15)
    assert totals(known.days, FIRST, until) == totals(known.known_on(until).days, FIRST, until)
    assert totals(known.days, FIRST, until)[dt.date(2020, 2, 1)].days == 15
