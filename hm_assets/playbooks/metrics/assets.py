"""The asset of this room: the figures of a month, gathered from whatever has been made."""

from typing import Any

import dagster as dg
import ibis

from hm_assets.playbooks.metrics import reading
from hm_assets.playbooks.metrics.everything import COUNTED, PRINTED, READ, store_of
from hm_assets.playbooks.metrics.tables import METRICS
from hm_assets.profiles.tables import SEGMENT_PROFILES
from hm_assets.warehouse import markdown
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.io_manager import latest_record, version_of
from hm_assets.warehouse.partitions import months_of
from hm_assets.warehouse.resources import Warehouse

# Not inputs: the figures are whole without what short files and a narrower run do not have.
WHERE_MADE = [dg.AssetKey([table.stage, table.name]) for table in (*READ, *COUNTED)]


@table_asset(
    METRICS,
    code_version="3",
    ins={"segment_profiles": read(SEGMENT_PROFILES)},
    deps=WHERE_MADE,
)
def metrics(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    segment_profiles: ibis.Table,
) -> dg.MaterializeResult:
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        # The profiles come through the input, which refuses a table that is gone.
        if of_month(segment_profiles, month).limit(1).to_pyarrow().num_rows == 0:
            continue
        versions = {
            table.path: version_of(
                latest_record(
                    context.instance,
                    dg.AssetKey([table.stage, table.name]),
                    month.isoformat() if table.monthly else None,
                )
            )
            or "unknown"
            for table in (SEGMENT_PROFILES, *READ, *COUNTED, *PRINTED)
        }
        store = store_of(reading.read_month(warehouse.path, month), month, versions)
        rows += store.rows() if store else []
    by_asset = {
        path: sum(row["asset"] == path for row in rows) for path in sorted({r["asset"] for r in rows})
    }
    return dg.MaterializeResult(
        value=METRICS.in_memory(rows),
        metadata={
            "figures": len(rows),
            "by_table": dg.MetadataValue.md(markdown.table(["Table", "Figures"], by_asset.items())),
        },
    )
