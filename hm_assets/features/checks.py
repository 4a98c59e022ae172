"""Checks of this stage: what the lines say, the customer-days say."""

import math

import dagster as dg
import ibis

from hm_assets.features.customer_days import exact_sum
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey(["features", "customer_days"]),
    blocking=True,
    partitions_def=MONTHS,
    additional_ins={"transactions": dg.AssetIn(dg.AssetKey(["raw", "transactions"]))},
    description="Units and spend of the month's customer-days are those of its lines.",
)
def totals_reconcile(customer_days: ibis.Table, transactions: ibis.Table) -> dg.AssetCheckResult:
    lines = transactions.agg(items=transactions.count(), spend=exact_sum(transactions.price))
    days = customer_days.agg(items=customer_days["items"].sum(), spend=exact_sum(customer_days.spend))
    (want,), (got,) = (table.to_pyarrow().to_pylist() for table in (lines, days))
    return dg.AssetCheckResult(
        # The day's sums are floats: of prices in the millions they keep fewer than nine decimals.
        passed=want["items"] == (got["items"] or 0)
        and math.isclose(want["spend"] or 0, got["spend"] or 0, rel_tol=1e-12),
        metadata={"lines": dg.MetadataValue.json(want), "customer_days": dg.MetadataValue.json(got)},
    )
