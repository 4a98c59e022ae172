"""Checks over all files at once: what the deliveries say, the tables hold."""

import dagster as dg
import ibis

DELIVERIES = dg.AssetKey(["raw", "deliveries"])


@dg.asset_check(
    asset=DELIVERIES,
    blocking=True,
    additional_ins={"rejects": dg.AssetIn(dg.AssetKey(["raw", "rejects"]))},
    description="rows = accepted + refused + superseded + pending, and each refused row is in raw/rejects.",
)
def every_row_is_accounted_for(deliveries: ibis.Table, rejects: ibis.Table) -> dg.AssetCheckResult:
    by_file = deliveries.group_by("file").agg(
        rows=deliveries.rows.sum(),
        sum=(deliveries.accepted + deliveries.refused + deliveries.superseded + deliveries.pending).sum(),
        refused=deliveries.refused.sum(),
    )
    explained = rejects.group_by("file").agg(explained=rejects.count())
    both = by_file.left_join(explained, "file").drop("file_right").to_pyarrow().to_pylist()
    wrong = [
        row["file"] for row in both if row["rows"] != row["sum"] or row["refused"] != (row["explained"] or 0)
    ]
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={
            row[
                "file"
            ]: f"{row['rows']:,} rows, {row['refused']:,} refused, {row['explained'] or 0:,} explained"
            for row in both
        },
        description=f"Does not add up: {', '.join(sorted(wrong))}" if wrong else None,
    )
