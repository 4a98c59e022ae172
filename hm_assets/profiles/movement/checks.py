"""Checks of this room: the flows of a month lose nobody and no spend."""

import dagster as dg
import ibis

from hm_assets.profiles.movement import tables
from hm_assets.profiles.movement.transitions import unaccounted
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import add_months, parse_month
from hm_assets.warehouse.checks import by_month
from hm_assets.warehouse.partitions import MONTHS


@dg.asset_check(
    asset=dg.AssetKey([tables.TRANSITIONS.stage, tables.TRANSITIONS.name]),
    partitions_def=MONTHS,
    description="In each month the flows add up to the segment sizes before and after, and the spend changes of the "
    "steps to the whole change.",
    blocking=True,
    required_resource_keys={"warehouse"},
)
@by_month
def flows_add_up(context: dg.AssetCheckExecutionContext, transitions: ibis.Table) -> dg.AssetCheckResult:
    warehouse, execution = context.resources.warehouse, context.op_execution_context
    months = [parse_month(key) for key in execution.partition_keys]
    # Read here, because a check's inputs know no partition mapping, and the month before is needed too.
    stored = delta.open_table(warehouse.path, segment_tables.ASSIGNMENTS)
    files = delta.files_of(stored, {*months, *(add_months(m, -1) for m in months)}) if stored else []
    engine = warehouse.engine(f"{execution.run_id}:{execution.op_handle}")
    assignments = engine.read(segment_tables.ASSIGNMENTS, files)
    sizes = assignments.group_by("month", "segment_id").agg(customers=assignments.count())
    faults = unaccounted(transitions.to_pyarrow().to_pylist(), sizes.to_pyarrow().to_pylist())
    return dg.AssetCheckResult(
        passed=not faults, metadata={"faults": dg.MetadataValue.md("\n".join(f"- {f}" for f in faults[:10]))}
    )
