"""What the page needs of single customers, as expressions for the engine: it leaves a few rows, and no key."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import ibis

from hm_assets.features.attributes import part, parts
from hm_assets.profiles.fairness.privacy import K, segments_withheld
from hm_assets.profiles.page.month import Rows
from hm_assets.profiles.validity.reading import index_groups
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.calendar import add_months, of_months

ATTRIBUTE = "index_group"
OTHERS = "Other groups"
# Measure -> whether customers without any (0) are left out and told as a share, because no logarithm shows them.
SPREAD = {"recency_days": False, "spend_365d": True, "orders_365d": True, "basket_365d": True}
LEVELS = {"low": 0.05, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "high": 0.95}
SAMPLED = (
    "recency_days",
    "tenure_days",
    "orders",
    "orders_365d",
    "spend",
    "items_per_order",
    "price_per_item",
)


def spread(features: ibis.Table, assignments: ibis.Table) -> ibis.Table:
    """A row per segment and measure of `SPREAD`: members, those counted, and the quantiles of `LEVELS` over these.

    A segment with fewer than twenty of them has no row.

    Parameters
    ----------
    features, assignments
        One month of `features/customer_features` and of `segments/assignments`.
    """
    mine = _placed(features, assignments)
    parts_of = []
    for measure, only_some in SPREAD.items():
        value = mine[measure].cast("float64")
        counted = (value > 0) if only_some else value.notnull()
        parts_of.append(
            mine.group_by("segment_id").agg(
                measure=ibis.literal(measure),
                members=mine.count(),
                counted=counted.fill_null(False).sum(),
                **{name: value.quantile(level, where=counted) for name, level in LEVELS.items()},
            )
        )
    every = ibis.union(*parts_of, distinct=False)
    return every.filter(every.counted >= K).order_by("measure", "segment_id")


def sample(features: ibis.Table, assignments: ibis.Table, each: int) -> ibis.Table:
    """At most `each` customers per segment with `SAMPLED`, every n-th in the order of their behaviour.

    No key is read, for the order as little as for the result: of customers who are alike in all that is shown, it does
    not matter which is taken.
    """
    seen = _placed(features, assignments)
    mine = seen.select(
        "segment_id",
        **{name: seen[name].cast("float64") for name in SAMPLED[:-2]},
        items_per_order=seen["items"] / seen.orders,
        price_per_item=seen.spend / seen["items"],
    )
    placed = mine.mutate(
        place=ibis.row_number().over(group_by="segment_id", order_by=list(SAMPLED)),
        members=mine.count().over(group_by="segment_id"),
    )
    # Where the running number of those to take goes up by one.
    taken = ((placed.place + 1) * each) // placed.members > (placed.place * each) // placed.members
    return placed.filter(taken).order_by("segment_id", "place").select("segment_id", *SAMPLED)


def bought(
    tastes: ibis.Table, values: ibis.Table, assignments: ibis.Table, month: dt.date
) -> list[dict[str, Any]]:
    """Units that a segment bought of each index group in this month and the eleven before it, and its `buyers` then.

    A segment has fewer buyers than members: who are long gone bought nothing.

    Parameters
    ----------
    tastes
        `features/customer_tastes` of these months; others are left out.
    values
        `features/attribute_values`.
    assignments
        One month of `segments/assignments`.
    """
    year = of_months(tastes, add_months(month, -11), month)
    columns = parts(ATTRIBUTE)
    mine = year.inner_join(assignments.select("customer_key", "segment_id"), "customer_key")
    summed = mine.group_by("segment_id").agg(
        buyers=mine.customer_key.nunique(), **{name: mine[name].sum() for name in columns}
    )
    called = {part(ATTRIBUTE, position): name for position, name in index_groups(values).items()}
    return [
        {
            "segment_id": row["segment_id"],
            "value": called.get(name, OTHERS),
            "units": row[name],
            "buyers": row["buyers"],
        }
        for row in summed.order_by("segment_id").to_pyarrow().to_pylist()
        for name in columns
        if row["segment_id"] != NO_PURCHASE
    ]


def of_many(rows: Rows, buyers: Mapping[int, int]) -> Rows:
    """Without the segments whose chart would tell of fewer than twenty of these buyers."""
    few = segments_withheld(buyers)
    return [row for row in rows if row["segment_id"] not in few]


def history(assignments: ibis.Table, month: dt.date) -> ibis.Table:
    """Customers by month and segment, up to the month."""
    upto = of_months(assignments, None, month).filter(ibis._.segment_id != NO_PURCHASE)
    counted = upto.group_by("month", "segment_id").agg(customers=upto.count())
    return counted.order_by("month", "segment_id")


def _placed(features: ibis.Table, assignments: ibis.Table) -> ibis.Table:
    wanted: Collection[str] = dict.fromkeys((*SPREAD, "tenure_days", "orders", "spend", "items"))
    placed = assignments.filter(assignments.segment_id != NO_PURCHASE).select("customer_key", "segment_id")
    joined = features.select("customer_key", *wanted).inner_join(placed, "customer_key")
    return joined.select("segment_id", *wanted)
