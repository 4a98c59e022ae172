"""Lists of segments in the small shop: tastes are found, few customers are not told of, and nothing later is known."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hm_assets.recommendations.lists_for import segments, shown
from hm_assets.recommendations.lists_for.tables import SEGMENTS, STYLES
from hm_assets.recommendations.stock import in_stock
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets_tests.recommendations.baskets import key
from hm_assets_tests.recommendations.lists_for.shops import LAST, STRANGERS, known, shop

MONTH = dt.date(2019, 6, 1)
CUSTOMERS, ARTICLES = 240, 60
ROWS, KNOWN = shop(CUSTOMERS, ARTICLES)


def placed(sizes_of_fifth: int = 0) -> pa.Table:
    """A segment per taste; the first customers may form a fifth one; strangers have not bought."""
    number = np.arange(CUSTOMERS + STRANGERS)
    segment = np.where(number < sizes_of_fifth, 5, number % 4 + 1)
    segment[CUSTOMERS:] = NO_PURCHASE
    return pa.table({"customer_key": 1000 + number, "segment_id": pa.array(segment, pa.int32())})


def told(the_known=KNOWN, assignments=None):
    stock = in_stock(the_known.purchases)
    the = segments.shop(the_known.purchases, stock, placed() if assignments is None else assignments)
    catalogue = the_known.catalogue
    return (
        segments.lists(the, stock, the_known.purchases, catalogue, MONTH),
        segments.styles(the, catalogue, MONTH),
        the,
        stock,
    )


def test_each_segment_is_shown_its_own_taste_in_stock_and_with_certainty():
    rows, styles, the, stock = told()
    assert the.ids == [1, 2, 3, 4]
    assert SEGMENTS.in_memory(rows).count().to_pyarrow().as_py() == len(rows) >= 4 * 8
    for row in rows:
        # A taste buys every fourth article.
        assert (row["article_key"] - 100_000_001) // 1000 % 4 == row["segment_id"] - 1
        assert row["low"] > 1 and row["low"] < row["lift"] < row["high"] and row["p_adjusted"] <= 0.05
        assert stock.units[KNOWN.purchases.article_positions(np.array([row["article_key"]]))[0]] > 0
        assert row["buyers"] is None or row["buyers"] >= 20
    assert segments.overlap(rows) == 0
    by_segment = {i: [row["rank"] for row in rows if row["segment_id"] == i] for i in the.ids}
    assert all(ranks == list(range(1, len(ranks) + 1)) and len(ranks) <= 12 for ranks in by_segment.values())
    assert STYLES.in_memory(styles).count().to_pyarrow().as_py() == len(styles)
    assert "mean pairwise Jaccard of the lists 0.00" in shown.finding(rows, the.ids, 12)
    assert f"| {rows[0]['segment_id']} | 1 |" in shown.segments(rows).replace("  ", " ")


def test_steps_of_the_price_ladder_and_buyers_are_what_the_lines_say():
    rows, styles, the, _ = told()
    since = pa.scalar(LAST - dt.timedelta(days=the.days))
    recent = ROWS.filter(pc.greater(ROWS["t_dat"], since)).to_pylist()
    for row in rows[::5]:
        buyers = {
            line["customer_key"]
            for line in recent
            if line["article_key"] == row["article_key"]
            and (line["customer_key"] - 1000) % 4 == row["segment_id"] - 1
        }
        assert row["buyers"] == (len(buyers) if len(buyers) >= 20 else None)
        # Every article has one price here.
        price = next(line["price"] for line in recent if line["article_key"] == row["article_key"])
        assert row["price"] == pytest.approx(price)
        steps = {s["name"]: s for s in styles if (s["segment_id"], s["kind"]) == (row["segment_id"], "price")}
        low, high = steps["low"]["to_price"], steps["high"]["from_price"]
        assert row["price_step"] == (
            "low" if price <= low + 1e-9 else "middle" if price <= high + 1e-9 else "high"
        )
        assert sum(step["share"] for step in steps.values()) == pytest.approx(1)


def test_colours_are_those_of_the_taste():
    _, styles, _, _ = told()
    colours = [row for row in styles if row["kind"] == "colour"]
    assert {(row["segment_id"], row["name"]) for row in colours} == {(i + 1, f"colour {i}") for i in range(4)}
    assert all(row["low"] > 1 and row["share"] > row["base"] for row in colours)


def test_of_few_customers_nothing_is_told():
    rows, styles, the, _ = told(assignments=placed(12))
    # The smallest other one is withheld with it: the two would come back by subtraction.
    assert 5 not in the.ids and len(the.ids) == 3
    assert {row["segment_id"] for row in [*rows, *styles]} <= set(the.ids)
    rows, styles, the, _ = told(assignments=placed().slice(CUSTOMERS))
    assert (rows, styles, the.ids) == ([], [], [])


def test_lists_are_the_same_without_the_later_lines():
    day = LAST - dt.timedelta(days=30)
    before = ROWS.filter(pc.less_equal(ROWS["t_dat"], pa.scalar(day)))
    one, other = (told(known(rows, CUSTOMERS, ARTICLES, day))[:2] for rows in (ROWS, before))
    assert one == other and one[0]


def test_a_shop_without_a_sale_has_no_lists():
    assert told(known(ROWS.slice(0, 0), CUSTOMERS, ARTICLES, LAST))[0] == []


def test_after_weeks_without_a_sale_articles_in_stock_have_no_recent_buyers():
    """Stock is what sold in 90 days then: of 28 days nothing is known, which is no article with many buyers."""
    quiet = KNOWN.purchases
    for pause in (40, 200):
        day = LAST + dt.timedelta(days=pause)
        later = replace(quiet, as_of=day, ago=quiet.ago + pause)
        stock = in_stock(later)
        the = segments.shop(later, stock, placed())
        assert stock.days > pause and the.days > pause
        assert segments.lists(the, stock, later, KNOWN.catalogue, MONTH)


def test_an_article_in_stock_that_the_window_lacks_counts_as_bought_by_nobody():
    rows = [(LAST - dt.timedelta(days=60), who, what) for who in range(40) for what in range(30)]
    rows += [(LAST, who, 30) for who in range(40)]
    shape = pa.table(
        {
            "t_dat": pa.array([day for day, _, _ in rows], pa.date32()),
            "customer_key": [1000 + who for _, who, _ in rows],
            "article_key": key(np.array([what for *_, what in rows])),
            "price": [0.1] * len(rows),
        }
    )
    purchases = known(shape, 40, 31, LAST).purchases
    # One of 31 articles had 40 buyers in 28 days: 1.3 on average.
    assert in_stock(purchases).days == 90 and segments.window(purchases, in_stock(purchases), 1) == 90
