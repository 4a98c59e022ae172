"""What a segment buys more of than the base, as far as the data can tell: product types, colours, price bands.

The index is 100 x (share of the segment's units) / (share of all units), drawn towards 100 where there is little
to go by. Its interval counts buyers and not units, since one customer's ten units are not ten votes: a share of
units is a ratio of two sums over customers (Cochran 1977, 2.11), however unequal the customers are. What is listed
passed a t test against the other segments (with one degree of freedom less than it has buyers: a
normal tail lists noise where a few customers buy much), the false discovery rate held at 5 % over all segments,
kinds and values together (Benjamini and Hochberg 1995).
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from hm_assets.profiles.statistics.intervals import Z
from hm_assets.segments.tables import NO_PURCHASE

PRIOR_UNITS = 50
FEWEST_BUYERS = 30
FALSE_DISCOVERIES = 0.05
LISTED = 10

SUMS = ("units", "buyers", "squares", "products")
SEGMENT_SUMS = ("segment_units", "segment_squares")


def over_indexed(counted: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What is listed: at most ten values a segment and kind, the highest index first.

    Parameters
    ----------
    counted
        Kind -> rows of `counts.counts`.

    Returns
    -------
    list of dict
        `kind`, `segment_id`, `fact`, `customers` (who bought it), `value`, `low`, `high`, `base`, `index_to_base`.
        `value` is the share of the segment's units; `low` and `high` bound the index.
    """
    from scipy.stats import false_discovery_control

    rows = [row for kind, sums in counted.items() for row in compared(kind, sums)]
    if not rows:
        return []
    for row, adjusted in zip(rows, false_discovery_control([row["p"] for row in rows]), strict=True):
        row["listed"] = adjusted <= FALSE_DISCOVERIES and row["buyers"] >= FEWEST_BUYERS and row["low"] > 100
    return _best(rows)


def compared(kind: str, counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every value of a kind and segment: its sums, index, interval and p; none where there is one segment only."""
    from scipy.stats import t

    rows: list[dict[str, Any]] = [
        {"kind": kind} | {name: value if name == "fact" else int(value) for name, value in row.items()}
        for row in counted
        if row["segment_id"] != NO_PURCHASE
    ]
    values, everything = _totals(rows)
    # Without a second segment there is nobody to be compared with.
    rows = [row for row in rows if row["segment_units"] < everything["segment_units"]]
    for row in rows:
        whole = {**values[row["fact"]], **everything}
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
            "share_error": mine * math.sqrt(variance),
            "base": base,
            "index_to_base": index,
            "low": index * math.exp(-half),
            "high": index * math.exp(half),
            "p": float(t.sf(math.log(mine / theirs) / error, max(row["buyers"] - 1, 1))),
        }
    return rows


def _share(sums: dict[str, int]) -> tuple[float, float]:
    """A value's share of units, and the variance of its logarithm by linearisation.

    A value that nobody bought counts as one unit of one buyer. Nor is the variance ever below that of as many
    single votes as there are buyers: the few who bought do not show how unequal all are.
    """
    units, total = max(sums["units"], 1), sums["segment_units"]
    share = units / total
    residual = sums["squares"] - 2 * share * sums["products"] + share**2 * sums["segment_squares"]
    return share, max(residual / units**2, (1 - share) / max(sums["buyers"], 1))


def _totals(rows: list[dict[str, Any]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Sums of each value over all segments, and those of all segments together."""
    values: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
    segments = {}
    for row in rows:
        for name in SUMS:
            values[row["fact"]][name] += row[name]
        segments[row["segment_id"]] = [row[name] for name in SEGMENT_SUMS]
    sums = np.array(list(segments.values()), dtype=object).reshape(-1, len(SEGMENT_SUMS)).sum(axis=0)
    return values, dict(zip(SEGMENT_SUMS, sums, strict=True))


def _best(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most ten per segment and kind, highest index first; equal ones by name."""
    wanted = ("kind", "segment_id", "fact", "value", "low", "high", "base", "index_to_base")
    rows = sorted(rows, key=lambda row: (row["kind"], row["segment_id"], -row["index_to_base"], row["fact"]))
    best: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        listed = best[row["kind"], row["segment_id"]]
        if row["listed"] and len(listed) < LISTED:
            listed.append({name: row[name] for name in wanted} | {"customers": row["buyers"]})
    return [row for listed in best.values() for row in listed]
