"""How well the frozen champion still fits the customers of a month, and what its segments bring.

A segment's centre is the mean of its members in the month of the training, in the champion's space. That exists for
every kind of model, and stays where it is: members that move away from it show.
"""

from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np

from hm_assets.features.customer_days import exact_sum, whole_sum
from hm_assets.monitoring.counting import ALL
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.models import Centres

# What `quality` reads of a customer besides the columns of the space.
KPIS = ("spend_365d", "orders_365d", "orders_90d")
AXIS = "point_{}"

Middles = Mapping[str, list[float]]
"""Segment -> its centre."""


def placed(champion: Champion, customers: ibis.Table) -> ibis.Table:
    """`segment_id`, the coordinates and `KPIS` of one month's `inputs.customers_as_of`."""
    points = {AXIS.format(i): x for i, x in enumerate(champion.space.expressions(customers))}
    segments = champion.assign(customers).select("customer_key", "segment_id")
    return customers.select("customer_key", *KPIS, **points).inner_join(segments, "customer_key")


def middles(champion: Champion, people: ibis.Table) -> Middles:
    """The centres, from the customers `placed` in the month of the training; without segments that nobody is in."""
    axes = [AXIS.format(i) for i in range(len(champion.space.coordinates))]
    sums = people.group_by("segment_id").agg(
        customers=people.count(), **{axis: exact_sum(people[axis]) for axis in axes}
    )
    rows = sums.order_by("segment_id").to_pyarrow().to_pylist()
    return {str(row["segment_id"]): [row[axis] / row["customers"] for axis in axes] for row in rows}


def quality(people: ibis.Table, centres: Middles) -> dict[str, dict[str, Any]]:
    """Segment, or all -> its figures.

    `silhouette` is the centroid silhouette (Hruschka et al. 2004), `distance` the mean distance to the own centre, in
    standard deviations of the training month; both are empty for members of a segment without a centre. Nothing where
    nobody has bought yet.

    Parameters
    ----------
    people
        Of `placed`.
    centres
        Of `middles`.
    """
    ids = list(centres)
    axes = [people[AXIS.format(i)] for i in range(len(next(iter(centres.values()))))]
    distances = Centres(np.array([centres[i] for i in ids])).expressions(axes)
    named = {f"to_{i}": distance for i, distance in zip(ids, distances, strict=True)}
    far = people.select("segment_id", *KPIS, **named)
    own = ibis.cases(*((far.segment_id == int(i), far[f"to_{i}"]) for i in ids))
    others = [ibis.ifelse(far.segment_id == int(i), float("inf"), far[f"to_{i}"]) for i in ids]
    both = far.mutate(own=own, other=ibis.least(*others) if len(ids) > 1 else ibis.null("float64"))
    longer = ibis.greatest(both.own, both.other)
    both = both.mutate(silhouette=ibis.ifelse(longer > 0, (both.other - both.own) / longer, 0.0))
    sums = both.group_by("segment_id").agg(
        customers=both.count(),
        known=both.own.count(),
        distance=exact_sum(both.own),
        silhouette=exact_sum(both.silhouette),
        spend=exact_sum(both.spend_365d),
        orders=whole_sum(both.orders_365d),
        active=(both.orders_90d > 0).sum(),
    )
    rows = {str(row.pop("segment_id")): row for row in sums.order_by("segment_id").to_pyarrow().to_pylist()}
    if not rows:
        return {}
    # A segment that died out is told, too: nobody is in it.
    nobody = dict.fromkeys(("customers", "known", "distance", "silhouette", "spend", "orders", "active"), 0)
    rows = {**{segment: nobody for segment in ids}, **rows}
    total = {name: sum(row[name] or 0 for row in rows.values()) for name in nobody}
    return {segment: _figures(row, total, len(ids)) for segment, row in {**rows, ALL: total}.items()}


def _figures(row: Mapping[str, Any], total: Mapping[str, Any], segments: int) -> dict[str, Any]:
    n, known = row["customers"], row["known"]
    return {
        "customers": n,
        "share": n / total["customers"],
        "silhouette": row["silhouette"] / known if known and segments > 1 else None,
        "distance": row["distance"] / known if known else None,
        "spend_365d": row["spend"] / n if n else None,
        "share_of_spend_365d": row["spend"] / total["spend"] if total["spend"] > 0 else None,
        "orders_365d": row["orders"] / n if n else None,
        "active_share": row["active"] / n if n else None,
    }
