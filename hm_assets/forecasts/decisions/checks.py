"""Checks of this room: thresholds and budgets never contact more than there are."""

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey(["forecasts", "thresholds"]),
    partitions_def=MONTHS,
    additional_ins={"customer_features": read(feature_tables.CUSTOMER_FEATURES)},
    description="Of each audience the whole per cents from 1 to 100 are there, 100 % are all customers of the month, "
    "and neither customers nor expected hits fall with the share.",
    blocking=True,
)
@by_month
def audiences_grow_with_the_share(
    thresholds: ibis.Table, customer_features: ibis.Table
) -> dg.AssetCheckResult:
    by_share = ibis.window(group_by=["month", "audience"], order_by="top_percent")
    steps = thresholds.mutate(
        before=thresholds.customers.lag().over(by_share),
        hits_before=thresholds.expected_hits.lag().over(by_share),
    )
    everybody = customer_features.group_by("month").agg(all=customer_features.count())
    whole = thresholds.filter(thresholds.top_percent == 100).inner_join(everybody, "month")
    sizes = thresholds.group_by("month", "audience").agg(shares=thresholds.count())
    counts = {
        "falling": steps.filter((steps.customers < steps.before) | (steps.expected_hits < steps.hits_before)),
        "more_hits_than_customers": thresholds.filter(
            thresholds.expected_hits > thresholds.customers * (1 + 1e-9)
        ),
        "not_all_at_100": whole.filter(whole.customers != whole["all"]),
        "not_a_hundred_shares": sizes.filter(sizes.shares != 100),
    }
    faults = {name: found.count().to_pyarrow().as_py() for name, found in counts.items()}
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)
