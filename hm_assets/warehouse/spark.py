"""Spark as an engine: one session per process, an Ibis backend of its own per step.

The session is `session.py`'s business. Spark reads the Parquet files that a Delta log lists, and writes Parquet files
that delta-rs commits (`added.py`): neither side needs a jar of Delta. Rows come to the driver as Arrow, never through
pandas, which has no whole numbers beside nulls.
"""

import contextlib
import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.dataset as ds
import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend
from ibis.backends.pyspark.datatypes import PySparkSchema, PySparkType
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from hm_assets.warehouse import added
from hm_assets.warehouse.engine import ByCustomer
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.schema import MONTH, Table
from hm_assets.warehouse.streaming import wanted

SLICE = "slice_of_customers"
LONG_DIGITS = 18


class _Compiler(PySparkCompiler):  # type: ignore[misc]  # Ibis has no types
    """Ibis' SQL for Spark, where it would give something else than DuckDB."""

    __slots__ = ()

    # NaN is a number to DuckDB, and no table holds one.
    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        return arg.is_(NULL).not_()

    # Of no rows the sum is null, and their number is 0.
    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:
        return super().visit_CountStar(op, arg=arg, where=None) if where is None else self.f.count_if(where)

    def visit_Between(self, op: Any, *, arg: Any, lower_bound: Any, upper_bound: Any) -> Any:
        low = self.beside(op.arg, op.lower_bound, lower_bound)
        high = self.beside(op.arg, op.upper_bound, upper_bound)
        return super().visit_Between(op, arg=arg, lower_bound=low, upper_bound=high)

    # DuckDB rounds a float, half away from zero; Spark the fewest digits that tell it from its neighbours, so the half
    # of a ninth digit may go the other way.
    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if not (to.is_decimal() and op.arg.dtype.is_float64()):
            return super().visit_Cast(op, arg=arg, to=to)
        # A product of decimals keeps its scale while their digits are 38 together; 64 bits are quicker.
        whole = dtypes.int64 if to.precision <= LONG_DIGITS else dtypes.Decimal(36 - to.scale, 0)
        units = self.cast(self.f.round(self.binop(sge.Mul, arg, sge.convert(10.0**to.scale)), 0), whole)
        unit = self.cast(sge.convert(f"1e-{to.scale}"), dtypes.Decimal(to.scale + 1, to.scale))
        return self.cast(self.binop(sge.Mul, units, unit), to)

    def visit_Round(self, op: Any, *, arg: Any, digits: Any) -> Any:
        known = isinstance(op.digits, ops.Literal) and op.digits.value > 0
        if not (known and op.arg.dtype.is_float64()):
            return super().visit_Round(op, arg=arg, digits=digits)
        scale = sge.convert(10.0**op.digits.value)
        return self.binop(sge.Div, self.f.round(self.binop(sge.Mul, arg, scale), 0), scale)

    def beside(self, column: Any, value: Any, said: Any) -> Any:
        """A number beside 32-bit floats is one, as DuckDB has it: 0.2 is not less than the 0.2 of such a column."""
        single = column.dtype.is_float32() and isinstance(value, ops.Literal)
        return self.cast(said, dtypes.float32) if single and not value.dtype.is_integer() else said


def _beside_singles(visit: Callable[..., Any]) -> Callable[..., Any]:
    def visited(self: _Compiler, op: Any, *, left: Any, right: Any) -> Any:
        told = self.beside(op.right, op.left, left), self.beside(op.left, op.right, right)
        return visit(self, op, left=told[0], right=told[1])

    return visited


for _name in (
    "Equals",
    "NotEquals",
    "Less",
    "LessEqual",
    "Greater",
    "GreaterEqual",
    "Add",
    "Subtract",
    "Multiply",
):
    setattr(_Compiler, f"visit_{_name}", _beside_singles(getattr(PySparkCompiler, f"visit_{_name}")))


class SparkBackend(Backend):  # type: ignore[misc]
    """Ibis' backend for Spark with Arrow in both directions."""

    compiler = _Compiler()

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        rows = op.data.to_pyarrow(op.schema)
        frame = self._session.createDataFrame(rows, schema=PySparkSchema.from_ibis(op.schema))
        frame.createOrReplaceTempView(op.name)

    def frame(self, expr: ibis.Table, limit: Any = None, params: Any = None) -> Any:
        """The rows of an expression as a DataFrame of Spark, lazily."""
        self._run_pre_execute_hooks(expr)
        return self._session.sql(self.compile(expr, limit=limit, params=params))

    def to_pyarrow(
        self, expr: ibis.Expr, /, *, params: Any = None, limit: Any = None, **_: Any
    ) -> pa.Table | pa.ChunkedArray | pa.Scalar:
        """The rows, all of them on the driver."""
        table = expr.as_table()
        found = self.frame(table, limit, params).toArrow()
        return expr.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))

    def execute(self, expr: ibis.Expr, /, *, params: Any = None, limit: Any = None, **_: Any) -> Any:
        """The same as pandas."""
        rows = self.to_pyarrow(expr.as_table(), params=params, limit=limit)
        return expr.__pandas_result__(rows.to_pandas())

    def to_pyarrow_batches(
        self,
        expr: ibis.Expr,
        /,
        *,
        params: Any = None,
        limit: Any = None,
        chunk_size: int = 1_000_000,
        **_: Any,
    ) -> pa.RecordBatchReader:
        """The rows in batches, by way of files: the driver holds one batch at a time."""
        from pyspark.sql import Observation
        from pyspark.sql.functions import count, lit

        table = expr.as_table()
        schema = table.schema().to_pyarrow()
        frame = self.frame(table, limit, params)

        def batches() -> Iterator[pa.RecordBatch]:
            with tempfile.TemporaryDirectory(prefix="hm-spark-") as folder:
                seen = Observation()
                counted = frame.observe(seen, count(lit(1)).alias("rows"))
                counted.write.mode("overwrite").parquet(folder)
                written = ds.dataset(folder, format="parquet")
                _need_all(written.count_rows(), seen.get["rows"])
                for batch in written.to_batches(batch_size=chunk_size):
                    if batch.num_rows:
                        yield batch.cast(schema)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def forget(self) -> None:
        """Drop the rows in memory that this step gave to Spark."""
        for op in list(self._memtables):
            self._session.catalog.dropTempView(op.name)


