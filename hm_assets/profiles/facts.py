"""Facts about segments: each is one estimator applied to the members and to the base."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from hm_assets.profiles import intervals
from hm_assets.profiles.intervals import Estimate, Floats
from hm_assets.segments.tables import NO_PURCHASE

Columns = Mapping[str, npt.NDArray[Any]]
ACTIVE_CLUB = "ACTIVE"


@dataclass(frozen=True)
class Fact:
    """A fact: its kind, name, unit and how it is estimated from the columns of some customers."""

    kind: str
    name: str
    unit: str | None
    estimate: Callable[[Columns], Estimate | None]
    needs_purchases: bool = True


def _mean(name: str) -> Callable[[Columns], Estimate | None]:
    return lambda columns: intervals.mean(columns[name]) if len(columns[name]) else None


def _median(name: str) -> Callable[[Columns], Estimate | None]:
    def estimate(columns: Columns) -> Estimate | None:
        values = columns[name]
        known = values[~np.isnan(values)]
        return intervals.median(known) if len(known) else None

    return estimate


def _share_above_zero(name: str) -> Callable[[Columns], Estimate | None]:
    """Share of those with a positive value among those where it is known."""

    def estimate(columns: Columns) -> Estimate | None:
        known = columns[name][~np.isnan(columns[name])]
        return intervals.share(int((known > 0).sum()), len(known)) if len(known) else None

    return estimate


def _share_known(name: str) -> Callable[[Columns], Estimate | None]:
    def estimate(columns: Columns) -> Estimate | None:
        values = columns[name]
        return intervals.share(int((~np.isnan(values)).sum()), len(values)) if len(values) else None

    return estimate


def _ratio(over: str, under: str) -> Callable[[Columns], Estimate | None]:
    """Sum over sum, with the linearised interval of a ratio of means (Cochran 1977, 2.11)."""

    def estimate(columns: Columns) -> Estimate | None:
        top, bottom = columns[over], columns[under]
        if bottom.sum() <= 0:
            return None
        ratio = float(top.sum() / bottom.sum())
        if len(top) < 2:
            return ratio, None, None
        residual: Floats = top - ratio * bottom
        half = intervals.Z * float(residual.std(ddof=1)) / (np.sqrt(len(top)) * float(bottom.mean()))
        return ratio, ratio - half, ratio + half

    return estimate


# The features that facts and names are made of.
BEHAVIOUR = (
    *("recency_days", "purchase_days", "orders", "items", "spend"),
    *("orders_365d", "online_orders_365d", "spend_365d"),
)
FACTS = (
    Fact("behaviour", "recency_days", "days", _median("recency_days")),
    Fact("behaviour", "orders", "orders", _median("orders")),
    Fact("behaviour", "orders_365d", "orders", _mean("orders_365d")),
    Fact("behaviour", "bought_365d", "share", _share_above_zero("orders_365d")),
    Fact("behaviour", "online_share", "share", _ratio("online_orders_365d", "orders_365d")),
    Fact("behaviour", "items_per_order", "units", _ratio("items", "orders")),
    Fact("value", "spend_365d", "price index", _mean("spend_365d")),
    Fact("value", "spend_per_order", "price index", _ratio("spend", "orders")),
    Fact("demographic", "age", "years", _median("age"), needs_purchases=False),
    Fact("demographic", "age_known", "share", _share_known("age"), needs_purchases=False),
    Fact("engagement", "fashion_news", "share", _share_above_zero("fn"), needs_purchases=False),
    Fact("engagement", "club_active", "share", _share_above_zero("club_active"), needs_purchases=False),
)


def members(assignments: ibis.Table, features: ibis.Table, customers: ibis.Table) -> Columns:
    """One month's customers as columns: segment, behaviour (0 without purchases) and attributes (NaN = unknown).

    An empty FN is a no (`customers/recoding.py`); where nobody has one, the files lack it, and it is unknown of all.
    """
    joined = assignments.select("customer_key", "segment_id").left_join(
        features.select("customer_key", *BEHAVIOUR), "customer_key"
    )
    joined = joined.drop("customer_key_right").left_join(
        customers.select(
            "customer_key",
            "age",
            fn=ibis.ifelse(customers.fn.max().over() > 0, customers.fn, None),
            club_active=customers.club_member_status == ACTIVE_CLUB,
        ),
        "customer_key",
    )
    table = (
        joined.order_by("customer_key")
        .select(
            "segment_id",
            *(joined[name].fill_null(0).cast("float64").name(name) for name in BEHAVIOUR),
            age=joined.age.cast("float64"),
            fn=joined.fn.cast("float64"),
            club_active=joined.club_active.cast("float64"),
        )
        .to_pyarrow()
    )
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def rows_of(
    columns: Columns, names: Mapping[int, str], as_of: dt.date, month: dt.date
) -> list[dict[str, Any]]:
    """The facts of every segment as rows of `profiles/segment_profiles`, categories aside."""
    segment = columns["segment_id"]
    buyers = _some(columns, segment != NO_PURCHASE)
    base = {fact.name: fact.estimate(buyers) for fact in FACTS}
    rows = []
    for segment_id in sorted(names):
        mine = _some(columns, segment == segment_id)
        head = {"as_of": as_of, "month": month, "segment_id": segment_id, "segment_name": names[segment_id]}
        for kind, name, unit, estimate, reference in _sizes(segment_id, mine, buyers):
            rows.append({**head, **_row(kind, name, unit, estimate, reference)})
        for fact in FACTS:
            if segment_id == NO_PURCHASE and fact.needs_purchases:
                continue
            found, whole = fact.estimate(mine), base[fact.name]
            if found is not None:
                rows.append({**head, **_row(fact.kind, fact.name, fact.unit, found, whole and whole[0])})
    return rows


def _sizes(
    segment_id: int, mine: Columns, buyers: Columns
) -> list[tuple[str, str, str | None, Estimate, float]]:
    count, total = len(mine["segment_id"]), len(buyers["segment_id"])
    sizes: list[tuple[str, str, str | None, Estimate, float]] = [
        ("size", "customers", "customers", (float(count), None, None), float(total))
    ]
    if segment_id != NO_PURCHASE and total:
        sizes.append(("size", "share_of_customers", "share", (count / total, None, None), 1.0))
        spend = float(buyers["spend_365d"].sum())
        if spend > 0:
            part = float(mine["spend_365d"].sum()) / spend
            sizes.append(("size", "share_of_spend_365d", "share", (part, None, None), 1.0))
    return sizes


def _row(kind: str, name: str, unit: str | None, estimate: Estimate, base: float | None) -> dict[str, Any]:
    """No fact is negative, and no share above 1: normal intervals do not know that."""
    value, low, high = estimate
    low = None if low is None else max(low, 0.0)
    high = min(high, 1.0) if high is not None and unit == "share" else high
    index = 100 * value / base if base and kind != "size" else None
    return {
        "kind": kind,
        "fact": name,
        "unit": unit,
        "value": value,
        "low": low,
        "high": high,
        "base": base,
        "index_to_base": index,
    }


def _some(columns: Columns, where: npt.NDArray[np.bool_]) -> Columns:
    return {name: values[where] for name, values in columns.items()}
