"""What the dashboard needs of single customers, as expressions for the engine: sums and quantiles, and no key.

What would tell of fewer than twenty customers has no row.
"""

from typing import Any

import ibis

from hm_assets.profiles.fairness.privacy import K, rounded, segments_withheld
from hm_assets.profiles.page.reading import LEVELS
from hm_assets.segments.tables import NO_PURCHASE

SPENT, EXPECTED = "spend_365d", "value_12m"


def worth(source: ibis.Table, assignments: ibis.Table, measure: str) -> list[dict[str, Any]]:
    """A row per segment: members, those counted, their sum, and the quantiles of `LEVELS` over them.

    Parameters
    ----------
    source
        A month of `features/customer_features`, or of `forecasts/customers`.
    assignments
        The month of `segments/assignments`.
    measure
        `SPENT` of the former, counted of those with any; `EXPECTED` of the latter, of those it is known of.
    """
    placed = assignments.filter(assignments.segment_id != NO_PURCHASE).select("customer_key", "segment_id")
    mine = source.select("customer_key", value=source[measure].cast("float64"))
    joined = mine.inner_join(placed, "customer_key")
    counted = (joined.value > 0 if measure == SPENT else joined.value.notnull()).fill_null(False)
    rows = joined.group_by("segment_id").agg(
        measure=ibis.literal(measure),
        members=joined.count(),
        counted=counted.sum(),
        total=joined.value.sum(where=counted),
        **{name: joined.value.quantile(level, where=counted) for name, level in LEVELS.items()},
    )
    each = rows.order_by("segment_id").to_pyarrow().to_pylist()
    hidden = segments_withheld({row["segment_id"]: row["counted"] for row in each})
    return [
        # The engine adds in any order; what it cannot know apart is not kept.
        {**row, "total": round(row["total"], 6)}
        for row in each
        if row["segment_id"] not in hidden and row["counted"] >= K
    ]


def one_order_away(movement: ibis.Table) -> list[dict[str, Any]]:
    """Of each segment the customers, and those whom one more order today would move to a segment of higher spend.

    The latter in multiples of twenty, and None for fewer than twenty.

    Parameters
    ----------
    movement
        One month of `profiles/customer_movement`.
    """
    bought = movement.filter(movement.segment_id != NO_PURCHASE, movement.rises_with_one_order.notnull())
    rows = bought.group_by("segment_id").agg(
        customers=bought.count(), rises=bought.rises_with_one_order.cast("int64").sum()
    )
    return [
        {**row, "rises": rounded(int(row["rises"]))}
        for row in rows.order_by("segment_id").to_pyarrow().to_pylist()
    ]
