"""What the lab reads of a customer."""

import datetime as dt
import math

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.features.attributes import POSITIONS, parts
from hm_assets.segments.inputs import SHAPE, SPACES, TASTES, customers_as_of, spend_after
from hm_assets.segments.people import People
from hm_assets.segments.reading import reader, spender

AUGUST, SEPTEMBER = dt.date(2020, 8, 1), dt.date(2020, 9, 1)
AS_OF = dt.date(2020, 9, 22)
GROUPS = [f"clr_{name}" for name in parts("index_group")]


def features(**changed) -> ibis.Table:
    """Three customers in September: one buys online, one in both, one has not bought for a year."""
    plain = {
        "customer_key": [1, 2, 3],
        "as_of": [AS_OF] * 3,
        "month": [SEPTEMBER] * 3,
        "recency_days": [0, 5, 400],
        "tenure_days": [300, 10, 500],
        "purchase_days": [4, 2, 1],
        "orders": [4, 2, 1],
        "items": [8, 2, 3],
        "spend": [0.4, 0.1, 0.03],
        "mean_gap_days": [20.0, 5.0, None],
        "online_share_365d": [1.0, 0.5, None],
    }
    for place, name in enumerate(GROUPS):
        plain[name] = [1.0 if place == 1 else -0.2, 0.7 if place == 0 else -0.1, 0.0]
    return ibis.memtable(pa.table({**plain, **changed}))


def tastes(*rows: tuple[int, dt.date, dict[str, int]]) -> ibis.Table:
    """Customer, month and units by taste; all others 0."""
    columns = [name for attribute in POSITIONS for name in parts(attribute)]
    found = [
        {"customer_key": key, "month": month} | dict.fromkeys(columns, 0) | units
        for key, month, units in rows
    ]
    return ibis.memtable(pa.Table.from_pylist(found))


BOUGHT = tastes(
    (1, SEPTEMBER, {"index_group_1": 3, "product_group_1": 3, "colour_0": 3}),
    (1, AUGUST, {"index_group_1": 1, "product_group_2": 1, "colour_0": 1}),
    (1, dt.date(2019, 9, 1), {"index_group_1": 90, "product_group_1": 90}),  # a year and a month ago
    (1, dt.date(2020, 10, 1), {"index_group_1": 90, "product_group_1": 90}),  # not yet
    (2, SEPTEMBER, {"index_group_0": 2, "product_group_3": 2}),
)


def asked(columns, bought=BOUGHT) -> list[dict]:
    found = customers_as_of(features(), bought, SEPTEMBER, columns)
    return found.order_by("customer_key").to_pyarrow().to_pylist()


@pytest.mark.parametrize("space", SPACES)
def test_every_column_of_every_space_is_there_once_per_customer(space):
    rows = asked(list(SPACES[space]))
    assert [row["customer_key"] for row in rows] == [1, 2, 3]
    assert set(SPACES[space]) <= set(rows[0])


def test_shapes_are_roots_of_the_shares_of_twelve_months_and_tastes_their_units():
    first, second, third = asked([*SHAPE, *TASTES])
    assert [first[name] for name in SHAPE] == pytest.approx([math.sqrt(0.75), math.sqrt(0.25), *[0.0] * 10])
    assert (first["product_group_1"], first["product_group_2"], second["product_group_3"]) == (3, 1, 2)
    assert {third[name] for name in (*SHAPE, *TASTES)} == {0.0}  # nothing in these twelve months


def test_channels_and_favourites_are_named_where_there_are_any():
    rows = asked(["main_channel", "favourite_group", "items_per_order", "price_per_item"])
    assert [row["main_channel"] for row in rows] == ["online", "both", "none"]
    names = parts("index_group")
    assert [row["favourite_group"] for row in rows] == [names[1], names[0], "none"]
    assert [row["items_per_order"] for row in rows] == [2, 1, 3]
    assert rows[0]["price_per_item"] == pytest.approx(0.05)


def days(*rows: tuple[int, dt.date, float]) -> ibis.Table:
    keys, dates, spend = zip(*rows, strict=True)
    return ibis.memtable(pa.table({"customer_key": keys, "t_dat": dates, "spend": spend}))


