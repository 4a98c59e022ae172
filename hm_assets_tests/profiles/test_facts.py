"""Facts about segments, against figures computed by hand."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.profiles import facts
from hm_assets.profiles.members import BEHAVIOUR, RHYTHM, Columns, members
from hm_assets_tests.profiles.customers import columns

AS_OF, MONTH = dt.date(2020, 9, 22), dt.date(2020, 9, 1)
# Segment 1: three customers, 2: two, 0: two who never bought.
TINY = columns(
    [1, 1, 1, 2, 2, 0, 0],
    recency_days=[1, 5, 9, 400, 500, 0, 0],
    orders=[4, 6, 8, 1, 1, 0, 0],
    items=[8, 9, 10, 3, 1, 0, 0],
    spend=[1.0, 2.0, 6.0, 0.5, 0.5, 0, 0],
    orders_365d=[2, 4, 4, 0, 0, 0, 0],
    online_orders_365d=[1, 1, 3, 0, 0, 0, 0],
    spend_365d=[0.5, 1.0, 2.5, 0, 0, 0, 0],
    age=[20, 30, np.nan, np.nan, np.nan, 60, np.nan],
    fn=[1, 0, 0, 0, 1, 1, 0],
    active=[1, 1, 0, 0, 0, 0, 0],
    club_active=[1, 1, np.nan, 0, np.nan, np.nan, np.nan],
    tenure_days=[10, 20, 90, 1, 600, 0, 0],
    mean_gap_days=[2, 3, 5, np.nan, 9, np.nan, np.nan],
    below_reference_share_365d=[0.1, 0.2, 0.3, 0.6, np.nan, np.nan, np.nan],
)
NAMES = {0: "No purchase yet", 1: "A", 2: "B"}


def by_fact(found=TINY, names=NAMES) -> dict[tuple[int, str], dict]:
    return {(row["segment_id"], row["fact"]): row for row in facts.rows_of(found, names, AS_OF, MONTH)}


ROWS = by_fact()


@pytest.mark.parametrize(
    ("segment", "fact", "value", "base"),
    [
        (1, "customers", 3, 5),
        (0, "customers", 2, 5),
        (1, "share_of_customers", 3 / 5, 1),
        (1, "share_of_spend_365d", 1, 1),
        (2, "share_of_spend_365d", 0, 1),
        (1, "recency_days", 5, 9),
        (2, "recency_days", 450, 9),
        (1, "orders", 6, 4),
        (1, "orders_365d", 10 / 3, 2),
        (1, "bought_365d", 1, 3 / 5),
        (2, "bought_365d", 0, 3 / 5),
        (1, "bought_once", 0, 2 / 5),
        (2, "bought_once", 1, 2 / 5),
        (1, "online_share", 5 / 10, 5 / 10),
        (1, "items_per_order", 27 / 18, 31 / 20),
        (2, "items_per_order", 4 / 2, 31 / 20),
        (1, "spend_365d", 4 / 3, 4 / 5),
        (1, "spend_per_order", 9 / 18, 10 / 20),
        (1, "fashion_news", 1 / 3, 2 / 5),
        (0, "fashion_news", 1 / 2, 2 / 5),
        (1, "tenure_days", 20, 20),
        (1, "gap_days", 3, 4),
        (2, "gap_days", 9, 4),
        (1, "discount_share", 0.2, 0.3),
        (1, "price_per_item", 9 / 27, 10 / 31),
        (1, "active", 2 / 3, 2 / 5),
        (1, "club_active", 1, 2 / 3),
        (2, "club_active", 0, 2 / 3),
    ],
)
def test_a_fact_of_a_tiny_base_is_what_a_pencil_says(segment, fact, value, base):
    row = ROWS[segment, fact]
    assert (row["value"], row["base"]) == pytest.approx((value, base))
    if row["kind"] == "size":
        assert row["index_to_base"] is None
    else:
        assert row["index_to_base"] == pytest.approx(100 * value / base)


@pytest.mark.parametrize(
    ("segment", "fact", "customers"),
    [
        (1, "customers", 3),
        (1, "recency_days", 3),
        (1, "club_active", 2),
        (2, "gap_days", 1),
        (2, "discount_share", 1),
        (1, "online_share", 3),
        (2, "spend_per_order", 2),
        (1, "orders_365d", 3),
        (2, "orders_365d", 0),
        (2, "spend_365d", 0),
        (2, "share_of_spend_365d", 0),
        (2, "bought_365d", 2),
    ],
)
def test_a_fact_knows_how_many_customers_it_rests_on(segment, fact, customers):
    assert ROWS[segment, fact]["customers"] == customers


@pytest.mark.parametrize(
    ("segment", "fact"),
    [
        (1, "club_left"),  # nobody's status is known
        (2, "online_share"),  # no order in the year
        (0, "club_active"),  # nobody's status is known
        (0, "share_of_customers"),
    ],
)
def test_what_the_data_lacks_is_left_out_rather_than_invented(segment, fact):
    assert (segment, fact) not in ROWS


def test_who_never_bought_has_only_facts_that_need_no_purchase():
    assert {fact for segment, fact in ROWS if segment == 0} == {
        "customers",
        "fashion_news",
        "active",
    }


def test_the_base_is_all_customers_with_purchases():
    """The group without purchases moves no other segment's figures."""
    buyers = TINY["segment_id"] > 0
    alone = by_fact({name: values[buyers] for name, values in TINY.items()}, {1: "A", 2: "B"})
    assert {key: row for key, row in ROWS.items() if key[0] > 0} == alone


