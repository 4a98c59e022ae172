"""What a representation adds, on customers with a planted taste and on customers without one."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.articles import topic_value
from hm_assets.articles.topic_value import Worth

PRODUCTS, STYLES, KINDS = 300, 5, 3
STYLE = np.arange(PRODUCTS) % STYLES
KIND = np.arange(PRODUCTS) // STYLES % KINDS
DAY = dt.date(2020, 1, 1).toordinal()


def shop(taste: float, customers: int = 150, seed: int = 0) -> dict[str, np.ndarray]:
    """Eight products for each customer, of the own style with probability `taste`."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        own = np.flatnonzero(customer % STYLES == STYLE)
        for product in {int(rng.choice(own if rng.random() < taste else PRODUCTS)) for _ in range(8)}:
            rows.append((customer, product, DAY + int(rng.integers(90))))
    table = np.array(rows).T
    month = np.array([dt.date.fromordinal(day).month for day in table[2].tolist()])
    return {"customer": table[0], "product": table[1], "day": table[2], "month": month}


def worth(bought: dict[str, np.ndarray]) -> tuple[dict[str, Worth], dict[str, str]]:
    found = topic_value.triples(**bought, kind=KIND, seed=1)
    similarities = {
        "topics": topic_value.of_mixes(np.eye(STYLES)[STYLE] + 0.01),
        topic_value.BASELINE: topic_value.of_columns([KIND.tolist()]),
    }
    mean, low, high = topic_value.chance(found, PRODUCTS, "quick", 1)
    assert low < 0.5 < high
    assert mean == pytest.approx(0.5, abs=0.02)
    measured = topic_value.worth(found, similarities, topic_value.BASELINE, "quick", 1)
    return measured, {name: topic_value.verdict(name, each, high) for name, each in measured.items()}


def test_a_planted_taste_is_found_and_chance_is_told_from_it():
    found, told = worth(shop(taste=0.8))
    assert found["topics"].low > 0.6
    assert found[topic_value.BASELINE].auc == 0.5  # all rivals share the product type: nothing but ties
    assert told["topics"] == "adds to it, more than the plain columns"
    assert told[topic_value.BASELINE] == "adds nothing that could be told from chance"


def test_without_a_taste_nothing_is_found():
    found, told = worth(shop(taste=0.0))
    assert found["topics"].low <= 0.5 <= found["topics"].high
    assert told["topics"] == "adds nothing that could be told from chance"


def test_triples_keep_what_was_promised():
    bought = shop(taste=0.3)
    found = topic_value.triples(**bought, kind=KIND, seed=1)
    first = {
        (c, p): d
        for c, p, d in zip(*(bought[n].tolist() for n in ("customer", "product", "day")), strict=True)
    }
    months = {(p, m) for p, m in zip(bought["product"].tolist(), bought["month"].tolist(), strict=True)}
    assert len(found) > 100
    for customer, earlier, own, rival in zip(
        found.customer, found.earlier, found.own, found.rival, strict=True
    ):
        assert KIND[earlier] == KIND[own] == KIND[rival]
        assert first[customer, earlier] < first[customer, own]
        assert (customer, rival) not in first
        assert (rival, dt.date.fromordinal(int(first[customer, own])).month) in months
    assert np.bincount(found.customer).max() <= topic_value.PAIRS_PER_CUSTOMER * topic_value.RIVALS


def test_the_order_of_the_rows_changes_nothing():
    bought = shop(taste=0.3)
    order = np.random.default_rng(5).permutation(len(bought["customer"]))
    found = topic_value.triples(**bought, kind=KIND, seed=1)
    again = topic_value.triples(**{name: column[order] for name, column in bought.items()}, kind=KIND, seed=1)
    assert np.array_equal(found.rival, again.rival)
    assert np.array_equal(found.earlier, again.earlier)


def test_products_of_unknown_kind_are_left_out():
    bought = shop(taste=0.3)
    found = topic_value.triples(**bought, kind=np.where(KIND == 0, -1, KIND), seed=1)
    assert set(KIND[found.own]) == {1, 2}


def test_nobody_with_two_products_of_a_kind_is_said_and_not_measured():
    products = pa.table({"product_code": ["a", "b"], **{name: ["x", "y"] for name in topic_value.COLUMNS}})
    products = products.append_column("product_type_name", pa.array(["Bra", "Top"]))
    products = products.append_column("index_name", pa.array(["Ladieswear", None]))
    bought = pa.table({"customer_key": [1], "product_code": ["a"], "t_dat": [dt.date(2020, 1, 1)]})
    similarities = {topic_value.BASELINE: topic_value.of_columns([["x", "y"]])}
    for bought_by in (bought, bought.slice(0, 0)):
        rows = topic_value.rows_of(bought_by, products, similarities, "quick", 1)
        assert [row["customers"] for row in rows] == [0] * 4
        assert all("not measured" in row["verdict"] for row in rows)


def test_the_sample_of_customers_is_the_same_in_any_order_and_whole_where_few():
    days = [dt.date(2020, 1, day) for day in (2, 1, 3)]
    lines = [
        {"customer_key": key * 7919, "article_key": 1 + key % 2, "t_dat": day}
        for key in range(1000)
        for day in days
    ]
    articles = ibis.memtable({"article_key": [1, 2], "product_code": ["0000001", "0000002"]})

    def sampled(rows: list[dict], customers: int) -> list[dict]:
        found = topic_value.purchases(ibis.memtable(rows), articles, customers, seed=1)
        return found.order_by("customer_key", "product_code").to_pyarrow().to_pylist()

    some = sampled(lines, 200)
    assert some == sampled(lines[::-1], 200)
    assert 100 < len(some) < 300
    assert {row["t_dat"] for row in some} == {dt.date(2020, 1, 1)}
    assert len(sampled(lines, 5000)) == 1000


@pytest.mark.parametrize(("values", "expected"), [(["b", None, "a", "b"], [1, -1, 0, 1]), ([], [])])
def test_codes(values, expected):
    assert topic_value.codes(values).tolist() == expected
