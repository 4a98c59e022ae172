"""Rows of tables that a document shows where they have been made: a playbook is whole without them."""

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa

from hm_assets.warehouse import delta
from hm_assets.warehouse.schema import Table


def rows_of(warehouse: Path, table: Table, month: dt.date) -> list[dict[str, Any]]:
    """The rows of a month of a table, of one without months all; none where it was never made."""
    found = delta.open_table(warehouse, table)
    if found is None:
        return []
    wanted = [("month", "=", month.isoformat())] if table.monthly else None
    rows: list[dict[str, Any]] = found.to_pyarrow_table(partitions=wanted).to_pylist()
    return rows


def some_rows(
    warehouse: Path, table: Table, key: str, values: Collection[Any], columns: list[str]
) -> list[dict[str, Any]]:
    """The rows of a table without months whose key is one of these; none where it was never made."""
    found = delta.open_table(warehouse, table)
    if found is None or not values:
        return []
    rows: list[dict[str, Any]] = found.to_pyarrow_table(
        columns=columns, filters=[(key, "in", sorted(values))]
    ).to_pylist()
    return rows


def columns_of(warehouse: Path, table: Table, month: dt.date, columns: list[str]) -> pa.Table | None:
    """Some columns of a month of a table, for sums over many rows; None where it was never made."""
    found = delta.open_table(warehouse, table)
    if found is None:
        return None
    return pa.table(found.to_pyarrow_table(columns=columns, partitions=[("month", "=", month.isoformat())]))
