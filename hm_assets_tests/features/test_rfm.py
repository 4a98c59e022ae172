"""Recency, frequency and monetary value as of a day: no number sees a later one."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.sources.contract import ONLINE, STORE
from hm_assets.warehouse.calendar import as_of_dates, month_end, month_of
from hm_assets_tests.features.histories import days, features

FIRST, LAST = dt.date(2019, 1, 1), dt.date(2020, 12, 31)
# A snapshot costs half a second however few lines it has: few examples, each of many customers.
CUSTOMERS = range(1, 13)
LINES = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS),
        st.dates(FIRST, LAST),
        st.integers(1, 10),
        st.integers(1, 20_000).map(lambda cents: cents / 59_000),
        st.sampled_from([STORE, ONLINE]),
    ),
    min_size=30,
    max_size=90,
)


def seen(lines, as_of: dt.date) -> dict[int, dict]:
    return features([line for line in lines if line[1] <= as_of], month_of(as_of), as_of)


def of_one(bought: list[dt.date], as_of: dt.date) -> dict:
    return seen([(1, day, 1, 0.5, STORE) for day in bought], as_of)[1]


@pytest.mark.slow
@settings(max_examples=12)
@given(LINES, st.dates(FIRST, LAST))
def test_deleting_the_future_changes_nothing(lines, cut):
    before = [line for line in lines if line[1] <= cut]
    if before:
        # as_of is the last day of its month, or the data would tell that the month went on.
        as_of = max(line[1] for line in before)
        lines = before + [line for line in lines if month_of(line[1]) > month_of(as_of)]
        assert features(lines, month_of(as_of)) == features(before, month_of(as_of))


@pytest.mark.slow
@settings(max_examples=12)
@given(LINES, st.dates(FIRST, LAST), st.randoms(use_true_random=False))
def test_the_snapshot_is_what_a_loop_over_the_lines_counts(lines, as_of, random):
    shuffled = random.sample(lines, len(lines))
    got = seen(shuffled, as_of)
    assert got.keys() == {line[0] for line in lines if line[1] <= as_of}
    for customer, row in got.items():
        mine = [line for line in lines if line[0] == customer and line[1] <= as_of]
        year = [line for line in mine if (as_of - line[1]).days < 365]
        orders = {(line[1], line[4]) for line in mine}
        assert row["recency_days"] == (as_of - max(line[1] for line in mine)).days
        assert row["tenure_days"] == (as_of - min(line[1] for line in mine)).days
        assert row["purchase_days"] == len({line[1] for line in mine})
        assert (row["orders"], row["items"]) == (len(orders), len(mine))
        assert row["orders_365d"] == len({(line[1], line[4]) for line in year})
        assert row["online_orders_365d"] == len({line[1] for line in year if line[4] == ONLINE})
        assert row["items_365d"] == len(year)
        assert row["spend"] == pytest.approx(sum(line[3] for line in mine), abs=1e-7)
        assert row["spend_365d"] == pytest.approx(sum(line[3] for line in year), abs=1e-7)


@pytest.mark.slow
@settings(max_examples=6)
@given(LINES, st.permutations(CUSTOMERS))
def test_another_numbering_of_customers_changes_no_number(lines, keys):
    renamed = dict(zip(CUSTOMERS, keys, strict=True))
    before, after = seen(lines, LAST), seen([(renamed[line[0]], *line[1:]) for line in lines], LAST)
    without_key = {
        key: {name: value for name, value in row.items() if name != "customer_key"}
        for key, row in after.items()
    }
    assert without_key == {
        renamed[key]: {name: value for name, value in row.items() if name != "customer_key"}
        for key, row in before.items()
    }


def test_deleting_the_day_after_the_leap_day_changes_nothing():
    leap = [(1, dt.date(2020, 2, 29), 1, 0.1, STORE)]
    after = (1, dt.date(2020, 3, 1), 1, 0.1, ONLINE)
    assert features([*leap, after], dt.date(2020, 2, 1)) == features(leap, dt.date(2020, 2, 1))


@pytest.mark.parametrize("as_of", [dt.date(2020, 2, 29), dt.date(2020, 3, 1), dt.date(2019, 12, 31), LAST])
def test_a_year_is_the_365_days_that_end_with_as_of(as_of):
    inside, outside = as_of - dt.timedelta(days=364), as_of - dt.timedelta(days=365)
    row = of_one([inside, outside, as_of, as_of + dt.timedelta(days=1)], as_of)
    assert (row["orders"], row["orders_365d"], row["items_365d"], row["spend_365d"]) == (3, 2, 2, 1.0)


@pytest.fixture(scope="module")
def rows():
    """A year ago, today, and today in both channels."""
    bought = [(1, dt.date(2019, 1, 1), STORE), (2, LAST, ONLINE), (3, LAST, STORE), (3, LAST, ONLINE)]
    return seen([(customer, day, 1, 0.5, channel) for customer, day, channel in bought], LAST)


def test_who_has_not_bought_for_a_year_has_zeros_and_not_gaps(rows):
    assert rows[1]["spend"] == 0.5
    assert [rows[1][f"{name}_365d"] for name in ("orders", "online_orders", "items", "spend")] == [0, 0, 0, 0]


def test_a_single_purchase_today_is_a_recency_and_a_tenure_of_zero(rows):
    row = rows[2]
    assert (row["recency_days"], row["tenure_days"], row["purchase_days"], row["orders"]) == (0, 0, 1, 1)
    assert row["online_orders_365d"] == 1


def test_two_channels_on_one_day_are_two_orders_on_one_purchase_day(rows):
    assert (rows[3]["purchase_days"], rows[3]["orders"], rows[3]["orders_365d"]) == (1, 2, 2)


def test_recency_counts_from_as_of_whatever_year_it_is_now():
    """A table of 1999 says what it said in 1999: no clock is read."""
    assert of_one([dt.date(1999, 12, 1)], dt.date(1999, 12, 31))["recency_days"] == 30


def test_who_buys_only_later_is_not_there_yet():
    assert seen([(1, LAST, 1, 0.5, STORE)], LAST - dt.timedelta(days=1)) == {}


def test_as_of_is_the_latest_day_of_the_month_or_its_end_where_nobody_bought():
    table = days([(1, dt.date(2020, 1, 30), 1, 0.5, STORE), (2, dt.date(2020, 3, 2), 1, 0.5, STORE)])
    months = [dt.date(2020, 1, 1), dt.date(2020, 2, 1), dt.date(2020, 3, 1)]
    found = as_of_dates(table, months)
    assert list(found.values()) == [dt.date(2020, 1, 30), dt.date(2020, 2, 29), dt.date(2020, 3, 2)]
    february = features([(1, dt.date(2020, 1, 30), 1, 0.5, STORE)], months[1])[1]
    assert (february["recency_days"], february["as_of"]) == (30, month_end(months[1]))


def test_a_later_line_of_the_base_moves_no_earlier_as_of():
    table = days([(1, dt.date(2020, 1, 30), 1, 0.5, STORE)])
    later = days([(1, dt.date(2020, 1, 30), 1, 0.5, STORE), (1, dt.date(2020, 2, 5), 1, 0.5, STORE)])
    january = [dt.date(2020, 1, 1)]
    assert as_of_dates(table, january) == as_of_dates(later, january)
