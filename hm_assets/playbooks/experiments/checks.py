"""Checks of this room: every customer who may be contacted is in one arm, as many are held out as planned."""

import dagster as dg
import ibis

from hm_assets.customers import tables as customer_tables
from hm_assets.playbooks.experiments import tables
from hm_assets.playbooks.experiments.assignment import HOLDOUT, TREATED
from hm_assets.playbooks.experiments.audience import contactable
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS

STRATA = 3
"""Of a segment: each rounds its number of held out up or down."""


@dg.asset_check(
    asset=dg.AssetKey(["playbooks", "audiences"]),
    partitions_def=MONTHS,
    additional_ins={
        "holdout_plans": read(tables.HOLDOUT_PLANS),
        "assignments": read(segment_tables.ASSIGNMENTS),
        "customers": read(customer_tables.CUSTOMERS),
    },
    description="Everybody who may be contacted is in the audience in an arm, nobody else is, and of each segment as "
    "many are held out as its plan says, within rounding by stratum.",
    blocking=True,
)
@by_month
def arms_are_as_planned(
    audiences: ibis.Table, holdout_plans: ibis.Table, assignments: ibis.Table, customers: ibis.Table
) -> dg.AssetCheckResult:
    people = contactable(customers)
    wanted = assignments.semi_join(people, "customer_key").select("month", "customer_key", "segment_id")
    keys = ["month", "customer_key", "segment_id"]
    chosen = holdout_plans.filter(holdout_plans.chosen).select("month", "segment_id", planned="holdout")
    held = (
        audiences.group_by("month", "segment_id")
        .agg(held=(audiences.arm == HOLDOUT).cast("int64").sum())
        .left_join(chosen, ["month", "segment_id"])
    )
    counts = {
        "missing": wanted.anti_join(audiences, keys),
        "strangers": audiences.anti_join(wanted, keys),
        "in_no_arm": audiences.filter(audiences.arm.notin([TREATED, HOLDOUT])),
        "not_as_planned": held.filter(((held.held - held.planned).abs() > STRATA).fill_null(True)),
    }
    faults = {name: found.count().to_pyarrow().as_py() for name, found in counts.items()}
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)
