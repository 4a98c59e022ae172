"""Price bands hold a fifth of the base's units each, and a curve shows who buys where."""

import datetime as dt
import itertools

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.profiles.taste import counts, prices

AS_OF, MONTH = dt.date(2020, 9, 22), dt.date(2020, 9, 1)


def priced(price, units) -> pa.Table:
    return pa.table(
        {"article_key": np.arange(len(price)), "units": units, "price": np.asarray(price, dtype=float)}
    )


def test_a_band_holds_a_fifth_of_the_units_whatever_the_articles():
    rng = np.random.default_rng(0)
    table = priced(rng.permutation(5000), rng.integers(1, 50, 5000))
    band = np.array(prices.bands(table)["price_band"].to_pylist())
    units, price = table["units"].to_numpy(), table["price"].to_numpy()
    for name in prices.BANDS:
        assert units[band == name].sum() / units.sum() == pytest.approx(0.2, abs=0.005)
    ends = [(price[band == name].min(), price[band == name].max()) for name in prices.BANDS]
    assert all(one[1] < other[0] for one, other in itertools.pairwise(ends))


def test_articles_of_one_price_are_in_one_band():
    found = prices.bands(priced([5, 1, 5, 5, 9], [1, 10, 30, 40, 10]))["price_band"].to_pylist()
    assert found == ["middle prices", "lowest prices", "middle prices", "middle prices", "highest prices"]


def test_where_everything_costs_the_same_there_is_one_band():
    assert set(prices.bands(priced([3, 3, 3], [1, 5, 2]))["price_band"].to_pylist()) == {"middle prices"}


def test_no_line_gives_no_band_and_no_curve():
    empty = pa.table({"article_key": pa.array([], pa.int64()), "units": pa.array([], pa.int64()),
                      "price": pa.array([], pa.float64())})  # fmt: skip
    assert prices.curves(prices.bands(empty), [], AS_OF, MONTH) == []


def test_the_engine_draws_the_curve_of_a_tiny_base():
    """Five articles at prices 1 to 5: customer 1 (segment 1) buys the two cheapest, customer 2 all five."""
    bought = [(1, 1), (1, 2), *((2, article) for article in (1, 2, 3, 4, 5)), (1, 1), (2, 3), (2, 4), (2, 5)]
    bought += [(2, 3), (2, 4), (2, 5), (2, 2), (2, 1)][:4]
    transactions = ibis.memtable(
        pa.table(
            {
                "customer_key": [c for c, _ in bought],
                "article_key": [a for _, a in bought],
                "t_dat": pa.array([AS_OF] * len(bought), pa.date32()),
                "price": [float(a) for _, a in bought],
            }
        )
    )
    assignments = ibis.memtable(
        pa.table({"customer_key": [1, 2], "segment_id": pa.array([1, 2], pa.int32())})
    )
    lines = counts.year_of_lines(transactions, AS_OF)
    banded = prices.bands(prices.article_prices(lines).to_pyarrow())
    articles = counts.with_price_band(ibis.memtable(pa.table({"article_key": [1, 2, 3, 4, 5, 6]})), banded)
    counted = counts.counts(lines, articles, assignments, ["price_band"])["price_band"]
    found = {
        (row["segment_id"], row["price_band"]): row for row in prices.curves(banded, counted, AS_OF, MONTH)
    }
    assert {key: row["units"] for key, row in found.items()} == {
        (1, 1): 2, (1, 2): 1, (2, 1): 1, (2, 2): 2, (2, 3): 3, (2, 4): 3, (2, 5): 3,
    }  # fmt: skip
    for i, total in ((1, 3), (2, 12)):
        mine = [row for key, row in found.items() if key[0] == i]
        assert sum(row["share"] for row in mine) == pytest.approx(1)
        assert sum(row["units"] for row in mine) == total
        assert all(0 <= row["low"] <= row["share"] <= row["high"] <= 1 for row in mine)
    assert found[1, 1]["base"] == 3 / 15
    assert (found[1, 1]["lowest_price"], found[1, 1]["highest_price"]) == (1, 1)
