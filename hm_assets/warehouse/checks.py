"""Checks that follow from the registry alone: the key of a table identifies its rows."""

from collections.abc import Iterable

import dagster as dg

from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.schema import MONTH, Table


def key_checks(tables: Iterable[Table]) -> list[dg.AssetChecksDefinition]:
    """One blocking check per table that has a key: no two rows (of a month) share it."""
    return [_key_check(table) for table in tables if table.key]


def _key_check(table: Table) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=dg.AssetKey([table.stage, table.name]),
        name="keys_are_unique",
        description=f"No two rows share {', '.join(table.key)}{' in a month' if table.monthly else ''}.",
        blocking=True,
        partitions_def=MONTHS if table.monthly else None,
        required_resource_keys={"warehouse"},
    )
    def keys_are_unique(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        warehouse = context.resources.warehouse
        execution = context.op_execution_context
        stored = delta.open_table(warehouse.path, table)
        months = None
        if table.monthly and execution.has_partition_key_range:
            months = [parse_month(key) for key in execution.partition_keys]
        files = delta.files_of(stored, months) if stored is not None else []
        rows = warehouse.engine(f"{execution.run_id}:{execution.op_handle}").read(table, files)
        key = [*table.key, MONTH] if table.monthly else list(table.key)
        counted = rows.group_by(key).agg(rows=rows.count())
        repeated = counted.filter(counted.rows > 1)
        found = repeated.limit(3).to_pyarrow().to_pylist()
        count = int(repeated.count().execute()) if found else 0
        return dg.AssetCheckResult(
            passed=not found,
            metadata={"repeated_keys": count, "examples": dg.MetadataValue.json([str(row) for row in found])},
        )

    return keys_are_unique
