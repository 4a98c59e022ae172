"""Facts about segments: each is one estimator applied to the members and to the base.

Beside the figure of the members stands that of all customers with purchases, and how far the two lie apart: Cliff's
delta (1993) against the other segments, the chance that a member has more than somebody outside, minus the chance of
less. It is on one scale for days, units and shares, and no number of customers makes it larger.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.profiles.members import Columns, some
from hm_assets.profiles.statistics import intervals
from hm_assets.profiles.statistics.intervals import Estimate, Floats
from hm_assets.profiles.statistics.ranks import deltas_to_others
from hm_assets.segments.tables import NO_PURCHASE

# Asked for of any profile, and in none of the files: said by name, never estimated.
NOT_IN_DATA: Mapping[str, str] = {
    "gender": "Who they are beyond age: gender, income, household.",
    "margin": "What it earned: margins, discounts, returns. Spend is a price index, not money.",
    "contact": "What they saw: e-mail opens, web visits, advertising, past campaigns.",
    "reason": "Why they bought, or stayed away.",
}


@dataclass(frozen=True)
class Fact:
    """A fact: its kind, name and unit, how it is estimated from customers (given a seed), and what one of them has."""

    kind: str
    name: str
    unit: str
    estimate: Callable[[Columns, int], Estimate | None]
    of_each: Callable[[Columns], Floats]
    needs_purchases: bool = True
    of_those_with_any: bool = False

    def customers(self, columns: Columns) -> int:
        """How many customers the figure rests on: of whom it is known; of a year's sum, those who add to it."""
        each = self.of_each(columns)
        return int(((each > 0) if self.of_those_with_any else ~np.isnan(each)).sum())


def _known(name: str) -> Callable[[Columns], Floats]:
    return lambda columns: columns[name]


def _mean(kind: str, fact: str, unit: str, column: str, of_those_with_any: bool = False) -> Fact:
    def estimate(columns: Columns, seed: int) -> Estimate | None:
        known = columns[column][~np.isnan(columns[column])]
        return intervals.mean(known) if len(known) else None

    return Fact(kind, fact, unit, estimate, _known(column), of_those_with_any=of_those_with_any)


def _median(kind: str, fact: str, unit: str, column: str) -> Fact:
    def estimate(columns: Columns, seed: int) -> Estimate | None:
        known = columns[column][~np.isnan(columns[column])]
        return intervals.median(known) if len(known) else None

    return Fact(kind, fact, unit, estimate, _known(column))


def _share(
    kind: str, fact: str, column: str, needs_purchases: bool = True, exactly: float | None = None
) -> Fact:
    """Share of those with a positive value, or with exactly this one, among those where it is known."""

    def of_each(columns: Columns) -> Floats:
        has = columns[column] > 0 if exactly is None else columns[column] == exactly
        return np.where(np.isnan(columns[column]), np.nan, has)

    def estimate(columns: Columns, seed: int) -> Estimate | None:
        known = of_each(columns)[~np.isnan(columns[column])]
        return intervals.share(int(known.sum()), len(known)) if len(known) else None

    return Fact(kind, fact, "share", estimate, of_each, needs_purchases)


def _ratio(kind: str, fact: str, unit: str, over: str, under: str) -> Fact:
    """Sum over sum: of all orders of a segment, not of its mean customer."""

    def of_each(columns: Columns) -> Floats:
        bought = columns[under] > 0
        return np.where(bought, columns[over] / np.where(bought, columns[under], 1.0), np.nan)

    return Fact(
        kind, fact, unit, lambda columns, seed: intervals.ratio(columns[over], columns[under], seed), of_each
    )


