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

from hm_assets.raw import files
from hm_assets.sources.contract import InputFile
from hm_assets.warehouse import sql
from hm_assets.warehouse.errors import LandingError

MAX_ROW_BYTES = 16_000_000
_numbers = itertools.count()


@dataclass(frozen=True)
class Reading:
    """An open file: `relation` gives its well-formed rows, every contract column as text, empty as null.

    `broken` is a subquery (line, height, text, reason, not_utf8) of the rows that have another number of columns;
    DuckDB fills it while `relation` is scanned, so it may be asked after a full scan only.
    """

    relation: str
    broken: str
    columns: tuple[str, ...]
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
    wanted = ", ".join(
        f"nullif(CAST({sql.identifier(name)} AS VARCHAR), '') AS {sql.identifier(name)}"
        for name in file.names
    )
    if files.suffix_of(source) == ".parquet":
        connection.execute(
            f"CREATE TEMP VIEW {relation} AS SELECT {wanted} FROM read_parquet({sql.literal(str(plain))})"
        )
        broken = _NO_BROKEN_ROWS
    else:
        columns = ", ".join(f"{sql.literal(name)}: 'VARCHAR'" for name in names)
        connection.execute(
            f"CREATE TEMP VIEW {relation} AS SELECT {wanted} FROM read_csv({sql.literal(str(plain))}, "
            f"columns = {{{columns}}}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
            f"strict_mode = true, null_padding = false, max_line_size = {MAX_ROW_BYTES}, ignore_errors = true, "
            f"store_rejects = true, rejects_table = '{errors}', rejects_scan = '{errors}_scans')"
        )
        broken = _BROKEN_ROWS.format(errors=errors)
    ignored = tuple(name for name in names if name not in file.names)
    try:
        yield Reading(relation, broken, file.names, ignored)
    except duckdb.Error as error:
        raise LandingError(f"{source} cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        connection.execute(f"DROP VIEW IF EXISTS {relation}")
        connection.execute(f"DROP TABLE IF EXISTS {errors}; DROP TABLE IF EXISTS {errors}_scans")


# A row with several errors is one row; a scan for the plan and the scan of the query may both report it.
_BROKEN_ROWS = """(
SELECT line::BIGINT AS line,
       1 + max(length(csv_line) - length(replace(csv_line, chr(10), ''))) AS height,
       any_value(csv_line) AS text,
       any_value(CASE error_type WHEN 'MISSING COLUMNS' THEN 'too few columns'
                                 WHEN 'TOO MANY COLUMNS' THEN 'too many columns'
                                 WHEN 'UNQUOTED VALUE' THEN 'a quotation mark that is not closed or not alone'
                                 WHEN 'LINE SIZE OVER MAXIMUM' THEN 'longer than 16 MB'
                                 ELSE lower(error_type::VARCHAR) END) AS reason,
       bool_or(error_type = 'INVALID ENCODING') AS not_utf8
FROM {errors} GROUP BY line)
"""
_NO_BROKEN_ROWS = (
    "(SELECT 0::BIGINT AS line, 1 AS height, '' AS text, '' AS reason, false AS not_utf8 WHERE false)"
)


def refuse_other_encodings(connection: duckdb.DuckDBPyConnection, opened: Reading, source: Path) -> None:
    """Raise when the last scan met bytes that are no UTF-8: half-read names are worse than a clear no."""
    found = connection.execute(f"SELECT min(line) FROM {opened.broken} WHERE not_utf8").fetchone()
    if found and found[0] is not None:
        raise files.not_utf8(source, found[0])
