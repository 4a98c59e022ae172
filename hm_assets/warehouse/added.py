"""Parquet files that an engine has written become a version of a Delta table, or exactly some months of it.

The engine writes them beside the table's own files; what the registry forbids is found in their footers, so no row is
read again, and one commit of delta-rs adds them. `delta.write` is the other way in, for rows that come as batches.
"""

import json
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, create_table_with_add_actions

from hm_assets.warehouse import delta, leftovers
from hm_assets.warehouse.schema import MONTH, Table

STAGING = ".staged"


@contextmanager
def staged(warehouse: Path, table: Table, months: Sequence[date]) -> Iterator[Path]:
    """A folder for the files of a write; what lies in it at the end is committed, in place of these months.

    The files of a monthly table lie in folders `month=2020-09-01`, as engines write them when they are asked to
    partition by that column.

    Raises
    ------
    ContractError
        A row lies outside `months`, or a column that must not be empty is.
    WarehouseError
        The disk is full or read-only, or the table's log is damaged.
    """
    path = delta.table_path(warehouse, table)
    with leftovers.swept(path):
        folder = path / STAGING / uuid.uuid4().hex
        folder.mkdir(parents=True)
        yield folder
        try:
            _commit(path, table, [_taken(path, table, file, months) for file in _with_rows(folder)], months)
        except (DeltaError, OSError) as error:
            raise delta.cannot_write(table, str(path), error) from error
        finally:
            shutil.rmtree(path / STAGING, ignore_errors=True)


@dataclass(frozen=True)
class _File:
    path: Path
    footer: pq.FileMetaData

    @property
    def month(self) -> str | None:
        name, _, value = self.path.parent.name.partition("=")
        return value if name == MONTH else None


def _with_rows(folder: Path) -> list[_File]:
    # Spark also writes sums of its files (.crc), and a file without rows for a part without rows.
    files = [_File(path, pq.read_metadata(path)) for path in sorted(folder.rglob("*.parquet"))]
    return [file for file in files if file.footer.num_rows]


def _taken(root: Path, table: Table, file: _File, months: Sequence[date]) -> AddAction:
    """Check a file, move it to where the table's files lie, and say what the log has to know of it."""
    nulls = _nulls(file.footer)
    for column in table.columns:
        if not column.nullable and nulls.get(column.name):
            raise delta.nulls_in(table, column.name)
    if table.monthly and file.month not in {month.isoformat() for month in months}:
        raise delta.rows_outside(table, [file.month], months)
    folder = root / f"{MONTH}={file.month}" if table.monthly else root
    folder.mkdir(exist_ok=True)
    own = folder / f"{uuid.uuid4().hex}.zstd.parquet"
    file.path.rename(own)
    found = own.stat()
    return AddAction(
        path=own.relative_to(root).as_posix(),
        size=found.st_size,
        partition_values={MONTH: file.month} if table.monthly else {},
        modification_time=int(found.st_mtime * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": file.footer.num_rows, "nullCount": nulls}),
    )


def _nulls(footer: pq.FileMetaData) -> dict[str, int]:
    """Nulls by column, of columns that are not nested."""
    counts: dict[str, int] = {}
    for group in (footer.row_group(i) for i in range(footer.num_row_groups)):
        for column in (group.column(i) for i in range(group.num_columns)):
            if "." not in column.path_in_schema and column.statistics is not None:
                name = column.path_in_schema
                counts[name] = counts.get(name, 0) + column.statistics.null_count
    return counts


def _commit(path: Path, table: Table, added: list[AddAction], months: Sequence[date]) -> None:
    schema = Schema.from_arrow(table.arrow_schema())
    partition_by = [MONTH] if table.monthly else []
    if not DeltaTable.is_deltatable(str(path)) or delta.has_other_columns(str(path), table, months):
        create_table_with_add_actions(
            str(path),
            schema,
            added,
            mode="overwrite",
            partition_by=partition_by,
            name=table.path,
            description=table.one_row_is,
        )
        return
    replaced = [(MONTH, "in", [month.isoformat() for month in months])] if table.monthly else None
    DeltaTable(str(path)).create_write_transaction([*added], "overwrite", schema, partition_by, replaced)
