"""A check of several months is told for each of them, which is what automation asks for."""

import dagster as dg
import pytest

from hm_assets.warehouse.checks import by_month

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2020-01-01", end_date="2020-05-01")
RANGE = {
    "dagster/asset_partition_range_start": "2020-01-01",
    "dagster/asset_partition_range_end": "2020-02-01",
}


@pytest.mark.parametrize("healthy", [True, False])
def test_a_check_over_a_range_is_told_month_by_month_and_again_when_it_runs_again(healthy):
    condition = dg.AutomationCondition.all_deps_blocking_checks_passed()
    passes = [healthy, True]

    @dg.asset(partitions_def=MONTHS, backfill_policy=dg.BackfillPolicy.single_run())
    def table() -> None:
        pass

    @dg.asset_check(asset=table, blocking=True, partitions_def=MONTHS)
    @by_month
    def sound():
        return dg.AssetCheckResult(passed=passes.pop(0))

    @dg.asset(deps=[table], partitions_def=MONTHS, automation_condition=condition)
    def below() -> None:
        pass

    defs = dg.Definitions([table, below], asset_checks=[sound])
    instance = dg.DagsterInstance.ephemeral()

    def released():
        found = dg.evaluate_automation_conditions(defs, instance)
        return found.get_requested_partitions(below.key)

    for expected in (healthy, True):
        defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, asset_selection=[table.key], tags=RANGE, raise_on_error=False
        )
        assert released() == ({"2020-01-01", "2020-02-01"} if expected else set())
