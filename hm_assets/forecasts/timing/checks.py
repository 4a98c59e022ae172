"""Checks of this room: the windows of a customer are nested, after the day, and within their reach."""

from itertools import pairwise

import dagster as dg
import ibis

from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS

WINDOW = ("next_order_low_80", "next_order_low_50", "next_order_high_50", "next_order_high_80")


@dg.asset_check(
    asset=dg.AssetKey(["forecasts", "customers"]),
    partitions_def=MONTHS,
    description="The 80 % window holds the 50 % window, both begin after as_of and end within the reach; everybody of "
    "a month has windows or nobody has; who has a usual gap has a horizon, and is overdue by no less than 0 days.",
    blocking=True,
)
@by_month
def windows_are_nested_and_within_reach(customers: ibis.Table) -> dg.AssetCheckResult:
    days = [customers[name] for name in WINDOW]
    first, last = (day.delta(customers.as_of, unit="day") for day in (days[0], days[-1]))
    sound = (first >= 1) & (last <= customers.window_reach_days)
    for earlier, later in pairwise(days):
        sound &= earlier <= later
    given = customers.window_reach_days.notnull()
    none = ~given
    for day in days:
        none &= day.isnull()
    usual, horizon, late = (
        customers[name] for name in ("usual_gap_days", "cadence_horizon_days", "overdue_days")
    )
    rhythm = (usual > 0) & (horizon > 0) & (late >= 0) & customers.past_cadence.notnull()
    counted = (
        customers.mutate(
            unsound=~(sound.fill_null(False) | none),
            lacking=usual.notnull() & ~rhythm.fill_null(False),
            given=given,
        )
        .group_by("month")
        .agg(
            unsound=ibis._.unsound.sum(),
            lacking=ibis._.lacking.sum(),
            partly=(ibis._.given.any() & ~ibis._.given.all()).cast("int64"),
        )
    )
    total = counted.agg(
        no_nested_windows=counted.unsound.sum(),
        no_cadence_for_a_usual_gap=counted.lacking.sum(),
        months_with_windows_for_some=counted.partly.sum(),
    )
    (found,) = total.to_pyarrow().to_pylist()
    faults = {name: int(value or 0) for name, value in found.items()}
    return dg.AssetCheckResult(passed=not any(faults.values()), metadata=faults)
