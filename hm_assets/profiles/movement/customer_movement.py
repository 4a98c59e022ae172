"""`profiles/customer_movement`: the chain, the last change, the cause of the month's move, and the outlook."""

import datetime as dt
from collections.abc import Mapping

import ibis

from hm_assets.features.customer_days import exact_sum
from hm_assets.profiles.movement.chain import SPEND, order_of_value
from hm_assets.profiles.movement.outlook import BEHAVIOUR, Order, outlook
from hm_assets.profiles.movement.tables import CUSTOMER_MOVEMENT
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.inputs import customers_as_of
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.calendar import of_month

CHAIN = (
    "segment_before",
    "segment_after_model",
    "segment_after_time",
    "segment_after_behaviour",
    "segment_id",
)
SPENDS = ("spend_before", "spend_after_time", "spend_after_behaviour", SPEND)
STEPS = ("model", "time", "behaviour", "price")


def customer_movement(
    chained: ibis.Table,
    changes: ibis.Table,
    assignments: ibis.Table,
    features: ibis.Table,
    tastes: ibis.Table,
    champion: Champion,
    month: dt.date,
) -> ibis.Table:
    """One row per customer on file.

    Parameters
    ----------
    chained
        `chain.chain`, or `unchained` where there is no month before.
    changes
        `past.last_changes`.
    assignments, features
        Of the month.
    tastes
        `features/customer_tastes` of the month and the eleven before it.
    champion
        The model that made `assignments`.
    month
        The month.
    """
    places = order_of_value(assignments, features, month)
    columns = {*champion.space.columns, *BEHAVIOUR}
    # Ids order the rows: what is computed of one depends on no other.
    people = customers_as_of(features, tastes, month, columns).order_by("customer_key").to_pyarrow()
    coming = outlook(champion, people, places, typical_orders(assignments, features, month))
    joined = chained.left_join(changes, "customer_key", rname="{name}_1")
    joined = joined.left_join(ibis.memtable(coming), "customer_key", rname="{name}_2")
    as_of = of_month(assignments, month).as_of.max().to_pyarrow().as_py()
    made = joined.mutate(
        as_of=ibis.literal(as_of, "date"),
        month=ibis.literal(month, "date"),
        cause=_cause(joined),
        direction=_direction(joined, places),
    )
    return made.select([column.name for column in CUSTOMER_MOVEMENT.stored_columns])


def unchained(assignments: ibis.Table, features: ibis.Table, month: dt.date) -> ibis.Table:
    """The columns of `chain.chain` where there is no month before: the segment and the spend of today alone."""
    found = of_month(assignments, month).select("customer_key", "segment_id")
    found = found.left_join(of_month(features, month).select("customer_key", SPEND), "customer_key")
    return found.select(
        "customer_key",
        "segment_id",
        **{name: ibis.null("int32") for name in CHAIN[:-1]},
        **{name: ibis.null("float64") for name in SPENDS[:-1]},
        **{SPEND: found[SPEND].fill_null(0.0)},
    )


def typical_orders(assignments: ibis.Table, features: ibis.Table, month: dt.date) -> Mapping[int, Order]:
    """Units and spend per order of each segment, over all orders of its members so far."""
    members = of_month(assignments, month).select("customer_key", "segment_id")
    wanted = of_month(features, month).select("customer_key", "orders", "items", "spend")
    joined = members.inner_join(wanted, "customer_key")
    sums = joined.group_by("segment_id").agg(
        orders=joined.orders.sum(), items=joined["items"].sum(), spend=exact_sum(joined.spend)
    )
    return {
        row["segment_id"]: Order(int(row["items"]) / int(row["orders"]), row["spend"] / int(row["orders"]))
        for row in sums.to_pyarrow().to_pylist()
        if row["segment_id"] != NO_PURCHASE
    }


def _cause(chained: ibis.Table) -> ibis.Value:
    """The last step that changed the segment, of those who are elsewhere than the month before."""
    moved = [
        (chained[a] != chained[b], step) for a, b, step in zip(CHAIN[:-1], CHAIN[1:], STEPS, strict=True)
    ]
    stayed = chained.segment_before.isnull() | (chained.segment_before == chained.segment_id)
    return ibis.cases((stayed, "none"), *reversed(moved), else_="none")


def _direction(chained: ibis.Table, places: Mapping[int, int]) -> ibis.Value:
    """By the places of today; a segment that nobody is in any more is lowest of those with purchases."""

    def place(segment: ibis.Value) -> ibis.Value:
        return ibis.cases(*((segment == i, n) for i, n in places.items()), else_=0)

    before, now = chained.segment_before.fill_null(chained.segment_id), chained.segment_id
    # Two segments at the same place (one is empty) are told apart by their numbers: a lower one is worth more.
    up = (place(now) > place(before)) | (
        (place(now) == place(before)) & (before > now) & (now != NO_PURCHASE)
    )
    return ibis.cases((before == now, "level"), (up, "up"), else_="down")
