"""Checks of this stage: a flag is a yes or a no, nobody is lost, and a column that is mostly unknown is named."""

import dagster as dg
import ibis

from hm_assets.customers.encoding import LIMIT_UNKNOWN
from hm_assets.raw import tables as raw
from hm_assets.warehouse.assets import read


@dg.asset_check(
    asset=dg.AssetKey(["customers", "customers"]),
    blocking=True,
    additional_ins={"raw_customers": read(raw.CUSTOMERS)},
    description="fn and active are 0 or 1 on every row, and the customers by club status, unknown among them, add up "
    "to the rows of raw/customers.",
)
def flags_are_clear_and_nobody_is_lost(
    customers: ibis.Table, raw_customers: ibis.Table
) -> dg.AssetCheckResult:
    clear = customers.fn.isin([0, 1]) & customers.active.isin([0, 1])
    counted = customers.group_by("club_member_status").agg(
        customers=ibis._.count(), unclear=(~clear.fill_null(False)).sum()
    )
    by_status = counted.order_by("club_member_status").to_pyarrow().to_pylist()
    delivered = int(raw_customers.count().execute())
    unclear = sum(row["unclear"] for row in by_status)
    return dg.AssetCheckResult(
        passed=not unclear and sum(row["customers"] for row in by_status) == delivered,
        metadata={
            "delivered": delivered,
            "unclear_flags": unclear,
            "by_club_member_status": dg.MetadataValue.json(
                {row["club_member_status"] or "unknown": row["customers"] for row in by_status}
            ),
        },
    )


@dg.asset_check(
    asset=dg.AssetKey(["customers", "missingness"]),
    description=f"No column is more than {LIMIT_UNKNOWN:.0%} unknown after recoding; such a column is not filled.",
)
def few_values_are_unknown(missingness: ibis.Table) -> dg.AssetCheckResult:
    over = missingness.filter(missingness.over_limit).order_by("position").to_pyarrow().to_pylist()
    return dg.AssetCheckResult(
        passed=not over,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={row["column"]: row["share_unknown"] for row in over},
        description=f"Not filled: {', '.join(row['column'] for row in over)}" if over else None,
    )
