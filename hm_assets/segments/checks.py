"""Checks of this stage: a segmentation that a marketer can work with has no crumbs and no catch-all."""

from typing import Any

import dagster as dg
import ibis

from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey(["segments", "assignments"]),
    partitions_def=MONTHS,
    additional_ins={"champion": dg.AssetIn(dg.AssetKey(["segments", "champion"]))},
    description=f"Each segment holds {SMALLEST_SHARE:.0%} to {LARGEST_SHARE:.0%} of the customers with purchases "
    "in the latest month of the run.",
)
def shares_are_usable(assignments: ibis.Table, champion: dict[str, Any]) -> dg.AssetCheckResult:
    latest = assignments.filter(assignments.month == assignments.month.max())
    buyers = latest.filter(latest.segment_id != NO_PURCHASE)
    sizes = buyers.group_by("segment_id").agg(customers=buyers.count()).to_pyarrow().to_pylist()
    total = sum(row["customers"] for row in sizes)
    # A segment that nobody is in any more has no row, and a share of 0.
    shares = {str(segment_id): 0.0 for segment_id in champion["ids"]} if total else {}
    shares |= {str(row["segment_id"]): row["customers"] / total for row in sizes}
    return dg.AssetCheckResult(
        passed=all(SMALLEST_SHARE <= share <= LARGEST_SHARE for share in shares.values()),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"shares": dg.MetadataValue.json(shares)},
    )
