"""Checks of this room: no unit is lost on the way to segments and categories, and forecasts add up."""

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.forecasts.demand import tables
from hm_assets.forecasts.demand.outlook import unaccounted
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey([tables.DEMAND_HISTORY.stage, tables.DEMAND_HISTORY.name]),
    partitions_def=MONTHS,
    additional_ins={"customer_days": read(feature_tables.CUSTOMER_DAYS)},
    description="The units of a month's segments and categories are those of its lines.",
    blocking=True,
)
@by_month
def no_unit_is_lost(demand_history: ibis.Table, customer_days: ibis.Table) -> dg.AssetCheckResult:
    placed = demand_history.group_by("month").agg(units=demand_history.units.sum().cast("int64"))
    bought = customer_days.group_by("month").agg(units=customer_days["items"].sum().cast("int64"))
    found, true = (
        dict(zip(t["month"].to_pylist(), t["units"].to_pylist(), strict=True))
        for t in (placed.to_pyarrow(), bought.to_pyarrow())
    )
    faults = {
        f"{month:%Y-%m}": f"{found.get(month, 0)} units of {true.get(month, 0)}"
        for month in sorted(found.keys() | true.keys())
        if found.get(month) != true.get(month)
    }
    return dg.AssetCheckResult(passed=not faults, metadata=faults)


@dg.asset_check(
    asset=dg.AssetKey([tables.DEMAND.stage, tables.DEMAND.name]),
    partitions_def=MONTHS,
    description="Segments and categories add up to all, and their cells to both; no forecast is negative or outside "
    "of its interval.",
    blocking=True,
)
@by_month
def demand_adds_up(demand: ibis.Table) -> dg.AssetCheckResult:
    rows = demand.to_pyarrow().to_pylist()
    faults = []
    for month in sorted({row["month"] for row in rows}):
        mine = [row for row in rows if row["month"] == month]
        faults += [f"{month:%Y-%m}: {fault}" for fault in unaccounted(mine, tables.ALL)]
        faults += [
            f"{month:%Y-%m}: {row['segment']}, {row['category']}: {row['low']} to {row['high']} around {row['units']}"
            for row in mine
            if not (row["units"] >= 0)
            or (row["low"] is not None and not row["low"] <= row["units"] <= row["high"])
        ]
    listed = "\n".join(f"- {fault}" for fault in faults[:10])
    return dg.AssetCheckResult(passed=not faults, metadata={"faults": dg.MetadataValue.md(listed)})
