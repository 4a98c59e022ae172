"""Facts and reasons of customers are what a loop over their own lines counts."""

import datetime as dt
import math

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.recommendations.launch.garments import ATTRIBUTES
from hm_assets.recommendations.launch.reasons import SIMILAR, reasons
from hm_assets.recommendations.launch.shoppers import DRAWN, HALF_LIFE, KNOWN_DAYS, NAMES, PRICE_FIT, shoppers
from hm_assets.recommendations.purchases import purchases
from hm_assets_tests.recommendations.launch.tastes import LAST, articles, garments, lines

RANGE, ROWS = garments(), lines(customers=40)
KNOWN = shoppers(purchases(ibis.memtable(ROWS), LAST), RANGE)
MINE = {key: [r for r in ROWS.to_pylist() if r["customer_key"] == key] for key in KNOWN.keys.tolist()}
CALLED = dict(zip(articles()["article_key"].to_pylist(), articles()["prod_name"].to_pylist(), strict=True))
ARTICLE = {row["article_key"]: row for row in articles().to_pylist()}
TYPE = list(NAMES).index("share_product_type")


def facts(place, price=None):
    return KNOWN.facts(RANGE.vectors[place], RANGE.codes[place], price)


def weight(row):
    return 0.5 ** ((LAST - row["t_dat"]).days / HALF_LIFE)


def days(rows):
    """A purchase is an article on a day, however many units."""
    return {(row["t_dat"], row["article_key"]): row for row in rows}.values()


def test_facts_are_what_a_loop_counts():
    kind = ARTICLE[RANGE.keys[5]]["product_type_name"]
    of_kind = {
        who: sum(weight(r) for r in days(rows) if ARTICLE[r["article_key"]]["product_type_name"] == kind)
        for who, rows in MINE.items()
    }
    total = {who: sum(weight(r) for r in days(rows)) for who, rows in MINE.items()}
    base = sum(of_kind.values()) / sum(total.values())
    found = facts(5)
    for i, who in enumerate(KNOWN.keys.tolist()):
        share = (of_kind[who] + DRAWN * base) / (total[who] + DRAWN)
        assert found[i, TYPE] == pytest.approx(math.log(share / base))
        assert found[i, NAMES.index("weight")] == pytest.approx(math.log1p(total[who]))
        last = max(r["t_dat"] for r in MINE[who])
        assert found[i, NAMES.index("recency")] == pytest.approx(math.log1p((LAST - last).days))
        in_year = len({r["t_dat"] for r in MINE[who]})
        assert found[i, NAMES.index("days_in_year")] == pytest.approx(math.log1p(in_year))


def test_the_price_fits_best_where_it_is_what_they_pay():
    usual = KNOWN.usual_price(int(RANGE.codes[5, 0]))
    fit = facts(5, usual)[:, -1]
    assert len(NAMES) + 1 == facts(5, usual).shape[1] and PRICE_FIT not in NAMES
    assert (fit <= 0).all() and fit.mean() > facts(5, 10 * usual)[:, -1].mean()


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 1000))
def test_prices_have_no_unit(factor):
    rows = ROWS.set_column(3, "price", pa.array(ROWS["price"].to_numpy() * factor))
    other = shoppers(purchases(ibis.memtable(rows), LAST), RANGE)
    assert np.allclose(other.facts(RANGE.vectors[5], RANGE.codes[5], 0.05 * factor), facts(5, 0.05))


def test_every_reason_is_true():
    """Each part is derived again from the customer's lines."""
    rows = np.arange(len(KNOWN.keys))
    for place in (4, 6, 61):
        vector, codes, garment = RANGE.vectors[place], RANGE.codes[place], ARTICLE[RANGE.keys[place]]
        for who, said in zip(KNOWN.keys.tolist(), reasons(KNOWN, rows, vector, codes, CALLED), strict=True):
            *parts, last = said.split("; ")
            ago = (LAST - max(r["t_dat"] for r in MINE[who])).days
            when = f"{ago} day{'s' * (ago > 1)} before" if ago else "on"
            assert last == f"last bought anything {when} {LAST}"
            for part in parts:
                if "whose text" in part:
                    name = part.removeprefix("bought ").split(", whose")[0]
                    bought = {r["article_key"] for r in MINE[who] if CALLED[r["article_key"]] == name}
                    near = RANGE.in_text(vector)[RANGE.positions(np.array(sorted(bought)))]
                    assert near.max() >= SIMILAR and f"({near.max():.2f})" in part
                    continue
                column = next(c for c, called in ATTRIBUTES.items() if f"of {called} " in part)
                own = [r for r in MINE[who] if ARTICLE[r["article_key"]][column] == garment[column]]
                paid = sum(r["price"] for r in own) / len(own)
                assert part == (
                    f"bought {len(own)} of {ATTRIBUTES[column]} {garment[column]} in {KNOWN_DAYS} days, "
                    f"at {paid:.4f} on average (price index)"
                )


def test_one_purchase_and_customers_who_are_all_the_same():
    one = ROWS.slice(0, 1)
    alone = shoppers(purchases(ibis.memtable(one), LAST), RANGE)
    assert np.isfinite(alone.facts(RANGE.vectors[5], RANGE.codes[5], 0.05)).all()
    nobody = shoppers(purchases(ibis.memtable(ROWS), LAST - dt.timedelta(days=1000)), RANGE)
    assert nobody.facts(RANGE.vectors[5], RANGE.codes[5]).shape == (0, len(NAMES))


def test_every_so_many_th_customer_is_who_they_are_among_all():
    part = KNOWN.every(3)
    assert part.keys.tolist() == KNOWN.keys[::3].tolist()
    assert (
        np.allclose(part.weight, KNOWN.weight[::3]) and part.recency.tolist() == KNOWN.recency[::3].tolist()
    )
