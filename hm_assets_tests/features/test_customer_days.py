"""What counts as one order, and sums that do not depend on the order of rows."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.features.customer_days import exact_sum
from hm_assets.features.tables import CUSTOMER_DAYS
from hm_assets.sources.contract import ONLINE, STORE
from hm_assets_tests.features.histories import days

DAY = dt.date(2019, 3, 5)


def counted(lines) -> list[dict]:
    table = days(lines)
    assert set(table.columns) == {column.name for column in CUSTOMER_DAYS.stored_columns}
    return table.order_by("customer_key", "t_dat", "sales_channel_id").to_pyarrow().to_pylist()


def test_repeated_lines_are_quantity():
    (row,) = counted([(1, DAY, 7, 0.1, STORE)] * 3 + [(1, DAY, 8, 0.2, STORE)])
    assert (row["items"], row["articles"], row["spend"]) == (4, 2, 0.5)


def test_a_basket_is_a_customers_day_in_a_channel():
    later = DAY + dt.timedelta(days=1)
    rows = counted(
        [
            (1, DAY, 7, 0.1, STORE),
            (1, DAY, 7, 0.1, ONLINE),
            (1, later, 7, 0.1, STORE),
            (2, DAY, 7, 0.1, STORE),
        ]
    )
    assert [(row["customer_key"], row["t_dat"], row["sales_channel_id"]) for row in rows] == [
        (1, DAY, STORE),
        (1, DAY, ONLINE),
        (1, later, STORE),
        (2, DAY, STORE),
    ]
    assert [row["new_day"] for row in rows] == [1, 0, 1, 1]


def test_channel_two_is_online():
    assert (STORE, ONLINE) == (1, 2)


def test_spend_has_the_same_bits_whatever_the_order_of_rows_and_the_number_of_threads():
    rng = np.random.default_rng(0)
    prices = np.concatenate([rng.integers(1, 35_000, 250_000) / 59_000, [1e5, 1e-9, 123456.789]])
    exact, naive = set(), set()
    for threads in (1, 4, 4):
        engine = ibis.duckdb.connect(threads=threads, preserve_insertion_order=False)
        table = ibis.memtable(pa.table({"price": rng.permutation(prices)}))
        sums = engine.to_pyarrow(table.agg(exact=exact_sum(table.price), naive=table.price.sum()))
        exact.add(sums["exact"][0].as_py())
        naive.add(sums["naive"][0].as_py())
        engine.disconnect()
    assert len(naive) > 1
    (total,) = exact
    assert total == pytest.approx(prices.sum(), abs=len(prices) * 0.5e-9)


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.dates(dt.date(2019, 1, 30), dt.date(2019, 2, 2)),
            st.integers(1, 3),
            st.integers(0, 999).map(lambda cents: cents / 100),
            st.sampled_from([STORE, ONLINE]),
        ),
        max_size=30,
    )
)
def test_nothing_is_lost(lines):
    rows = counted(lines)
    assert sum(row["items"] for row in rows) == len(lines)
    assert sum(round(row["spend"] * 100) for row in rows) == sum(round(line[3] * 100) for line in lines)
    assert len(rows) == len({(line[0], line[1], line[4]) for line in lines})
