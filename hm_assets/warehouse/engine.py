"""The engine that relational work runs on: an Ibis backend, one per step.

DuckDB runs in memory in the step's own process, with a memory limit and a folder of its own to spill to;
no `.duckdb` file is ever shared between steps. What an engine must offer is `Engine`; a further engine is one
more class here and one more branch in `open_engine`.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Protocol, cast

import duckdb
import ibis
import ibis.expr.operations as ops
from ibis.backends.duckdb import Backend as DuckDBBackend

from hm_assets.settings import Settings
from hm_assets.warehouse import sql
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.schema import MONTH, Table
from hm_assets.warehouse.spill import spill_folder


class Engine(Protocol):
    """What the warehouse asks of an engine."""

    def read(self, table: Table, files: list[str]) -> ibis.Table:
        """The rows of these Parquet files of a Delta table, lazily; no file gives no row."""

    def digests(self, table: Table, files: list[str]) -> dict[dt.date | None, tuple[int, str]]:
        """Row count and content digest by month (one entry under None where the table is not monthly)."""


class DuckDBEngine:
    """DuckDB in this process."""

    def __init__(self, backend: DuckDBBackend) -> None:
        self.backend = backend

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The bare connection, for what Ibis does not express (reading CSV files honestly)."""
        connection: duckdb.DuckDBPyConnection = self.backend.con
        return connection

    def read(self, table: Table, files: list[str]) -> ibis.Table:
        """See `Engine.read`."""
        if not files:
            return ibis.memtable(table.arrow_schema().empty_table())
        columns = ", ".join(f'"{column.name}"' for column in table.stored_columns)
        return self.backend.sql(f"SELECT {columns} FROM {_parquet(table, files)}")

    def digests(self, table: Table, files: list[str]) -> dict[dt.date | None, tuple[int, str]]:
        """See `Engine.digests`.

        The digest is the sum of the rows' hashes: it depends on the rows and on how often each occurs, not on
        their order or on the files they lie in; columns that were measured are left out.
        """
        if not files:
            return {}
        columns = ", ".join(f'"{column.name}"' for column in table.columns if not column.measured)
        month = MONTH if table.monthly else "NULL::DATE"
        rows = self.connection.execute(
            f"SELECT {month} AS m, count(*), sum(hash({columns})::HUGEINT) FROM {_parquet(table, files)} GROUP BY m"
        ).fetchall()
        return {row[0]: (row[1], f"{row[2]:x}") for row in rows}


def _parquet(table: Table, files: list[str]) -> str:
    names = ", ".join(sql.literal(file) for file in files)
    # The partition column of a Delta table stands in the folders' names, not in the files.
    folders = f", hive_partitioning = true, hive_types = {{'{MONTH}': DATE}}" if table.monthly else ""
    return f"read_parquet([{names}]{folders})"


@contextlib.contextmanager
def settled(part: ibis.Table) -> Iterator[ibis.Table]:
    """The same rows in a form that can be streamed: those of a join or a union as a temporary table, which may spill.

    DuckDB streams a query as it runs, and waits for ever once the buffer is full while a second pipeline that ends in
    the result (of a union, of a join that it turned into a right one) has not run yet (duckdb issue 22215).
    """
    if not part.op().find((ops.JoinChain, ops.Set)):
        yield part
        return
    backend, name = cast(DuckDBBackend, part.get_backend()), ibis.util.gen_name("settled")
    # Not `create_table`, which copies a long statement for longer than DuckDB takes to run it; what it does first for
    # rows in memory has no public name. Nor `drop_table`: with sqlglot 30, Ibis 12 sends an empty statement.
    backend._run_pre_execute_hooks(part)
    backend.raw_sql(f'CREATE TEMP TABLE "{name}" AS {backend.compile(part)}')
    try:
        yield backend.table(name)
    finally:
        backend.raw_sql(f'DROP TABLE "{name}"')


@contextlib.contextmanager
def open_engine(settings: Settings) -> Iterator[DuckDBEngine]:
    """An engine for one step; its spill folder goes with it."""
    if settings.engine != "duckdb":
        raise HmAssetsError(
            f"HM_ENGINE={settings.engine}: this version runs on DuckDB only; unset HM_ENGINE or set it to duckdb"
        )
    with spill_folder(settings.warehouse) as spill:
        backend = ibis.duckdb.connect(
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            temp_directory=str(spill),
            # The order of rows is never a promise here; keeping it costs memory.
            preserve_insertion_order=False,
            # Tables are read through their Delta file list, so no extension is ever fetched.
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
        )
        # What takes long is told by `hm run`, line by line.
        backend.raw_sql("SET enable_progress_bar = false")
        try:
            yield DuckDBEngine(backend)
        finally:
            backend.disconnect()
