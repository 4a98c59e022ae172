"""A check of several months is told for each of them, which is what automation asks for."""

import datetime as dt

import dagster as dg
import pyarrow as pa
import pytest

from hm_assets.settings import Settings
from hm_assets.warehouse import checks, delta
from hm_assets.warehouse.checks import by_month, key_checks
from hm_assets.warehouse.partitions import MONTHS as ALL_MONTHS
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Column, Table

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


@pytest.mark.parametrize("rows_at_once", [2, 1_000])
@pytest.mark.parametrize("months", [["2019-01"], ["2019-02"], ["2019-01", "2019-02"]])
def test_keys_are_looked_at_in_the_months_of_the_run_alone(tmp_path, months, rows_at_once, monkeypatch):
    monkeypatch.setattr(checks, "ROWS_AT_ONCE", rows_at_once)
    table = Table("a", "b", "a row", (Column("id", "int64", "Its id."),), key=("id",), monthly=True)
    january, february = dt.date(2019, 1, 1), dt.date(2019, 2, 1)
    rows = {"id": [1, 1, 2, 3], "month": [january, january, february, february]}
    batch = pa.RecordBatch.from_pydict(rows, schema=table.arrow_schema())
    delta.write(tmp_path, table, [batch], [january, february])

    @dg.asset(key=["a", "b"], partitions_def=ALL_MONTHS, backfill_policy=dg.BackfillPolicy.single_run())
    def asset() -> None:
        pass

    resources = {"warehouse": Warehouse(Settings(warehouse=tmp_path))}
    defs = dg.Definitions([asset], asset_checks=key_checks([table]), resources=resources)
    job = defs.resolve_implicit_global_asset_job_def()
    first, last = (f"{month}-01" for month in (months[0], months[-1]))
    names = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
    how = (
        {"partition_key": first} if first == last else {"tags": dict(zip(names, (first, last), strict=True))}
    )
    result = job.execute_in_process(**how, raise_on_error=False)
    found = result.get_asset_check_evaluations()
    assert {each.passed for each in found} == {"2019-01" not in months}
    (counted,) = (each.metadata["repeated_keys"].value for each in found if each.metadata)
    assert counted == ("2019-01" in months)


@pytest.mark.parametrize(
    ("most_rows", "together"), [(1, [[1], [2], [3], [4]]), (3, [[1, 2], [3], [4]]), (99, [[1, 2, 3, 4]])]
)
def test_so_many_months_are_taken_at_once_as_hold_so_many_rows(tmp_path, most_rows, together):
    table = Table("a", "b", "a row", (Column("id", "int64", "Its id."),), key=("id",), monthly=True)
    months = [dt.date(2019, month, 1) for month in (1, 2, 3, 4)]
    rows = {"id": [1, 2, 3, 4, 5, 6, 7], "month": [months[i] for i in (0, 0, 1, 2, 2, 2, 2)]}
    delta.write(tmp_path, table, [pa.RecordBatch.from_pydict(rows, schema=table.arrow_schema())], months)
    found = delta.months_together(delta.open_table(tmp_path, table), reversed(months), most_rows)
    assert [[month.month for month in bundle] for bundle in found] == together
