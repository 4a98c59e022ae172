"""Lists of everybody: whole, in stock, the same in any batch, without the future, and every reason is true."""

import datetime as dt
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, COLD_START, DECAYED, HYBRID, RUNGS
from hm_assets.recommendations.lists_for.customers import ListMaker
from hm_assets.recommendations.tried import making
from hm_assets_tests.recommendations.lists_for.shops import FIRST, LAST, STRANGERS, known, shop

MONTH = dt.date(2019, 6, 1)
BANDS = {
    "under 25": (0, 24),
    "aged 25 to 34": (25, 34),
    "aged 35 to 49": (35, 49),
    "aged 50 and over": (50, 120),
}


def made(maker: ListMaker, batch: int = 20_000, threads: int = 1) -> pa.Table:
    return pa.concat_tables(maker.everybody(MONTH, threads, batch))


class Told:
    """The strongest fact of a customer and an article, looked up line by line."""

    def __init__(self, rows, known, stock_days):
        self.day = known.purchases.as_of
        self.lines = [
            (row["customer_key"], row["article_key"], (self.day - row["t_dat"]).days)
            for row in rows.to_pylist()
            if row["t_dat"] <= self.day
        ]
        self.mine = defaultdict(set)
        baskets = defaultdict(set)
        for who, what, ago in self.lines:
            self.mine[who].add((ago, what))
            if ago < 90:
                baskets[who, ago].add(what)
        self.pairs = Counter((a, b) for basket in baskets.values() for a in basket for b in basket if a != b)
        found = {row["article_key"]: row for row in known.catalogue.to_pylist()}
        self.product = {what: row["product_code"] for what, row in found.items()}
        self.type = {what: row["product_type_name"] for what, row in found.items()}
        self.name = {what: row["prod_name"] or f"{what:010d}" for what, row in found.items()}
        self.age = {row["customer_key"]: row["age"] for row in known.people.to_pylist()}
        week = [(who, what) for who, what, ago in self.lines if ago < 7]
        self.best = ranks(what for _, what in week)
        self.best_of = {
            band: ranks(
                what for who, what in week if self.age[who] is not None and first <= self.age[who] <= last
            )
            for band, (first, last) in BANDS.items()
        }
        for band, (first, last) in BANDS.items():
            buyers = {who for who, _ in week if self.age[who] is not None and first <= self.age[who] <= last}
            if len(buyers) < 20:
                self.best_of[band] = {}
        self.units = Counter(what for _, what, ago in self.lines if ago < stock_days)

    def strongest(self, who, what):  # noqa: PLR0911
        """Kind, number, day, other article, of what."""
        mine = self.mine[who]
        same = [ago for ago, other in mine if other == what]
        if same:
            return "bought", len(same), self.on(min(same)), None, None
        product = sorted((ago, other) for ago, other in mine if self.product[other] == self.product[what])
        if product:
            ago, other = product[0]
            return "other_colour", len(product), self.on(ago), other, self.name[other]
        latest = {}
        for ago, other in mine:
            latest[other] = min(ago, latest.get(other, ago))
        partners = sorted(
            (-self.pairs[what, other], other) for other in self.name if self.pairs[what, other] >= 5
        )[:20]
        for times, other in partners:
            if latest.get(other, 90) < 90:
                return "bought_together", -times, self.on(latest[other]), other, self.name[other]
        alike = sorted(
            (ago, other)
            for ago, other in mine
            if ago < 365 and self.type[what] and self.type[other] == self.type[what]
        )
        if alike:
            ago, other = alike[0]
            return "same_type", len(alike), self.on(ago), other, self.type[what]
        age = self.age[who]
        for band, (first, last) in BANDS.items():
            if age is not None and first <= age <= last and self.best_of[band].get(what, 99) <= 12:
                return "age_band", self.best_of[band][what], None, None, band
        if self.best.get(what, 999) <= 100:
            return "bestseller", self.best[what], None, None, None
        return "sold", self.units[what], None, None, None

    def on(self, ago):
        return self.day - dt.timedelta(days=ago)


def ranks(articles):
    ordered = sorted(Counter(articles).items(), key=lambda each: (-each[1], each[0]))
    return {what: place for place, (what, _) in enumerate(ordered, start=1)}


def words(kind, count, day, of, days):
    """The same fact, said once more."""
    on = "" if day is None else f"{day.day} {day:%B %Y}"
    times = "once" if count == 1 else f"{count} times"
    return {
        "bought": f"bought on {on}" if count == 1 else f"bought on {count} days, last {on}",
        "other_colour": f"the same product as {of}, bought {on}",
        "bought_together": f"bought together {times} in the last 90 days with {of}, which they bought {on}",
        "same_type": f"{of}: bought {times} in the last 365 days, {'on' if count == 1 else 'last'} {on}",
        "age_band": f"number {count} in sales of the last 7 days among customers {of}",
        "bestseller": f"number {count} of all that sold in the last 7 days",
        "sold": f"sold {times} in the last {days} days",
    }[kind]


