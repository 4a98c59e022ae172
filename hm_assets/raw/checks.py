"""Checks over all files at once: what the deliveries say, the tables hold."""

import dagster as dg
import ibis

from hm_assets.raw import tables
from hm_assets.warehouse.assets import read


@dg.asset_check(
    asset=dg.AssetKey(["raw", "deliveries"]),
    blocking=True,
    additional_ins={"rejects": read(tables.REJECTS), "transactions": read(tables.TRANSACTIONS)},
    description="rows = accepted + refused + superseded + pending; each accepted line is in raw/transactions, each "
    "refused row in raw/rejects.",
)
def every_row_is_accounted_for(
    deliveries: ibis.Table, rejects: ibis.Table, transactions: ibis.Table
) -> dg.AssetCheckResult:
    is_line = ~deliveries.role.isin(["customers", "articles"])
    said = deliveries.group_by("file").agg(
        rows=deliveries.rows.sum(),
        summed=(deliveries.accepted + deliveries.refused + deliveries.superseded + deliveries.pending).sum(),
        lines=deliveries.accepted.sum(where=is_line).fill_null(0),
        refused=deliveries.refused.sum(),
    )
    stored = transactions.group_by(file=transactions.source_file).agg(stored=ibis._.count())
    explained = rejects.group_by("file").agg(explained=ibis._.count())
    compared = {}
    for row in said.to_pyarrow().to_pylist():
        compared[row["file"]] = {**row, "stored": 0, "explained": 0}
    for table in (stored, explained):
        for row in table.to_pyarrow().to_pylist():
            compared.setdefault(row["file"], dict.fromkeys(("rows", "summed", "lines", "refused"), 0)).update(
                row
            )
    wrong = [
        name
        for name, row in compared.items()
        if row["rows"] != row["summed"]
        or row["lines"] != row.get("stored", 0)
        or row["refused"] != row.get("explained", 0)
    ]
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={name: dg.MetadataValue.json(row) for name, row in compared.items()},
        description=f"Does not add up: {', '.join(sorted(wrong))}" if wrong else None,
    )
