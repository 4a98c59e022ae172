"""Product types that a segment buys more of than the base, as far as the data can tell.

The index is 100 x (share of the segment's units) / (share of all units), drawn towards 100 where there is little
to go by. Its interval counts buyers and not units, since one customer's ten units are not ten votes: a share of
units is a ratio of two sums over customers (Cochran 1977, 2.11), however unequal the customers are. What is listed
passed a t test against the other segments (with one degree of freedom less than it has buyers: a
normal tail lists noise where a few customers buy much), the false discovery rate held at 5 % over all segments and
types (Benjamini and Hochberg 1995).
"""

import datetime as dt
import math
from collections import defaultdict
from typing import Any

import ibis
import numpy as np

from hm_assets.features.windows import YEAR as YEAR_DAYS
from hm_assets.profiles.intervals import Z
from hm_assets.segments.tables import NO_PURCHASE

PRIOR_UNITS = 50
FEWEST_BUYERS = 30
FALSE_DISCOVERIES = 0.05
LISTED = 10

SUMS = ("units", "buyers", "squares", "products")
SEGMENT_SUMS = ("segment_units", "segment_squares")


def counts(
    transactions: ibis.Table, articles: ibis.Table, assignments: ibis.Table, as_of: dt.date
) -> ibis.Table:
    """Sums over the buyers of each segment and product type in the 365 days up to `as_of`.

    Per `segment_id` and `fact` (the product type): `units`, `buyers`, `squares` (of a buyer's units of the type) and
    `products` (of those with the buyer's units of all types); and over all the segment's buyers `segment_units`
    and `segment_squares`.
    """
    after = ibis.literal(as_of - dt.timedelta(days=YEAR_DAYS), "date")
    lines = transactions.filter(
        (transactions.t_dat > after) & (transactions.t_dat <= ibis.literal(as_of, "date"))
    )
    lines = lines.inner_join(articles.select("article_key", "product_type_name"), "article_key")
    lines = lines.filter(lines.product_type_name.notnull())
    by_buyer = lines.group_by("customer_key", fact=lines.product_type_name).agg(units=lines.count())
    buyers = by_buyer.group_by("customer_key").agg(all_units=by_buyer.units.sum())
    buyers = buyers.inner_join(assignments.select("customer_key", "segment_id"), "customer_key")
    segments = buyers.group_by("segment_id").agg(
        segment_units=buyers.all_units.sum(), segment_squares=(buyers.all_units * buyers.all_units).sum()
    )
    joined = by_buyer.inner_join(buyers, "customer_key")
    return (
        joined.group_by("segment_id", "fact")
        .agg(
            units=joined.units.sum(),
            buyers=joined.count(),
            squares=(joined.units * joined.units).sum(),
            products=(joined.units * joined.all_units).sum(),
        )
        .inner_join(segments, "segment_id")
    )


def over_indexed(counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The trustworthy over-indexed product types: rows of (segment_id, fact, value, low, high, base, index_to_base)."""
    from scipy.stats import false_discovery_control, t

    rows: list[dict[str, Any]] = [
        {name: value if name == "fact" else int(value) for name, value in row.items()}
        for row in counted
        if row["segment_id"] != NO_PURCHASE
    ]
    types, everything = _totals(rows)
    # Without a second segment there is nobody to be compared with.
    rows = [row for row in rows if row["segment_units"] < everything["segment_units"]]
    if not rows:
        return []
    for row in rows:
        whole = {**types[row["fact"]], **everything}
        rest = {name: whole[name] - row[name] for name in (*SUMS, *SEGMENT_SUMS)}
        base = whole["units"] / whole["segment_units"]
        shrunken = (row["units"] + PRIOR_UNITS * base) / (row["segment_units"] + PRIOR_UNITS)
        mine, variance = _share(row)
        theirs, their_variance = _share(rest)
        error = math.sqrt(variance + their_variance)
        index = 100 * shrunken / base
        # The base holds the segment itself, so its index moves less than its ratio to the others.
        half = Z * error * (1 - row["units"] / whole["units"])
        row |= {
            "value": mine,
            "base": base,
            "index_to_base": index,
            "low": index * math.exp(-half),
            "high": index * math.exp(half),
            "p": float(t.sf(math.log(mine / theirs) / error, max(row["buyers"] - 1, 1))),
        }
    for row, adjusted in zip(rows, false_discovery_control([row["p"] for row in rows]), strict=True):
        row["listed"] = adjusted <= FALSE_DISCOVERIES and row["buyers"] >= FEWEST_BUYERS and row["low"] > 100
    return _best(rows)


def _share(sums: dict[str, int]) -> tuple[float, float]:
    """A product type's share of units, and the variance of its logarithm by linearisation.

    A type that nobody bought counts as one unit of one buyer. Nor is the variance ever below that of as many
    single votes as there are buyers: the few who bought do not show how unequal all are.
    """
    units, total = max(sums["units"], 1), sums["segment_units"]
    share = units / total
    residual = sums["squares"] - 2 * share * sums["products"] + share**2 * sums["segment_squares"]
    return share, max(residual / units**2, (1 - share) / max(sums["buyers"], 1))


def _totals(rows: list[dict[str, Any]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Sums of each product type over all segments, and those of all segments together."""
    types: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
    segments = {}
    for row in rows:
        for name in SUMS:
            types[row["fact"]][name] += row[name]
        segments[row["segment_id"]] = [row[name] for name in SEGMENT_SUMS]
    sums = np.array(list(segments.values()), dtype=object).reshape(-1, len(SEGMENT_SUMS)).sum(axis=0)
    return types, dict(zip(SEGMENT_SUMS, sums, strict=True))


def _best(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most ten per segment, highest index first; equal ones by name."""
    wanted = ("segment_id", "fact", "value", "low", "high", "base", "index_to_base")
    rows = sorted(rows, key=lambda row: (row["segment_id"], -row["index_to_base"], row["fact"]))
    best: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["listed"] and len(best[row["segment_id"]]) < LISTED:
            best[row["segment_id"]].append({name: row[name] for name in wanted})
    return [row for listed in best.values() for row in listed]