def check(rows, known, table):
    told = Told(rows, known, table["stock_days"][0].as_py())
    for row in table.to_pylist():
        fact = told.strongest(row["customer_key"], row["article_key"])
        got = tuple(
            row[name]
            for name in ("reason_kind", "reason_count", "reason_day", "reason_article_key", "reason_of")
        )
        assert got == fact
        assert row["reason"] == words(*fact[:3], fact[4], row["stock_days"])
    return Counter(table["reason_kind"].to_pylist())


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(RUNGS),
    st.integers(4, 40),
    st.integers(32, 60),
    st.integers(0, 100),
    st.dates(FIRST + dt.timedelta(days=6), LAST),
    st.booleans(),
)
def test_every_reason_is_true_and_the_strongest(rung, customers, articles, seed, day, exclude_owned):
    rows, the = shop(customers, articles, seed, day)
    table = made(ListMaker.of(the, rung, "v", exclude_owned))
    if table.num_rows:
        check(rows, the, table)


def test_every_kind_of_reason_is_given_somewhere():
    rows, the = shop(160, 40)
    assert {"bought", "other_colour", "bought_together", "same_type", "age_band", "bestseller"} <= set(
        check(rows, the, made(ListMaker.of(the, making(BESTSELLERS, {}), "v")))
    )
    rows, the = shop(6, 60)
    found = check(rows, the, made(ListMaker.of(the, making(BESTSELLERS, {}), "v")))
    assert found["sold"]


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
def test_everybody_has_twelve_different_articles_in_stock(rung):
    rows, the = shop()
    table = made(ListMaker.of(the, rung, "v"))
    days = table["stock_days"][0].as_py()
    recent = rows.filter(pc.greater(rows["t_dat"], pa.scalar(LAST - dt.timedelta(days=days))))
    assert set(table["article_key"].to_pylist()) <= set(recent["article_key"].to_pylist())
    lists = table.group_by("customer_key").aggregate([("article_key", "count_distinct"), ("rank", "max")])
    assert lists.num_rows == the.people.num_rows
    assert set(lists["article_key_count_distinct"].to_pylist()) == {12} == set(lists["rank_max"].to_pylist())
    assert all(len(each) == 10 and int(each) == k for each, k in zip(
        table["article_id"].to_pylist(), table["article_key"].to_pylist(), strict=True))  # fmt: skip
    filled = table.filter(pc.equal(table["customer_key"], 1000 + 60 + STRANGERS - 1))
    of_strangers = {rung.name} & {COLD_START, HYBRID}
    assert set(filled["recommender"].to_pylist()) <= {BESTSELLERS} | of_strangers


def test_lists_are_the_same_in_other_batches_and_without_the_later_lines():
    day = LAST - dt.timedelta(days=40)
    rows, the = shop(as_of=day)
    maker = ListMaker.of(the, making(DECAYED, {}), "v")
    table = made(maker)
    for batch in (1, 7, 64):
        assert made(maker, batch, threads=3).equals(table)
    before = rows.filter(pc.less_equal(rows["t_dat"], pa.scalar(day)))
    assert made(ListMaker.of(known(before, 60, 60, day), making(DECAYED, {}), "v")).equals(table)


def test_owned_articles_are_left_out_where_asked_also_from_what_fills():
    _, the = shop()
    table = made(ListMaker.of(the, making(BESTSELLERS, {}), "v", exclude_owned=True))
    assert "bought" not in table["reason_kind"].to_pylist()
    bought = the.purchases
    owned = set(
        zip(bought.customers[bought.customer].tolist(), bought.articles[bought.article].tolist(), strict=True)
    )
    assert not owned & set(
        zip(table["customer_key"].to_pylist(), table["article_key"].to_pylist(), strict=True)
    )


def test_of_a_range_of_three_everybody_gets_three_and_of_none_nobody_gets_any():
    rows, _ = shop()
    few = rows.filter(pc.is_in(rows["article_key"], value_set=pc.unique(rows["article_key"])[:3]))
    table = made(ListMaker.of(known(few, 60, 60, LAST), making(DECAYED, {}), "v"))
    assert np.unique(table["customer_key"].to_numpy(), return_counts=True)[1].tolist() == [3] * 65
    nothing = known(rows, 60, 60, FIRST - dt.timedelta(days=1))
    assert made(ListMaker.of(nothing, making(DECAYED, {}), "v")).num_rows == 0


def test_a_single_purchase_is_a_reason_for_its_customer_and_a_sale_for_the_others():
    rows, _ = shop()
    one = rows.slice(rows.num_rows - 1)
    table = made(ListMaker.of(known(one, 60, 60, one["t_dat"][0].as_py()), making(DECAYED, {}), "v"))
    assert table.num_rows == 65
    bought = pc.equal(table["customer_key"], one["customer_key"][0])
    assert set(table.filter(bought)["reason_kind"].to_pylist()) == {"bought"}
    others = table.filter(pc.invert(bought))
    assert set(others["reason"].to_pylist()) <= {
        "number 1 of all that sold in the last 7 days",
        *(f"number 1 in sales of the last 7 days among customers {band}" for band in BANDS),
    }


def test_a_recommender_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"'oracle'; there are bestsellers"):
        making("oracle", {})
