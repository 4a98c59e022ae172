"""The list of every segment: what it buys more of than everybody, what that costs, and in which colours."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.profiles.fairness.privacy import K, segments_withheld
from hm_assets.recommendations.ladder.popular import sold
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.lists_for.histories import ids
from hm_assets.recommendations.lists_for.over_index import Lifts, jaccard, lifts, ranked
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.stock import Stock
from hm_assets.segments.space import Floats, Ints
from hm_assets.segments.tables import NO_PURCHASE

WINDOWS = (28, 90, 365)
STEPS = ("low", "middle", "high")
COLOURS = 5
DESCRIBED = {"name": "prod_name", "type": "product_type_name", "colour": "colour_group_name"}


@dataclass(frozen=True)
class Shop:
    """Purchases of the window by who bought, of the segments that may be told of.

    Attributes
    ----------
    ids
        The segments, ascending (s).
    customer, segment, article, price
        Of each customer and article in the window: who, place of the segment, position, mean price paid (m).
    recent
        The purchases that this comes from.
    days
        The window.
    """

    ids: list[int]
    customer: Ints
    segment: Ints
    article: Ints
    price: Floats
    recent: Purchases
    days: int

    @property
    def buyers(self) -> Ints:
        """Customers by segment and article (s x articles)."""
        return _table(self.segment, self.article, len(self.ids), len(self.recent.articles))


def window(purchases: Purchases, stock: Stock, segments: int) -> int:
    """Days of the first window in which an article in stock had twenty buyers a segment on average; else the last."""
    for days in WINDOWS:
        recent = purchases.ago < days
        width = max(len(purchases.articles), 1)
        pairs = np.unique(purchases.customer[recent].astype(np.int64) * width + purchases.article[recent])
        buyers = np.bincount(pairs % width, minlength=len(purchases.articles))[stock.allowed]
        if len(buyers) and buyers.mean() >= K * segments:
            break
    return days


def shop(purchases: Purchases, stock: Stock, assignments: pa.Table) -> Shop:
    """Who bought what, by segment.

    Parameters
    ----------
    purchases
        Up to the day.
    stock
        `in_stock` of them.
    assignments
        `customer_key` and `segment_id` of a month of `segments/assignments`. Customers without a purchase have no taste
        to tell; segments of fewer than 20 customers are left out, with what would give them away.
    """
    keys, segment = assignments["customer_key"].to_numpy(), assignments["segment_id"].to_numpy()
    buying, counts = np.unique(segment[segment != NO_PURCHASE], return_counts=True)
    sizes = {int(i): int(n) for i, n in zip(buying, counts, strict=True)}
    told = sorted(sizes.keys() - segments_withheld(sizes))
    days = window(purchases, stock, len(told))
    recent = purchases.of_last(days)
    place_of = np.full(len(recent.customers), -1)
    at = recent.positions(keys)
    known = (at >= 0) & np.isin(segment, told)
    place_of[at[known]] = np.searchsorted(told, segment[known])
    width = max(len(recent.articles), 1)
    pairs, back = np.unique(recent.customer.astype(np.int64) * width + recent.article, return_inverse=True)
    units = np.bincount(back, recent.units, minlength=len(pairs))
    price = np.bincount(back, recent.spend, minlength=len(pairs)) / np.maximum(units, 1)
    mine = place_of[pairs // width]
    kept = mine >= 0
    return Shop(told, (pairs // width)[kept], mine[kept], (pairs % width)[kept], price[kept], recent, days)


def lists(
    the: Shop, stock: Stock, purchases: Purchases, catalogue: pa.Table, month: dt.date
) -> list[dict[str, Any]]:
    """Rows of `recommendations/segments` of a month.

    Parameters
    ----------
    the
        `shop` of these.
    stock
        `in_stock` of these.
    purchases
        Up to the day.
    catalogue
        `articles/articles`.
    month
        That the rows belong to.
    """
    recent, buyers = the.recent, the.buyers
    allowed = stock.allowed[purchases.article_positions(recent.articles)]
    wanted = np.flatnonzero(allowed)
    found = lifts(buyers, allowed)
    spend = np.bincount(recent.article, recent.spend, minlength=len(recent.articles))
    mean_price = spend / np.maximum(sold(recent, the.days), 1)
    described = _described(recent.articles, catalogue)
    rows = []
    for place, segment in enumerate(the.ids):
        bounds = _thirds(the.price[the.segment == place])
        for rank, at in enumerate(ranked(found, place, LENGTH), start=1):
            article = int(wanted[at])
            count = int(buyers[place, article])
            rows.append(
                {
                    "segment_id": segment,
                    "as_of": purchases.as_of,
                    "month": month,
                    "rank": rank,
                    "article_id": described["article_id"][article],
                    "article_key": int(recent.articles[article]),
                    **{name: described[name][article] for name in DESCRIBED},
                    "price_step": STEPS[int(np.searchsorted(bounds, mean_price[article], side="left"))],
                    "price": float(mean_price[article]),
                    **_figures(found, place, int(at)),
                    "p_adjusted": float(found.p_adjusted[place, at]),
                    "buyers": count if count >= K else None,
                    "days": the.days,
                    "stock_days": stock.days,
                }
            )
    return rows


def styles(the: Shop, catalogue: pa.Table, month: dt.date) -> list[dict[str, Any]]:
    """Rows of `recommendations/segment_styles` of a month: three steps of price, and at most five colours."""
    rows = []
    everybody = {"as_of": the.recent.as_of, "month": month, "days": the.days}
    colour, names = _coded(the.recent.articles, catalogue, DESCRIBED["colour"])
    buyers = _colour_buyers(the, colour, len(names))
    found = lifts(buyers, np.ones(len(names), dtype=bool))
    share = buyers / np.maximum(buyers.sum(axis=1, keepdims=True), 1)
    base = buyers.sum(axis=0) / max(buyers.sum(), 1)
    for place, segment in enumerate(the.ids):
        prices = the.price[the.segment == place]
        if len(np.unique(the.customer[the.segment == place])) < K:
            continue
        bounds = _thirds(prices)
        of_all, mine = (np.searchsorted(bounds, each, side="left") for each in (the.price, prices))
        for step, name in enumerate(STEPS):
            rows.append(
                everybody
                | {
                    "segment_id": segment,
                    "kind": "price",
                    "place": step + 1,
                    "name": name,
                    # The outer ends are open: the dearest purchase would be somebody's.
                    "from_price": float(bounds[step - 1]) if step else None,
                    "to_price": float(bounds[step]) if step < len(bounds) else None,
                    "share": float((mine == step).mean()),
                    "base": float((of_all == step).mean()),
                }
            )
        told = [at for at in ranked(found, place, len(names)) if buyers[place, at] >= K][:COLOURS]
        rows += [
            everybody
            | {
                "segment_id": segment,
                "kind": "colour",
                "place": rank,
                "name": names[at],
                "share": float(share[place, at]),
                "base": float(base[at]),
                **_figures(found, place, at),
            }
            for rank, at in enumerate(told, start=1)
        ]
    return rows


def overlap(rows: list[dict[str, Any]]) -> float | None:
    """Mean pairwise Jaccard of the lists of a month."""
    articles: dict[int, set[int]] = {}
    for row in rows:
        articles.setdefault(row["segment_id"], set()).add(row["article_key"])
    return jaccard(list(articles.values()))


def _figures(found: Lifts, segment: int, at: int) -> Mapping[str, float]:
    return {name: float(getattr(found, name)[segment, at]) for name in ("lift", "low", "high")}


def _thirds(prices: Floats) -> Floats:
    """The two prices that cut purchases into thirds."""
    return np.quantile(prices, [1 / 3, 2 / 3], method="inverted_cdf") if len(prices) else np.zeros(2)


def _described(articles: Ints, catalogue: pa.Table) -> dict[str, list[Any]]:
    place = _places(articles, catalogue)
    found = {name: catalogue[column].take(place).to_pylist() for name, column in DESCRIBED.items()}
    return {"article_id": ids(articles).to_pylist(), **found}


def _coded(articles: Ints, catalogue: pa.Table, column: str) -> tuple[Ints, list[str]]:
    """Numbers of a value of articles (-1: unknown), and the values in order."""
    values = np.asarray(catalogue[column].take(_places(articles, catalogue)).to_pylist(), dtype=object)
    names = sorted({value for value in values if value is not None})
    number = {name: i for i, name in enumerate(names)}
    return np.array([number.get(value, -1) for value in values], dtype=np.int64), names


def _places(articles: Ints, catalogue: pa.Table) -> pa.Array:
    return pa.compute.index_in(pa.array(articles), value_set=catalogue["article_key"].combine_chunks())


def _colour_buyers(the: Shop, colour: Ints, colours: int) -> Ints:
    """Customers by segment and colour: one who bought ten things in black is one vote for it."""
    mine = colour[the.article]
    _, first = np.unique(the.customer * (colours + 1) + mine, return_index=True)
    first = first[mine[first] >= 0]
    return _table(the.segment[first], mine[first], len(the.ids), colours)


def _table(row: Ints, column: Ints, rows: int, columns: int) -> Ints:
    return np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns)
