"""A delivered file as a DuckDB view of text columns, and the rows that are no rows: too few or too many columns.

CSV is read by DuckDB whatever the engine: reading it fast and honestly is DuckDB's own business, and what comes
out is a Delta table that every engine reads.
"""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from hm_assets.raw import files
from hm_assets.sources.contract import InputFile
from hm_assets.warehouse import sql
from hm_assets.warehouse.errors import LandingError

_numbers = itertools.count()


@dataclass(frozen=True)
class Reading:
    """An open file.

    `relation` gives its well-formed rows: every contract column as text, empty as null, and `line_breaks`, how many
    there are inside the values of the row (extra columns included).
    `broken` is a subquery (position, height, text, reason) of the rows that have another number of columns: its
    byte in the file, how many lines it takes. DuckDB fills it while `relation` is scanned, so it may be asked
    after a full scan only.
    """

    plain: Path
    relation: str
    broken: str
    ignored: tuple[str, ...]


@contextlib.contextmanager
def reading(
    connection: duckdb.DuckDBPyConnection, plain: Path, source: Path, file: InputFile
) -> Iterator[Reading]:
    """Open a plain file for reading on this connection.

    Raises
    ------
    LandingError
        The file is not what its name says; see `files.header`.
    """
    names = files.header(plain, source, file)
    number = next(_numbers)
    relation, errors = f"landed_{number}", f"errors_{number}"
    is_parquet = files.suffix_of(source) == ".parquet"
    query = _parquet(plain, file) if is_parquet else _csv(plain, file, names, errors)
    try:
        connection.execute(f"CREATE TEMP VIEW {relation} AS {query}")
        broken = _NO_BROKEN_ROWS if is_parquet else _BROKEN_ROWS.format(errors=errors)
        yield Reading(plain, relation, broken, tuple(name for name in names if name not in file.names))
    except duckdb.OutOfMemoryException:
        raise  # the machine's fault and not the file's
    except duckdb.Error as error:
        raise LandingError(
            f"{source} cannot be read: {str(error).splitlines()[0]} "
            "Look for a stray quotation mark or carriage return, or export the file again."
        ) from error
    finally:
        # After an internal error of DuckDB's the connection is dead; the first error is the one to show.
        with contextlib.suppress(duckdb.Error):
            connection.execute(f"DROP VIEW IF EXISTS {relation}")
            connection.execute(f"DROP TABLE IF EXISTS {errors}; DROP TABLE IF EXISTS {errors}_scans")


def _csv(plain: Path, file: InputFile, names: list[str], errors: str) -> str:
    # Extra columns may be called anything, twice or nothing at all; they are known by their place.
    places = {f"extra_{place}" if name not in file.names else name: name for place, name in enumerate(names)}
    columns = ", ".join(f"{name}: 'VARCHAR'" for name in places)
    # An empty value, quoted or not, is a null to DuckDB's reader already.
    wanted = ", ".join(sql.identifier(name) for name in file.names)
    breaks = " + ".join(
        f"coalesce(length({name}) - length(replace({name}, chr(10), '')), 0)" for name in places
    )
    return (
        f"SELECT {wanted}, {breaks} AS line_breaks FROM read_csv({sql.literal(str(plain))}, "
        f"columns = {{{columns}}}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"strict_mode = true, null_padding = false, max_line_size = {files.MAX_ROW_BYTES}, ignore_errors = true, "
        f"store_rejects = true, rejects_table = '{errors}', rejects_scan = '{errors}_scans')"
    )


def _parquet(plain: Path, file: InputFile) -> str:
    schema = pq.read_schema(plain)
    wanted = ", ".join(
        f"nullif(CAST({_as_delivered(name, schema.field(name).type)} AS VARCHAR), '') AS {sql.identifier(name)}"
        for name in file.names
    )
    return f"SELECT {wanted}, 0 AS line_breaks FROM read_parquet({sql.literal(str(plain))})"


def _as_delivered(name: str, type_: pa.DataType) -> str:
    """A typed value as a CSV file would say it: 1 for true, 108775015 for an id that became a floating point number."""
    column = sql.identifier(name)
    if pa.types.is_boolean(type_):
        return f"CAST({column} AS TINYINT)"
    if pa.types.is_floating(type_):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
    return column


# A row with several errors is one row; a scan for the plan and the scan of the query may both report it. Known by
# its byte: DuckDB's own line numbers count rows. In a CR LF file the text starts with the LF before it.
_BROKEN_ROWS = f"""(
SELECT line_byte_position::BIGINT AS position,
       max(1 + length(row_text) - length(replace(row_text, chr(10), ''))) AS height,
       min(row_text) AS text,
       min(CASE error_type WHEN 'MISSING COLUMNS' THEN 'too few columns'
                           WHEN 'TOO MANY COLUMNS' THEN 'too many columns'
                           WHEN 'UNQUOTED VALUE' THEN 'a quotation mark that is not closed or not alone'
                           WHEN 'LINE SIZE OVER MAXIMUM' THEN 'longer than {files.MAX_ROW_BYTES // 1_000_000} MB'
                           ELSE lower(error_type::VARCHAR) END) AS reason
FROM (SELECT *, trim(csv_line, chr(10) || chr(13)) AS row_text FROM {{errors}}) GROUP BY position)
"""
_NO_BROKEN_ROWS = "(SELECT 0::BIGINT AS position, 1 AS height, '' AS text, '' AS reason WHERE false)"
