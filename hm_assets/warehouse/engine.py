"""The engine that relational work runs on: an Ibis backend, one per step.

DuckDB runs in memory in the step's own process, with a memory limit and a folder of its own to spill to; no `.duckdb`
file is ever shared between steps. Spark (`spark.py`) is the other one, for a base that one machine does not hold. What
an engine must offer is `Engine`: where two engines differ, the difference is a method here, and no stage asks which of
them it runs on.
"""

import contextlib
import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, cast

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.duckdb import Backend as DuckDBBackend

from hm_assets.settings import Settings
from hm_assets.warehouse import delta, sql
from hm_assets.warehouse.schema import MONTH, Table
from hm_assets.warehouse.spill import spill_folder
from hm_assets.warehouse.streaming import ahead, typed, wanted

BATCH_ROWS = 1 << 17
ByCustomer = Callable[[ibis.Table, ibis.Table], ibis.Table]


class Engine(Protocol):
    """What the warehouse asks of an engine."""

    def read(self, table: Table, files: list[str]) -> ibis.Table:
        """The rows of these Parquet files of a Delta table, lazily; no file gives no row."""

    def digests(self, table: Table, files: list[str]) -> dict[dt.date | None, tuple[int, str]]:
        """Row count and content digest by month (one entry under None where the table is not monthly)."""

    def settled(self, part: ibis.Table) -> AbstractContextManager[ibis.Table]:
        """The same rows, made once, for whoever asks them several questions or streams them."""

    def by_customer(
        self, function: ByCustomer, schema: ibis.Schema, one: ibis.Table, other: ibis.Table
    ) -> ibis.Table:
        """What a function makes of two tables with `customer_key`, where no customer's rows depend on another's."""

    def write(
        self, warehouse: Path, table: Table, parts: Iterable[ibis.Table], months: Sequence[dt.date]
    ) -> None:
        """Write the rows of the parts as `delta.write` does, in one commit and never all of them in memory."""


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

    @contextlib.contextmanager
    def settled(self, part: ibis.Table) -> Iterator[ibis.Table]:
        """See `Engine.settled`: those of a join or a union as a temporary table, which may spill.

        DuckDB streams a query as it runs, and waits for ever once the buffer is full while a second pipeline that ends
        in the result (of a union, of a join that it turned into a right one) has not run yet (duckdb issue 22215).
        """
        if not part.op().find((ops.JoinChain, ops.Set)):
            yield part
            return
        backend, name = self.backend, ibis.util.gen_name("settled")
        # Not `create_table`, which copies a long statement for longer than DuckDB takes to run it; what it does first
        # for rows in memory has no public name. Nor `drop_table`: with sqlglot 30, Ibis 12 sends an empty statement.
        backend._run_pre_execute_hooks(part)
        backend.raw_sql(f'CREATE TEMP TABLE "{name}" AS {backend.compile(part)}')
        try:
            yield backend.table(name)
        finally:
            backend.raw_sql(f'DROP TABLE "{name}"')

    def by_customer(
        self, function: ByCustomer, schema: ibis.Schema, one: ibis.Table, other: ibis.Table
    ) -> ibis.Table:
        """See `Engine.by_customer`: all of them at once, in this process."""
        return function(one, other)

    def write(
        self, warehouse: Path, table: Table, parts: Iterable[ibis.Table], months: Sequence[dt.date]
    ) -> None:
        """See `Engine.write`: batches that delta-rs writes while DuckDB makes the next ones."""
        delta.write(warehouse, table, ahead(stream(table, parts)), months)


def _parquet(table: Table, files: list[str]) -> str:
    names = ", ".join(sql.literal(file) for file in files)
    # The partition column of a Delta table stands in the folders' names, not in the files.
    folders = f", hive_partitioning = true, hive_types = {{'{MONTH}': DATE}}" if table.monthly else ""
    return f"read_parquet([{names}]{folders})"


def engine_of(part: ibis.Table) -> Engine:
    """The engine that makes these rows; DuckDB for rows in memory."""
    backend = part.get_backend()
    if isinstance(backend, DuckDBBackend):
        return DuckDBEngine(backend)
    from hm_assets.warehouse.spark import SparkBackend, SparkEngine

    return SparkEngine(cast(SparkBackend, backend))


def settled(part: ibis.Table) -> AbstractContextManager[ibis.Table]:
    """The same rows, made once on their engine; see `Engine.settled`."""
    return engine_of(part).settled(part)


def by_customer(function: ByCustomer, schema: ibis.Schema, one: ibis.Table, other: ibis.Table) -> ibis.Table:
    """What a function makes of two tables, customers by customers where one machine does not hold them all.

    Parameters
    ----------
    function
        Takes rows of the two tables, of the same customers, and gives a table with `schema`. What it is made of goes to
        other machines, so it is a function of a module, or `functools.partial` of one.
    schema
        Columns and types of the result.
    one, other
        Tables with `customer_key`. Who has no row in `one` is left out.
    """
    return engine_of(one).by_customer(function, schema, one, other)


def stream(table: Table, parts: Iterable[ibis.Table]) -> Iterator[pa.RecordBatch]:
    """The rows of the parts, one part after the other, with the registry's columns, order and types.

    Raises
    ------
    ContractError
        A part lacks a column of the registry or has one that it does not know.
    """
    for part in parts:
        with settled(wanted(table, part)) as made:
            yield from typed(table, made.to_pyarrow_batches(chunk_size=BATCH_ROWS))


def write(warehouse: Path, table: Table, parts: Iterable[ibis.Table], months: Sequence[dt.date]) -> None:
    """Write the parts on the engine that makes the first of them; see `Engine.write`."""
    parts = iter(parts)
    first = next(parts, None)
    engine = engine_of(first if first is not None else table.in_memory([]))
    engine.write(warehouse, table, parts if first is None else itertools.chain([first], parts), months)


@contextlib.contextmanager
def open_engine(settings: Settings) -> Iterator[Engine]:
    """The engine of HM_ENGINE for one step.

    Raises
    ------
    HmAssetsError
        Spark is asked for, and it or Java is not there.
    """
    if settings.engine == "duckdb":
        with open_duckdb(settings) as engine:
            yield engine
        return
    from hm_assets.warehouse.session import session_of

    session = session_of(settings)  # before what imports pyspark: it says what is missing
    from hm_assets.warehouse.spark import open_spark

    with open_spark(session) as spark_engine:
        yield spark_engine


@contextlib.contextmanager
def open_duckdb(settings: Settings) -> Iterator[DuckDBEngine]:
    """DuckDB whatever HM_ENGINE says, for what is one machine's work: CSV files, a page for one customer, an export."""
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
