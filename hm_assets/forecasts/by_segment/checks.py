"""Checks of this room: shares are shares, no segment is lost, the list is in order."""

import dagster as dg
import ibis

from hm_assets.forecasts.by_segment import tables
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey([tables.SEGMENTS.stage, tables.SEGMENTS.name]),
    partitions_def=MONTHS,
    additional_ins={"assignments": read(segment_tables.ASSIGNMENTS)},
    description="Each segment with customers who bought has its measures, shares lie in 0 to 1, no value is negative, "
    "and each lies within its interval.",
    blocking=True,
)
@by_month
def no_segment_is_lost(segments: ibis.Table, assignments: ibis.Table) -> dg.AssetCheckResult:
    rows = segments.to_pyarrow().to_pylist()
    bought = assignments.filter(assignments.segment_id != segment_tables.NO_PURCHASE)
    there = (
        bought.select("month", segment=bought.segment_id.cast("string")).distinct().to_pyarrow().to_pylist()
    )
    told = {(row["month"], row["segment"]) for row in rows}
    faults = [
        f"{row['month']:%Y-%m}: no segment {row['segment']}"
        for row in there
        if tuple(row.values()) not in told
    ]
    for row in rows:
        ends = [end for end in (row["low"], row["value"], row["high"]) if end is not None]
        if ends != sorted(ends) or any(not end >= 0 or (row["unit"] == "share" and end > 1) for end in ends):
            faults.append(f"{row['month']:%Y-%m}: segment {row['segment']}: {row['measure']}: {ends}")
    listed = "\n".join(f"- {fault}" for fault in sorted(faults)[:10])
    return dg.AssetCheckResult(passed=not faults, metadata={"faults": dg.MetadataValue.md(listed)})


@dg.asset_check(
    asset=dg.AssetKey([tables.EARLY_WARNING.stage, tables.EARLY_WARNING.name]),
    partitions_def=MONTHS,
    description="Ranks run from 1 without a gap, the value at stake never rises with them, and nobody who is likelier "
    "to order than to leave is listed.",
    blocking=True,
)
@by_month
def the_list_is_in_order(early_warning: ibis.Table) -> dg.AssetCheckResult:
    rows = early_warning.order_by("month", "rank")
    before = ibis.window(group_by="month", order_by="rank")
    told = rows.mutate(place=ibis.row_number().over(before) + 1, more=rows.value_at_stake.lag().over(before))
    wrong = (told.place != told["rank"]) | (told.more < told.value_at_stake).fill_null(False)
    faults = {
        "out_of_order": told.filter(wrong).count().to_pyarrow().as_py(),
        "likelier_to_order": rows.filter(~(rows.p_order_90d < 0.5)).count().to_pyarrow().as_py(),
    }
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)
