"""Product types that a segment buys more of than the base, as far as the data can tell.

The index is 100 x (share of the segment's units) / (share of all units), drawn towards 100 where there is little
to go by. Its interval counts buyers and not units, since one customer's ten units are not ten votes. What is
listed passed a test with the false discovery rate held at 5 % over all segments and types (Benjamini and
Hochberg 1995).
"""

import datetime as dt
from typing import Any

import ibis
import numpy as np

from hm_assets.features.rfm import YEAR_DAYS
from hm_assets.profiles.intervals import Z
from hm_assets.segments.tables import NO_PURCHASE

PRIOR_UNITS = 50
FEWEST_BUYERS = 30
FALSE_DISCOVERIES = 0.05
LISTED = 10


def counts(
    transactions: ibis.Table, articles: ibis.Table, assignments: ibis.Table, as_of: dt.date
) -> ibis.Table:
    """Units and buyers by segment and product type in the 365 days up to `as_of`."""
    after = ibis.literal(as_of - dt.timedelta(days=YEAR_DAYS), "date")
    lines = transactions.filter(
        (transactions.t_dat > after) & (transactions.t_dat <= ibis.literal(as_of, "date"))
    )
    lines = lines.inner_join(articles.select("article_key", "product_type_name"), "article_key")
    lines = lines.filter(lines.product_type_name.notnull())
    lines = lines.inner_join(assignments.select("customer_key", "segment_id"), "customer_key")
    return lines.group_by("segment_id", fact=lines.product_type_name).agg(
        units=lines.count(), buyers=lines.customer_key.nunique()
    )


def over_indexed(counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The trustworthy over-indexed product types: rows of (segment_id, fact, value, low, high, base, index_to_base)."""
    from scipy.stats import false_discovery_control, norm

    rows = [dict(row) for row in counted if row["segment_id"] != NO_PURCHASE]
    if not rows:
        return []
    units_of, units_total, type_units, type_buyers = _totals(rows)
    for row in rows:
        base = type_units[row["fact"]] / units_total
        share = row["units"] / units_of[row["segment_id"]]
        shrunken = (row["units"] + PRIOR_UNITS * base) / (units_of[row["segment_id"]] + PRIOR_UNITS)
        index = 100 * shrunken / base
        elsewhere = max(type_buyers[row["fact"]] - row["buyers"], 1)
        error = float(np.sqrt(1 / row["buyers"] + 1 / elsewhere))
        row |= {
            "value": share,
            "base": base,
            "index_to_base": index,
            "low": index * np.exp(-Z * error),
            "high": index * np.exp(Z * error),
            "p": float(norm.sf(np.log(index / 100) / error)),
        }
    for row, adjusted in zip(rows, false_discovery_control([row["p"] for row in rows]), strict=True):
        row["listed"] = adjusted <= FALSE_DISCOVERIES and row["buyers"] >= FEWEST_BUYERS and row["low"] > 100
    return _best(rows)


def _totals(rows: list[dict[str, Any]]) -> tuple[dict[int, int], int, dict[str, int], dict[str, int]]:
    units_of: dict[int, int] = {}
    type_units: dict[str, int] = {}
    type_buyers: dict[str, int] = {}
    for row in rows:
        units_of[row["segment_id"]] = units_of.get(row["segment_id"], 0) + row["units"]
        type_units[row["fact"]] = type_units.get(row["fact"], 0) + row["units"]
        type_buyers[row["fact"]] = type_buyers.get(row["fact"], 0) + row["buyers"]
    return units_of, sum(units_of.values()), type_units, type_buyers


def _best(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = ("segment_id", "fact", "value", "low", "high", "base", "index_to_base")
    best: list[dict[str, Any]] = []
    for segment_id in sorted({row["segment_id"] for row in rows}):
        mine = [row for row in rows if row["segment_id"] == segment_id and row["listed"]]
        mine.sort(key=lambda row: (-row["index_to_base"], row["fact"]))
        best += [{name: row[name] for name in wanted} for row in mine[:LISTED]]
    return best
