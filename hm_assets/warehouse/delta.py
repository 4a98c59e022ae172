"""Delta tables: where they lie, how months are replaced, which files hold them. Knows no engine."""

import datetime as dt
import errno
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import ColumnProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from hm_assets.warehouse import leftovers, sql
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import ContractError, WarehouseError, first_line
from hm_assets.warehouse.schema import MONTH, Table


def table_path(warehouse: Path, table: Table) -> Path:
    """Where the table lies."""
    return warehouse / table.stage / table.name


def open_table(warehouse: Path, table: Table) -> DeltaTable | None:
    """The table as of its latest commit, or None where there is none yet."""
    path = table_path(warehouse, table)
    try:
        return DeltaTable(str(path))
    except TableNotFoundError:
        return None
    except (DeltaError, OSError) as error:
        raise WarehouseError(
            f"{table.path}: the Delta log under {path / '_delta_log'} cannot be read ({first_line(error)}). "
            f"Delete that folder and materialise {table.path} again."
        ) from error


def fitted_with(warehouse: Path, table: Table, recipe: str) -> pa.Table | None:
    """A stored model whose every row carries this `recipe`: then what it depends on besides the data is unchanged."""
    stored = open_table(warehouse, table)
    rows = None if stored is None else pa.table(stored.to_pyarrow_table())
    if rows is None or not rows.num_rows or set(rows["recipe"].to_pylist()) != {recipe}:
        return None
    return rows


def files_of(delta: DeltaTable, months: Iterable[dt.date] | None = None) -> list[str]:
    """The Parquet files that hold the table now, or only those of the given months."""
    if months is None:
        return sorted(delta.file_uris())
    keys = [month.isoformat() for month in months]
    return sorted(delta.file_uris([(MONTH, "in", keys)])) if keys else []


def months_together(delta: DeltaTable, months: Iterable[dt.date], most_rows: int) -> list[list[dt.date]]:
    """The months in their order, as many of them together as hold so many rows by the log; at least one each."""
    rows: Counter[dt.date] = Counter()
    for file in pa.table(delta.get_add_actions(flatten=True)).to_pylist():
        rows[file[f"partition.{MONTH}"]] += file["num_records"]
    found: list[list[dt.date]] = []
    held = 0
    for month in sorted(months):
        held += rows[month]
        if not found or held > most_rows:
            found.append([])
            held = rows[month]
        found[-1].append(month)
    return found


def row_count(delta: DeltaTable) -> int:
    """Rows of the table by its log, without reading a file."""
    counts: Any = delta.get_add_actions(flatten=True)["num_records"]
    return sum(count.as_py() or 0 for count in counts)


def lost_files(delta: DeltaTable) -> list[str]:
    """The files that the log names and that are not on disk, or not in the size that was written."""
    actions = pa.table(delta.get_add_actions(flatten=True))
    sizes = dict(zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True))
    root = Path(delta.table_uri.removeprefix("file://"))
    return [path for path, size in sizes.items() if _size_of(root / path) != size]


def _size_of(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None


def write(
    warehouse: Path,
    table: Table,
    batches: Iterable[pa.RecordBatch],
    months: Sequence[dt.date] = (),
) -> int:
    """Write a table, or replace exactly the given months of a monthly one, in one commit.

    Parameters
    ----------
    warehouse
        Root folder of the tables.
    table
        The registry's entry; its Arrow schema is what is stored.
    batches
        The rows, streamed: never more than a few batches are in memory.
    months
        The months that these rows replace; required for a monthly table. A month without rows ends up empty.

    Returns
    -------
    int
        The version of the commit.

    Raises
    ------
    ContractError
        A row lies outside `months`, or a column that must not be empty is.
    WarehouseError
        The disk is full or read-only, or the table's log is damaged.
    """
    schema = table.arrow_schema()
    faults: list[Exception] = []
    reader = pa.RecordBatchReader.from_batches(schema, _kept(_checked(table, batches, months), faults))
    path = str(table_path(warehouse, table))
    try:
        with leftovers.swept(Path(path)):
            whole = (
                not table.monthly
                or not DeltaTable.is_deltatable(path)
                or has_other_columns(path, table, months)
            )
            write_deltalake(
                path,
                reader,
                mode="overwrite",
                partition_by=[MONTH] if table.monthly else None,
                predicate=None if whole else f"{MONTH} IN ({sql.dates(months)})",
                schema_mode="overwrite" if whole else None,
                name=table.path,
                description=table.one_row_is,
                writer_properties=_properties(schema),
            )
    except (DeltaError, OSError) as error:
        # delta-rs turns a fault in the stream into text; the fault itself says more.
        raise (faults[0] if faults else cannot_write(table, path, error)) from error
    return DeltaTable(path).version()


def cannot_write(table: Table, path: str, error: Exception) -> WarehouseError:
    """The fault of a disk or of a damaged log in one sentence."""
    reason = first_line(error)
    full = (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "No space left" in reason
    way_out = "Free some space" if full else f"If the disk is sound, delete {path}"
    return WarehouseError(f"{table.path} could not be written to {path} ({reason}). {way_out} and run again.")


def _properties(schema: pa.Schema) -> WriterProperties:
    """How files are packed: measured figures hardly repeat, and looking for repeats took four fifths of the writing."""
    plain = ColumnProperties(dictionary_enabled=False)
    floats = {field.name: plain for field in schema if pa.types.is_floating(field.type)}
    return WriterProperties(compression="ZSTD", compression_level=1, column_properties=floats)


def has_other_columns(path: str, table: Table, months: Sequence[dt.date]) -> bool:
    """Whether the stored table is of an earlier version of the registry; then all of its months must be made anew."""
    stored = DeltaTable(path)
    if [field.name for field in stored.schema().fields] == table.arrow_schema().names:
        return False
    kept = {parse_month(partition[MONTH]) for partition in stored.partitions()} - set(months)
    if kept:
        raise ContractError(
            f"{table.path}: its columns changed, and {len(kept)} months were written with the old ones. "
            f"Make all months anew: `hm run --select key:{table.path}`."
        )
    return True


def _kept(batches: Iterable[pa.RecordBatch], faults: list[Exception]) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except Exception as fault:
        faults.append(fault)
        raise


def _checked(
    table: Table, batches: Iterable[pa.RecordBatch], months: Sequence[dt.date]
) -> Iterator[pa.RecordBatch]:
    """Refuse what the registry forbids before it reaches a file; a failed stream leaves no commit."""
    allowed = pa.array(months, pa.date32())
    required = [column.name for column in table.stored_columns if not column.nullable]
    for batch in batches:
        for name in required:
            if batch[name].null_count:
                raise nulls_in(table, name)
        if table.monthly:
            outside = set(batch[MONTH].unique().to_pylist()) - set(allowed.to_pylist())
            if outside:
                raise rows_outside(table, sorted(outside), months)
        yield batch


def nulls_in(table: Table, column: str) -> ContractError:
    """What to say of a column that must not be empty, and is."""
    return ContractError(f"{table.path}: column {column} holds nulls, and the registry forbids them")


def rows_outside(table: Table, found: Iterable[object], months: Sequence[dt.date]) -> ContractError:
    """What to say of rows that belong to none of the months that are written."""
    return ContractError(
        f"{table.path}: rows of {', '.join(map(str, found))} came while writing {', '.join(map(str, months))}"
    )