def test_intervals_stay_where_a_fact_can_be():
    """Normal intervals of few customers would reach below 0 and above a share of 1."""
    few = columns(
        [1, 1, 1], orders_365d=[9, 1, 0], online_orders_365d=[9, 0, 0], orders=[9, 1, 1], spend_365d=[9, 0, 0]
    )
    for row in facts.rows_of(few, {1: "A"}, AS_OF, MONTH):
        if row["low"] is not None:
            assert 0 <= row["low"] <= row["value"] <= row["high"]
            assert row["unit"] != "share" or row["high"] <= 1


def test_a_base_where_nobody_ever_bought_has_sizes_and_attributes_only():
    found = by_fact(columns([0, 0], fn=[1, 0]), {0: "No purchase yet"})
    assert {key[1] for key in found} == {"customers", "fashion_news"}
    assert found[0, "fashion_news"]["base"] is None
    assert found[0, "fashion_news"]["effect"] is None


def test_a_single_segment_is_the_base_and_differs_from_nobody():
    alone = by_fact(columns([1, 1], orders=[1, 3], recency_days=[5, 5]), {1: "A"})
    assert alone[1, "orders"]["index_to_base"] == 100
    assert all(row.get("effect") is None for row in alone.values())


def test_another_order_of_customers_moves_no_fact_of_few():
    """The bootstrap of a ratio sorts its rows first: neither ids nor order are in it."""
    rng = np.random.default_rng(4)
    few = columns(
        rng.integers(1, 3, 80),
        items=rng.integers(1, 9, 80),
        orders=rng.integers(1, 4, 80),
        spend=rng.random(80),
    )
    order = rng.permutation(80)
    shuffled = {name: values[order] for name, values in few.items()}
    one, other = by_fact(few, {1: "A", 2: "B"}), by_fact(shuffled, {1: "A", 2: "B"})
    for key, row in one.items():
        assert {
            k: pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for k, v in row.items()
        } == other[key]


def joined(fn: list[int], status: list[str | None], active: list[int] | None = None) -> Columns:
    keys = pa.array([3, 1, 2], pa.int64())
    assignments = pa.table({"customer_key": keys, "segment_id": pa.array([0, 1, 2], pa.int32())})
    bought = {name: pa.array([5.0, 7.0]) for name in (*BEHAVIOUR, *RHYTHM)}
    features = pa.table({"customer_key": [2, 1], "as_of": [AS_OF] * 2, "month": [MONTH] * 2, **bought})
    customers = pa.table(
        {
            "customer_key": pa.array([1, 2, 3], pa.int64()),
            "age": pa.array([None, 40, 50], pa.int16()),
            "fn": pa.array(fn, pa.int8()),
            "active": pa.array(active or fn, pa.int8()),
            "club_member_status": pa.array(status, pa.string()),
        }
    )
    return members(*(ibis.memtable(table) for table in (assignments, features, customers)))


def test_each_customer_of_the_month_is_one_entry_with_behaviour_and_attributes():
    found = joined([1, 0, 0], ["ACTIVE", "LEFT CLUB", None])
    assert found["segment_id"].tolist() == [1, 2, 0]
    for name in BEHAVIOUR:
        assert found[name].tolist() == [7.0, 5.0, 0.0]
    for name in RHYTHM:
        assert np.array_equal(found[name], [7, 5, np.nan], equal_nan=True)
    assert np.array_equal(found["age"], [np.nan, 40, 50], equal_nan=True)
    assert found["fn"].tolist() == [1, 0, 0]
    assert np.array_equal(found["club_active"], [1, 0, np.nan], equal_nan=True)
    assert np.array_equal(found["club_left"], [0, 1, np.nan], equal_nan=True)


def test_a_column_that_the_files_lack_is_no_fact():
    """Complete Journey has no FN and no club: 0 % would be invented."""
    found = joined([0, 0, 0], [None, None, None])
    rows = facts.rows_of(found, {1: "A", 2: "B", 0: "C"}, AS_OF, MONTH)
    assert not {"fashion_news", "active", "club_active"} & {row["fact"] for row in rows}
