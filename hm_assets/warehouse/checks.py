"""Checks that follow from the registry alone (the key of a table identifies its rows), and checks by month."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from deltalake import DeltaTable

from hm_assets.warehouse import delta
from hm_assets.warehouse.assets import FIRST
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.io_manager import latest_by_month
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.schema import MONTH, Table

ROWS_AT_ONCE = 20_000_000
EXAMPLES = 3


def by_month(check: Callable[..., dg.AssetCheckResult]) -> Callable[..., dg.AssetCheckResult]:
    """Tell the result of a blocking check of several months for each of them.

    Dagster 1.13 records the check of a run over a range of months under no month at all. Automation asks by month, and
    would never learn that a month is sound, or that it is not.
    """

    @functools.wraps(check)
    def told(*inputs: Any, **named: Any) -> dg.AssetCheckResult:
        result = check(*inputs, **named)
        try:
            execution = dg.AssetCheckExecutionContext.get().op_execution_context
        except dg.DagsterInvariantViolationError:
            return result  # called outside of a run
        (key,) = execution.selected_asset_check_keys
        tell_by_month(execution, key, result)
        return result

    return told


def tell_by_month(
    execution: dg.OpExecutionContext, key: dg.AssetCheckKey, result: dg.AssetCheckResult
) -> None:
    """Record the result of a check for each month of a run over several; for one month Dagster does it."""
    if execution.has_partition_key_range and not execution.has_partition_key:
        made = latest_by_month(execution.instance, key.asset_key)
        for month in execution.partition_keys:
            # Its annotation forgets what it takes.
            execution.log_event(_told(made.get(month), key, month, result))  # type: ignore[arg-type]


def _told(
    made: dg.EventLogRecord | None, key: dg.AssetCheckKey, month: str, result: dg.AssetCheckResult
) -> dg.AssetCheckEvaluation:
    target = made and AssetCheckEvaluationTargetMaterializationData(
        run_id=made.run_id, storage_id=made.storage_id, timestamp=made.timestamp
    )
    return dg.AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.passed,
        metadata={},
        description=result.description,
        severity=result.severity,
        blocking=True,
        partition=month,
        target_materialization_data=target,
    )


def key_checks(tables: Iterable[Table]) -> list[dg.AssetChecksDefinition]:
    """One blocking check per table that has a key: no two rows (of a month) share it."""
    return [_key_check(table) for table in tables if table.key]


def _key_check(table: Table) -> dg.AssetChecksDefinition:
    declare = dg.asset_check(
        asset=dg.AssetKey([table.stage, table.name]),
        name="keys_are_unique",
        description=f"No two rows share {', '.join(table.key)}{' in a month' if table.monthly else ''}.",
        blocking=True,
        op_tags=FIRST,  # what is below waits for it
        partitions_def=MONTHS if table.monthly else None,
        required_resource_keys={"warehouse"},
    )

    def keys_are_unique(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        warehouse = context.resources.warehouse
        execution = context.op_execution_context
        stored = delta.open_table(warehouse.path, table)
        engine = warehouse.engine(f"{execution.run_id}:{execution.op_handle}")
        key = [*table.key, MONTH] if table.monthly else list(table.key)
        count, examples = 0, []
        for files in [] if stored is None else _looked_at(execution, table, stored):
            rows = engine.read(table, files)
            counted = rows.group_by(key).agg(rows=rows.count())
            repeated = counted.filter(counted.rows > 1)
            found = repeated.limit(EXAMPLES).to_pyarrow().to_pylist()
            count += int(repeated.count().execute()) if found else 0
            examples += [str(row) for row in found]
        return dg.AssetCheckResult(
            passed=not count,
            metadata={"repeated_keys": count, "examples": dg.MetadataValue.json(examples[:EXAMPLES])},
        )

    return declare(by_month(keys_are_unique) if table.monthly else keys_are_unique)


def _looked_at(execution: dg.OpExecutionContext, table: Table, stored: DeltaTable) -> Iterator[list[str]]:
    """The files of the months of the run, so many months at once that their keys need no disk."""
    if not table.monthly:
        yield delta.files_of(stored)
        return
    # A month that is made from the UI comes as a key, months of `hm run` and of automation as a range.
    by_run = execution.has_partition_key or execution.has_partition_key_range
    keys = execution.partition_keys if by_run else [each[MONTH] for each in stored.partitions()]
    for months in delta.months_together(stored, map(parse_month, keys), ROWS_AT_ONCE):
        yield delta.files_of(stored, months)
