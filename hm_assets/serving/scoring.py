"""`hm score`: customers of a file of any size, placed by the published model and written to another file.

Raw purchases are grouped on the engine, which spills to disk what does not fit; features come as they are. Either way a
batch of customers at a time is in memory. The segments are those that the API gives.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from hm_assets.playbooks.cells import inert
from hm_assets.segments.champion.champion import Champion
from hm_assets.serving.pipeline import CustomerSegmentationPipeline, look_at, place
from hm_assets.serving.preprocess import CATALOGUE, LINES, query
from hm_assets.settings import Settings
from hm_assets.sources.contract import ONLINE, STORE
from hm_assets.warehouse import sql
from hm_assets.warehouse.engine import DuckDBEngine, open_duckdb
from hm_assets.warehouse.errors import ContractError
from hm_assets.warehouse.keys import ARTICLE_DIGITS, customer_key_sql

PURCHASE_COLUMNS: Final = ("customer_id", "t_dat", "article_id", "price", "sales_channel_id")
WRITTEN: Final = pa.schema(
    [
        ("customer_id", pa.string()),
        ("segment_id", pa.int32()),
        ("segment_name", pa.string()),
        ("confidence", pa.float64()),
        ("runner_up", pa.int32()),
        ("sub_segment", pa.int32()),
        ("model_version", pa.string()),
        ("as_of", pa.date32()),
    ]
)
BATCH: Final = 100_000
KINDS: Final = (".csv", ".parquet")

Say = Callable[[str], None]


def score(settings: Settings, source: Path, to: Path, as_of: dt.date | None, say: Say) -> int:
    """Place the customers of a file; returns how many.

    Parameters
    ----------
    settings
        Of the warehouse.
    source
        CSV or Parquet: `customer_id` with the features of the model, or the columns of the transactions files.
    to
        CSV or Parquet, by its name; it is there as a whole or not at all.
    as_of
        With purchases, the day that counts as today: later lines are left out. Without, that of the published month.
    say
        Told how far it is.

    Raises
    ------
    ContractError
        A file is of another kind, a column is missing, or a value cannot be; nothing is filled in.
    WarehouseError
        Nothing is published yet.
    """
    for path in (source, to):
        if path.suffix not in KINDS:
            raise ContractError(f"{path}: only {' and '.join(KINDS)} are read and written")
    if not source.is_file():
        raise ContractError(f"{source} does not exist")
    if not to.parent.is_dir():
        raise ContractError(f"{to.parent} is no folder; make it first")
    pipeline = CustomerSegmentationPipeline.load_model(settings.warehouse)
    day = as_of or pipeline.published.as_of
    names = _columns(source)
    written = 0
    with _sink(to) as sink, open_duckdb(settings) as engine:
        batches = (
            _of_purchases(engine, source, pipeline, day)
            if set(PURCHASE_COLUMNS) <= set(names)
            else _of_features(source, names, pipeline.published.champion)
        )
        for ids, features in batches:
            sink.write_table(_answer(pipeline, ids, features, day))
            written += len(ids)
            say(f"{written:,} customers placed")
    return written


def _answer(
    pipeline: CustomerSegmentationPipeline, ids: pa.ChunkedArray, features: pa.Table, day: dt.date
) -> pa.Table:
    now = pipeline.published
    placed = place(now.champion, features)
    names = {number: now.segment(number).name for number in now.champion.ids}
    n = len(placed)
    columns = {
        "customer_id": ids,
        "segment_name": pa.array([names[number] for number in placed["segment_id"].to_pylist()], pa.string()),
        "model_version": pa.repeat(now.version, n),
        "as_of": pa.repeat(pa.scalar(day, pa.date32()), n),
        **{name: placed[name] for name in ("segment_id", "confidence", "runner_up", "sub_segment")},
    }
    return pa.table([columns[field.name] for field in WRITTEN], names=WRITTEN.names).cast(WRITTEN)


def _columns(source: Path) -> list[str]:
    try:
        if source.suffix == ".parquet":
            return list(pq.read_schema(source).names)
        return list(ds.dataset(source, format="csv").schema.names)
    except (OSError, pa.ArrowInvalid) as error:
        raise _unreadable(source, error) from error


def _unreadable(source: Path, error: Exception) -> ContractError:
    # Both engines say the reason in one line, the one as the first and the other after its own story.
    reason = str(error).rpartition("Invalid: ")[2].splitlines()[0].removeprefix("Invalid Input Error: ")
    return ContractError(
        f"{source} cannot be read: {reason}. Look for a stray quotation mark or a missing comma there, save it as "
        "CSV UTF-8, or export it again"
    )


def _of_features(
    source: Path, names: list[str], champion: Champion
) -> Iterator[tuple[pa.ChunkedArray, pa.Table]]:
    wanted = ["customer_id", *champion.space.columns]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ContractError(
            f"{source} lacks {', '.join(missing)}. It takes customer_id and the features {', '.join(wanted[1:])}, of "
            f"which none is filled in, or raw purchases: {', '.join(PURCHASE_COLUMNS)}"
        )
    levels = {axis.column for axis in champion.space.coordinates if axis.level is not None}
    types = {name: pa.string() if name in levels else pa.float64() for name in wanted[1:]}
    schema = pa.schema([("customer_id", pa.string()), *types.items()])
    # Texts at first, so that a value which is no number can be named; an empty cell is a null in any column.
    texts = pacsv.ConvertOptions(
        column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    kind: Any = ds.CsvFileFormat(convert_options=texts) if source.suffix == ".csv" else "parquet"
    row = 0
    try:
        for batch in ds.dataset(source, format=kind).to_batches(columns=wanted, batch_size=BATCH):
            table = _typed(pa.Table.from_batches([batch]), schema, source, row + 1)
            look_at(champion, table, f"{source}, row {{:,}}: ", row + 1)
            row += len(table)
            if len(table):
                yield table["customer_id"], table.drop_columns(["customer_id"])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _unreadable(source, error) from error


def _typed(table: pa.Table, schema: pa.Schema, source: Path, first: int) -> pa.Table:
    """The table in these types, every customer with an id; the first row has the number `first`."""
    columns = []
    for field in schema:
        try:
            columns.append(table[field.name].cast(field.type))
        except pa.ArrowInvalid:
            for row, value in enumerate(table[field.name], first):
                try:
                    value.cast(field.type)
                except pa.ArrowInvalid:
                    said = repr(value.as_py())[:80]
                    raise ContractError(
                        f"{source}, row {row:,}, column {field.name}: {said} is no number. Mend it; nothing was written"
                    ) from None
            raise
    typed = pa.table(columns, schema=schema)
    nameless = pc.index(pc.fill_null(pc.equal(typed["customer_id"], ""), True), True).as_py()
    if nameless >= 0:
        raise ContractError(
            f"{source}, row {first + nameless:,}, column customer_id: empty. Fill it in; nothing was written"
        )
    return typed


def _of_purchases(
    engine: DuckDBEngine, source: Path, pipeline: CustomerSegmentationPipeline, day: dt.date
) -> Iterator[tuple[pa.ChunkedArray, pa.Table]]:
    connection, name = engine.connection, sql.literal(str(source))
    reader = (
        f"read_csv({name}, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"')"
        if source.suffix == ".csv"
        else f"read_parquet({name})"
    )
    # A cast alone would round 1.4 to the store, and read 1_0 as 10.
    connection.execute(
        "CREATE TEMP VIEW given AS SELECT "
        f"{', '.join(f'{column}::VARCHAR AS {column}_as_said' for column in PURCHASE_COLUMNS)}, "
        f"customer_id::VARCHAR AS customer_id, {customer_key_sql('customer_id::VARCHAR')} AS customer_key, "
        "try_cast(t_dat AS DATE) AS t_dat, "
        f"CASE WHEN regexp_full_match(article_id::VARCHAR, '[0-9]{{1,{ARTICLE_DIGITS}}}(\\.0)?') "
        "THEN try_cast(article_id AS BIGINT) END AS article_key, "
        "CASE WHEN NOT contains(price::VARCHAR, '_') THEN try_cast(price AS DOUBLE) END AS price, "
        f"CASE WHEN try_cast(sales_channel_id AS DOUBLE) IN ({STORE}, {ONLINE}) "
        f"THEN try_cast(sales_channel_id AS TINYINT) END AS sales_channel_id FROM {reader}"
    )
    try:
        _refuse(connection, source)
    except duckdb.OutOfMemoryException:
        raise  # the machine's fault and not the file's
    except duckdb.Error as error:
        raise _unreadable(source, error) from error
    connection.execute(f"CREATE TEMP VIEW {LINES} AS SELECT * FROM given WHERE t_dat <= DATE '{day}'")
    for table, rows in pipeline.published.catalogue.items():
        if table in CATALOGUE:
            connection.register(table, rows)
    columns = pipeline.published.champion.space.columns
    # Kept as a table first: what a stream of a grouped join holds cannot spill.
    connection.execute(f"CREATE TEMP TABLE made AS {query(columns, day)}")
    connection.execute("CREATE TEMP TABLE ids AS SELECT DISTINCT customer_key, customer_id FROM given")
    found = connection.execute(
        "SELECT customer_id, made.* FROM made JOIN ids USING (customer_key) ORDER BY customer_id"
    )
    for batch in found.to_arrow_reader(BATCH):
        table = pa.Table.from_batches([batch])
        yield table["customer_id"], table.drop_columns(["customer_id"])


def _refuse(connection: Any, source: Path) -> None:
    """Name the first fault; a line that cannot be read is never dropped."""
    rules = {
        "customer_id": "coalesce(customer_id = '', true)",
        "t_dat": "t_dat IS NULL",
        "article_id": "article_key IS NULL",
        "price": "price IS NULL OR NOT isfinite(price) OR price < 0 OR price >= 1e9",
        "sales_channel_id": "sales_channel_id IS NULL",
    }
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in rules.values())
    found = connection.execute(f"SELECT {counts} FROM given").fetchone()
    for column, count in zip(rules, found, strict=True):
        if count:
            row, value = connection.execute(
                f"SELECT row, {column}_as_said FROM (SELECT *, row_number() OVER () AS row FROM given) "
                f"WHERE {rules[column]} ORDER BY row LIMIT 1"
            ).fetchone()
            said = "empty" if not value else repr(value[:80])
            raise ContractError(
                f"{source}, row {row:,}, column {column}: {said} cannot be used, the first of {count:,} such rows. "
                "Mend or remove them; nothing was written"
            )


class _Sink:
    """Writes batches as CSV or Parquet."""

    def __init__(self, path: Path, suffix: str) -> None:
        self._csv = suffix == ".csv"
        self._writer: Any = pacsv.CSVWriter(path, WRITTEN) if self._csv else pq.ParquetWriter(path, WRITTEN)

    def write_table(self, table: pa.Table) -> None:
        """Write a batch; in a CSV file no cell is a formula to a spreadsheet."""
        if self._csv:
            for name in ("customer_id", "segment_name"):
                place_of = WRITTEN.get_field_index(name)
                safe = [None if value is None else inert(value) for value in table[name].to_pylist()]
                table = table.set_column(place_of, WRITTEN.field(name), pa.array(safe, pa.string()))
        self._writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


@contextmanager
def _sink(to: Path) -> Iterator[_Sink]:
    temporary = to.with_name(f".{to.name}.{os.getpid()}.tmp")
    try:
        sink = _Sink(temporary, to.suffix)
        try:
            yield sink
        finally:
            sink.close()
        temporary.replace(to)
    finally:
        temporary.unlink(missing_ok=True)
