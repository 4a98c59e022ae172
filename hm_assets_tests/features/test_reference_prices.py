"""What an article used to cost, before the day it is sold on."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.features.article_days import reference_prices
from hm_assets_tests.features.histories import article_days_of, days

START = dt.date(2019, 1, 1)
LINES = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(0, 200).map(lambda n: START + dt.timedelta(days=n)),
        st.integers(1, 3),
        st.integers(1, 99).map(lambda cents: cents / 100),
        st.sampled_from([1, 2]),
    ),
    max_size=30,
)


def references(lines) -> dict[tuple[int, dt.date], float]:
    found = reference_prices(article_days_of(lines)).to_pyarrow().to_pylist()
    return {(row["article_key"], row["t_dat"]): row["reference_price"] for row in found}


@settings(max_examples=25)
@given(LINES)
def test_it_is_the_mean_price_of_the_90_days_before(lines):
    wanted = {}
    for _, day, article, _, _ in lines:
        before = [p for _, d, a, p, _ in lines if a == article and 0 < (day - d).days <= 90]
        if before:
            wanted[article, day] = pytest.approx(sum(before) / len(before))
    assert references(lines) == wanted


def test_the_day_itself_and_the_91st_day_before_do_not_count():
    day = START + dt.timedelta(days=100)
    old = (1, day - dt.timedelta(days=91), 1, 9.0, 1)
    assert references([old, (1, day, 1, 1.0, 1)]) == {}
    assert references([(1, day - dt.timedelta(days=90), 1, 3.0, 2), (1, day, 1, 1.0, 1)]) == {(1, day): 3.0}


def test_units_below_their_reference_are_counted():
    day = START + dt.timedelta(days=10)
    earlier = [(9, START, 1, 1.0, 1), (9, START, 2, 1.0, 1)]
    bought = [(1, day, 1, 0.5, 1), (1, day, 1, 0.96, 1), (1, day, 2, 0.94, 1), (1, day, 3, 0.1, 1)]
    (row,) = (r for r in days(earlier + bought).to_pyarrow().to_pylist() if r["customer_key"] == 1)
    assert (row["items"], row["items_referenced"], row["items_below_reference"]) == (4, 3, 2)
    assert row["spend_referenced"] == pytest.approx(2.4)
    assert row["reference_spend"] == pytest.approx(3.0)
