"""An article's day in a channel: who came back for it and how old its buyers are."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.features.tables import ARTICLE_DAYS
from hm_assets.sources.contract import ONLINE, STORE
from hm_assets_tests.features.histories import article_days_of

DAY = dt.date(2020, 3, 1)


def counted(lines, ages=None) -> list[dict]:
    table = article_days_of(lines, ages)
    assert set(table.columns) == {column.name for column in ARTICLE_DAYS.stored_columns}
    return table.order_by("article_key", "t_dat", "sales_channel_id").to_pyarrow().to_pylist()


@pytest.mark.parametrize(("earlier", "returning"), [(0, 0), (1, 1), (28, 1), (29, 0)])
def test_who_bought_it_within_the_four_weeks_before_returns(earlier, returning):
    lines = [(1, DAY - dt.timedelta(days=earlier), 1, 0.1, STORE), (1, DAY, 1, 0.1, ONLINE)]
    assert counted(lines)[-1]["returning"] == returning


def test_another_customer_or_article_is_no_return():
    before = DAY - dt.timedelta(days=3)
    lines = [(1, before, 1, 0.1, STORE), (2, DAY, 1, 0.1, STORE), (1, DAY, 2, 0.1, STORE)]
    assert [row["returning"] for row in counted(lines)] == [0, 0, 0]


def test_ages_are_those_of_different_customers_where_known():
    lines = [(1, DAY, 1, 0.1, STORE)] * 3 + [(2, DAY, 1, 0.1, STORE), (3, DAY, 1, 0.1, STORE)]
    (row,) = counted(lines, {1: 34, 2: 35, 3: None})
    assert (row["items"], row["customers"]) == (5, 3)
    assert (row["customers_of_known_age"], row["age_sum"], row["customers_under_35"]) == (2, 69, 1)
    (row,) = counted(lines)
    assert (row["customers_of_known_age"], row["age_sum"], row["customers_under_35"]) == (0, 0, 0)


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.dates(dt.date(2020, 1, 25), dt.date(2020, 3, 31)),
            st.integers(1, 2),
            st.integers(1, 999).map(lambda cents: cents / 100),
            st.sampled_from([STORE, ONLINE]),
        ),
        max_size=60,
    )
)
def test_it_is_what_a_loop_over_the_lines_counts(lines):
    rows = counted(lines)
    assert len(rows) == len({(line[2], line[1], line[4]) for line in lines})
    for row in rows:
        mine = [line for line in lines if line[2] == row["article_key"]]
        today = [line for line in mine if (line[1], line[4]) == (row["t_dat"], row["sales_channel_id"])]
        buyers = {line[0] for line in today}
        back = {line[0] for line in mine if 1 <= (row["t_dat"] - line[1]).days <= 28} & buyers
        assert (row["items"], row["customers"], row["returning"]) == (len(today), len(buyers), len(back))
        assert row["spend"] == pytest.approx(sum(line[3] for line in today), abs=1e-9)