def _need_all(found: int, made: int) -> None:
    """Refuse rows that executors wrote into folders of their own machines: the driver would go on without them."""
    if found != made:
        raise WarehouseError(
            f"Spark made {made:,} rows and {found:,} of them can be read here: its executors do not see this machine's "
            "folder for temporary files. Let TMPDIR be a folder that driver and executors share."
        )


class SparkEngine:
    """Spark: see `engine.Engine` for what each method is."""

    def __init__(self, backend: SparkBackend) -> None:
        self.backend = backend

    def read(self, table: Table, files: list[str]) -> ibis.Table:
        """See `Engine.read`."""
        if not files:
            return ibis.memtable(table.arrow_schema().empty_table())
        return self._named("read", self._files(table, files), table.ibis_schema())

    def _files(self, table: Table, files: list[str]) -> Any:
        reader = self.backend._session.read.schema(PySparkSchema.from_ibis(table.ibis_schema()))
        if table.monthly:
            # The partition column of a Delta table stands in the folders' names, not in the files.
            reader = reader.option("basePath", str(Path(files[0]).parents[1]))
        return reader.parquet(*files)

    def _named(self, what: str, frame: Any, schema: ibis.Schema) -> ibis.Table:
        name = ibis.util.gen_name(what)
        frame.createOrReplaceTempView(name)
        return ops.DatabaseTable(name=name, schema=schema, source=self.backend).to_expr()

    def digests(self, table: Table, files: list[str]) -> dict[dt.date | None, tuple[int, str]]:
        """See `Engine.digests`. Spark's hash is not DuckDB's, so a table has another version on the other engine."""
        if not files:
            return {}
        from pyspark.sql import functions as f

        columns = [f.col(column.name) for column in table.columns if not column.measured]
        # A null is passed over by the hash: which column is empty would make no difference.
        empty = [f.col(column.name).isNull() for column in table.columns if column.nullable]
        month = f.col(MONTH) if table.monthly else f.lit(None).cast("date")
        row_hash = f.xxhash64(*columns, *empty).cast("decimal(20, 0)")
        rows = (
            self._files(table, files).groupBy(month.alias("m")).agg(f.count("*"), f.sum(row_hash)).collect()
        )
        return {row[0]: (row[1], f"{int(row[2]):x}") for row in rows}

    @contextlib.contextmanager
    def settled(self, part: ibis.Table) -> Iterator[ibis.Table]:
        """See `Engine.settled`: kept by the executors, in memory or on their disks."""
        frame = self.backend.frame(part).persist()
        made = self._named("settled", frame, part.schema())
        try:
            yield made
        finally:
            self.backend._session.catalog.dropTempView(made.get_name())
            frame.unpersist()

    def by_customer(
        self, function: ByCustomer, schema: ibis.Schema, one: ibis.Table, other: ibis.Table
    ) -> ibis.Table:
        """See `Engine.by_customer`: a slice of the customers at a time, in the executors' Python and their DuckDB."""
        types = [table.schema().to_pyarrow() for table in (one, other)]
        wanted_type = schema.to_pyarrow()

        def of_slice(own: pa.Table, others: pa.Table) -> pa.Table:
            if not own.num_rows:
                return wanted_type.empty_table()
            given = (
                ibis.memtable(rows.select(kind.names).cast(kind))
                for rows, kind in zip((own, others), types, strict=True)
            )
            return function(*given).to_pyarrow().select(wanted_type.names).cast(wanted_type)

        grouped = [self._sliced(table).groupBy(SLICE) for table in (one, other)]
        made = grouped[0].cogroup(grouped[1]).applyInArrow(of_slice, PySparkSchema.from_ibis(schema))
        return self._named("scored", made, schema)

    def _sliced(self, table: ibis.Table) -> Any:
        from pyspark.sql import functions as f

        slices = int(self.backend._session.conf.get("spark.sql.shuffle.partitions"))
        return self.backend.frame(table).withColumn(SLICE, f.pmod(f.col("customer_key"), f.lit(slices)))

    def write(
        self, warehouse: Path, table: Table, parts: Iterable[ibis.Table], months: Sequence[dt.date]
    ) -> None:
        """See `Engine.write`: the executors write the files, and no row comes to the driver."""
        types: Mapping[str, Any] = {
            name: PySparkType.from_ibis(kind) for name, kind in table.ibis_schema().items()
        }
        with added.staged(warehouse, table, months) as folder:
            for part in parts:
                frame = self.backend.frame(wanted(table, part))
                frame = frame.select(*(frame[name].cast(kind).alias(name) for name, kind in types.items()))
                writer = frame.write.mode("append")
                (writer.partitionBy(MONTH) if table.monthly else writer).parquet(str(folder))


@contextlib.contextmanager
def open_spark(session: Any) -> Iterator[SparkEngine]:
    """The engine for one step, in the session of this process (`session.session_of`)."""
    backend = SparkBackend()
    backend.register_options()
    backend.do_connect(session)
    try:
        yield SparkEngine(backend)
    finally:
        backend.forget()