def test_later_spend_begins_the_day_after_and_ends_with_the_ninetieth():
    table = days(
        (1, AS_OF, 5.0),
        (1, AS_OF + dt.timedelta(1), 1.0),
        (1, AS_OF + dt.timedelta(90), 2.0),
        (1, AS_OF + dt.timedelta(91), 7.0),
        (2, AS_OF, 1.0),
    )
    assert spend_after(table, AS_OF).to_pyarrow().to_pylist() == [{"customer_key": 1, "later_spend": 3.0}]


def test_the_lab_reads_customers_by_behaviour_and_their_later_spend_in_the_same_order():
    load = reader(features(), BOUGHT)
    people = People.of(load, SEPTEMBER, "rfm", None)
    assert people.rows["customer_key"].to_pylist() == [1, 2, 3]  # by recency
    assert People.of(load, SEPTEMBER, "rfm", 2).rows["customer_key"].to_pylist() == [2, 3]  # every n-th
    spent = spender(days((3, AS_OF + dt.timedelta(3), 2.5), (1, AS_OF + dt.timedelta(9), 0.5)))(people)
    assert spent.tolist() == [0.5, 0.0, 2.5]
    assert people.points_of(people.rows.take([2, 0])).tolist() == people.points[[2, 0]].tolist()


def crowd(keys: np.ndarray) -> tuple[ibis.Table, ibis.Table]:
    """600 customers, many of them alike in recency, days, spend and items; and what they bought afterwards."""
    rng = np.random.default_rng(5)
    n = len(keys)
    columns = {
        "recency_days": rng.integers(0, 8, n),
        "tenure_days": rng.integers(10, 13, n),
        "purchase_days": np.ones(n, dtype=int),
        "orders": np.ones(n, dtype=int),
        "items": np.ones(n, dtype=int),
        "spend": np.full(n, 0.1),
        "mean_gap_days": np.full(n, np.nan),
        "online_share_365d": rng.integers(0, 2, n) / 1.0,
    }
    columns |= {name: rng.integers(0, 2, n) / 1.0 for name in GROUPS}
    seen = {"customer_key": keys, "as_of": [AS_OF] * n, "month": [SEPTEMBER] * n, **columns}
    later = rng.integers(0, 3, n) / 10
    bought = [
        (int(key), AS_OF + dt.timedelta(5), spend) for key, spend in zip(keys, later, strict=True) if spend
    ]
    return ibis.memtable(pa.table(seen)), days(*bought)


@pytest.mark.parametrize("most", [1, 100, 599, 600, 5_000])
def test_who_is_sampled_does_not_depend_on_ids_but_between_customers_who_are_alike_in_all(most):
    columns = ["recency_days", "tenure_days", "online_share_365d", *GROUPS]
    samples = []
    for seed in (1, 2):
        seen, bought = crowd(np.random.default_rng(seed).permutation(10_000)[:600])
        people = People.of(reader(seen, BOUGHT, bought), SEPTEMBER, "rfm", most)
        rows = reader(seen, BOUGHT, bought)(SEPTEMBER, columns, most)
        assert len(rows) == min(most, 600)
        assert set(rows["customer_key"].to_pylist()) == set(people.rows["customer_key"].to_pylist())
        told = dict(
            zip(people.rows["customer_key"].to_pylist(), spender(bought)(people).tolist(), strict=True)
        )
        cells, keys = rows.select(columns).to_pylist(), rows["customer_key"].to_pylist()
        samples.append(sorted((*cell.values(), told[key]) for cell, key in zip(cells, keys, strict=True)))
    assert samples[0] == samples[1]


def test_a_sample_holds_early_and_late_customers_alike():
    seen, _ = crowd(np.arange(600))
    load = reader(seen, BOUGHT)
    everybody, some = (
        load(SEPTEMBER, ["recency_days"], most)["recency_days"].to_numpy() for most in (None, 60)
    )
    assert (
        np.abs(np.bincount(some, minlength=8) / 60 - np.bincount(everybody, minlength=8) / 600).max() < 0.02
    )