FACTS = (
    _median("behaviour", "recency_days", "days", "recency_days"),
    _median("behaviour", "tenure_days", "days", "tenure_days"),
    _median("behaviour", "orders", "orders", "orders"),
    _mean("behaviour", "orders_365d", "orders", "orders_365d", of_those_with_any=True),
    _share("behaviour", "bought_365d", "orders_365d"),
    _share("behaviour", "bought_once", "orders", exactly=1),
    _median("behaviour", "gap_days", "days", "mean_gap_days"),
    _ratio("behaviour", "online_share", "share", "online_orders_365d", "orders_365d"),
    _ratio("behaviour", "items_per_order", "units", "items", "orders"),
    _mean("behaviour", "discount_share", "share", "below_reference_share_365d"),
    _mean("value", "spend_365d", "price index", "spend_365d", of_those_with_any=True),
    _ratio("value", "spend_per_order", "price index", "spend", "orders"),
    _ratio("value", "price_per_item", "price index", "spend", "items"),
    _share("engagement", "fashion_news", "fn", needs_purchases=False),
    _share("engagement", "active", "active", needs_purchases=False),
    _share("engagement", "club_active", "club_active", needs_purchases=False),
    _share("engagement", "club_pre_create", "club_pre_create", needs_purchases=False),
    _share("engagement", "club_left", "club_left", needs_purchases=False),
)


def rows_of(
    columns: Columns, names: Mapping[int, str], as_of: dt.date, month: dt.date, seed: int = 0
) -> list[dict[str, Any]]:
    """The facts of every segment as rows of `profiles/segment_profiles`; ages and tastes are made elsewhere.

    Parameters
    ----------
    columns
        `members.members`.
    names
        Segment id -> name, of the segments to make rows for.
    as_of, month
        What the rows belong to.
    seed
        Of the bootstrap of segments with few customers.
    """
    segment = columns["segment_id"]
    buyers = some(columns, segment != NO_PURCHASE)
    mine = {i: some(columns, segment == i) for i in sorted(names)}
    found = {i: [_row(*sizes) for sizes in _sizes(i, who, buyers, seed)] for i, who in mine.items()}
    for fact in FACTS:
        base = fact.estimate(buyers, seed)
        effects = deltas_to_others(fact.of_each(buyers), buyers["segment_id"])
        for i, who in mine.items():
            if (i != NO_PURCHASE or not fact.needs_purchases) and (estimate := fact.estimate(who, seed)):
                row = _row(fact.kind, fact.name, fact.unit, fact.customers(who), estimate, base and base[0])
                found[i].append(row | {"effect": effects.get(i)})
    return [
        {"as_of": as_of, "month": month, "segment_id": i, "segment_name": names[i], **row}
        for i, rows in found.items()
        for row in rows
    ]


def effects_of(name: str, columns: Columns) -> dict[int, float]:
    """Cliff's delta of a column of the buyers, by segment."""
    buyers = some(columns, columns["segment_id"] != NO_PURCHASE)
    return deltas_to_others(buyers[name], buyers["segment_id"])


def _sizes(
    segment_id: int, mine: Columns, buyers: Columns, seed: int
) -> list[tuple[str, str, str, int, Estimate, float | None]]:
    count, total = len(mine["segment_id"]), len(buyers["segment_id"])
    sizes: list[tuple[str, str, str, int, Estimate, float | None]] = [
        ("size", "customers", "customers", count, (float(count), None, None), float(total))
    ]
    if segment_id != NO_PURCHASE and total:
        sizes.append(("size", "share_of_customers", "share", count, (count / total, None, None), 1.0))
        spend = buyers["spend_365d"]
        if part := intervals.ratio(np.where(buyers["segment_id"] == segment_id, spend, 0.0), spend, seed):
            sizes.append(
                ("size", "share_of_spend_365d", "share", int((mine["spend_365d"] > 0).sum()), part, 1.0)
            )
    return sizes


def _row(
    kind: str, name: str, unit: str, customers: int, estimate: Estimate, base: float | None
) -> dict[str, Any]:
    """No fact is negative, and no share above 1: normal intervals do not know that."""
    value, low, high = estimate
    low = None if low is None else max(low, 0.0)
    high = min(high, 1.0) if high is not None and unit == "share" else high
    index = 100 * value / base if base and kind != "size" else None
    return {
        "kind": kind,
        "fact": name,
        "unit": unit,
        "customers": customers,
        "value": value,
        "low": low,
        "high": high,
        "base": base,
        "index_to_base": index,
    }
