"""Checks of this room: what fails a criterion is not published, unless somebody signed for it."""

from typing import Any

import dagster as dg

from hm_assets.profiles.passport.assets import PASSPORTS
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=PASSPORTS,
    partitions_def=MONTHS,
    blocking=True,
    description="No blocking criterion of the passports fails, or a person signed for it.",
)
@by_month
def segments_may_be_published(passports: dict[str, Any]) -> dg.AssetCheckResult:
    closed = {month: verdict for month, verdict in passports.items() if not verdict["open"]}
    return dg.AssetCheckResult(
        passed=not closed,
        description=" ".join(verdict["verdict"] for verdict in closed.values()) or None,
        metadata={"failures": dg.MetadataValue.json({m: list(v["failures"]) for m, v in closed.items()})},
    )
