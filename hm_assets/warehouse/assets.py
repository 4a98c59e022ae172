"""How a table of the registry becomes an asset: key, group, description, column schema, kinds, owner, partitions.

Stages use `table_asset` for tables and `artifact_asset` for models, so that what all assets share is said once.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.schema import Table

OWNERS = ["team:data-engineering"]
# `op_tags` of what leads from lines to segments: of the steps that are ready in a run, these start first.
FIRST = {"dagster/priority": "1"}

# Marks an input that is read by DuckDB whatever the engine.
ON_DUCKDB = "hm_assets/on_duckdb"


class FitConfig(dg.Config):
    """How a model is fitted. A changed setting refits; a new month alone never does."""

    seed: int | None = Field(None, description="Seed of the fit; empty: HM_SEED")
    refit: bool = Field(False, description="Fit anew on the latest month even where nothing changed")


def column_schema(table: Table) -> dg.TableSchema:
    """The registry's columns as the UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.type,
                f"{column.description}{f' [{column.unit}]' if column.unit else ''}",
                dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in table.stored_columns
        ]
    )


def table_asset(table: Table, *, code_version: str, **more: Any) -> Any:
    """Declare an asset that makes this table; the function returns Ibis tables.

    Parameters
    ----------
    table
        The registry's entry.
    code_version
        Raised by hand when the meaning of the result changes: automation then makes it anew.
    more
        What `dagster.asset` takes besides.
    """
    metadata = _metadata(table) | more.pop("metadata", {})
    if table.monthly:
        more |= {"partitions_def": MONTHS, "backfill_policy": dg.BackfillPolicy.single_run()}
    return dg.asset(
        key=[table.stage, table.name],
        group_name=table.stage,
        description=_description(table),
        metadata=metadata,
        kinds=set(table.kinds),
        owners=OWNERS,
        io_manager_key="delta",
        code_version=code_version,
        # The registry is the type; a bare MaterializeResult would otherwise be taken for "no value".
        dagster_type=dg.Any,
        **more,
    )


def table_out(table: Table, *, code_version: str) -> dg.AssetOut:
    """The same for a table that one step makes together with others (`dagster.multi_asset`); without months."""
    return dg.AssetOut(
        key=[table.stage, table.name],
        group_name=table.stage,
        description=_description(table),
        metadata=_metadata(table),
        kinds=set(table.kinds),
        owners=OWNERS,
        io_manager_key="delta",
        code_version=code_version,
        dagster_type=dg.Any,
    )


def _description(table: Table) -> str:
    return f"One row is {table.one_row_is}." + (f"\n\n{table.description}" if table.description else "")


def _metadata(table: Table) -> dict[str, Any]:
    return {"dagster/column_schema": column_schema(table), "dagster/table_name": table.path}


def read(table: Table, mapping: dg.PartitionMapping | None = None) -> dg.AssetIn:
    """An input that reads this table: the same month, or the months that the mapping names."""
    return dg.AssetIn(key=dg.AssetKey([table.stage, table.name]), partition_mapping=mapping)


def read_on_duckdb(table: Table) -> dg.AssetIn:
    """An input that a step joins with what DuckDB makes in it, whatever the engine."""
    return dg.AssetIn(key=dg.AssetKey([table.stage, table.name]), metadata={ON_DUCKDB: True})


def artifact_asset(stage: str, name: str, *, code_version: str, description: str, **more: Any) -> Any:
    """Declare an asset that makes a model or another small result, kept as JSON."""
    return dg.asset(
        key=[stage, name],
        group_name=stage,
        description=description,
        owners=OWNERS,
        io_manager_key="json",
        code_version=code_version,
        dagster_type=dg.Any,
        **more,
    )
