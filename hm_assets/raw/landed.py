"""One delivered file and what a look at it found: its rows by month, its broken rows, its content hash.

A look reads the whole file once. What it finds is plain JSON values, so that a survey can remember it.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from hm_assets.raw import files, rules
from hm_assets.raw.reading import reading
from hm_assets.sources import contract
from hm_assets.sources.contract import InputFile
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import LandingError
from hm_assets.warehouse.spill import spill_folder

BASE, MONTH, ADDITION = "base", "month", "addition"


@dataclass(frozen=True, eq=False)
class LandedFile:
    """A delivered file and what a survey found in it.

    `months` counts its well-formed rows by month (transactions only), under None those without a plausible date;
    `broken` counts the rows with too few or too many columns. Together they are its `rows`. Where it is `held` back,
    all of this is of its last reading, and `held` says why it cannot be read now.
    """

    path: Path
    file: InputFile
    role: str
    sha256: str
    lines: int
    blank_lines: int
    mixed_endings: bool
    rows: int
    broken: int
    line_breaks: int
    months: dict[dt.date | None, int]
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    ignored_columns: tuple[str, ...] = ()
    held: str = ""

    @property
    def name(self) -> str:
        """The file's name, as it stands in `source_file` and `raw/rejects`."""
        return self.path.name

    @property
    def replaced_month(self) -> dt.date | None:
        """The month that a `transactions_YYYY-MM` file replaces."""
        return (
            parse_month(files.stem_of(self.path).removeprefix("transactions_"))
            if self.role == MONTH
            else None
        )

    @property
    def own_months(self) -> dict[dt.date, int]:
        """Rows by month, of the months that this file may give rows to."""
        return {
            month: count
            for month, count in self.months.items()
            if month is not None and self.replaced_month in (None, month)
        }

    @property
    def misplaced(self) -> int:
        """Rows that belong to no month: broken, without a date, or outside the month of the file's name."""
        return self.rows - sum(self.own_months.values())


def look(path: Path, file: InputFile, warehouse: Path) -> dict[str, Any]:
    """What is in a file, as JSON values; `landed_file` makes a `LandedFile` of them.

    Raises
    ------
    LandingError
        The file cannot be read as what its name says it is.
    """
    try:
        with files.plain(path, warehouse) as plain, ThreadPoolExecutor(1) as pool:
            files.header(plain, path, file)
            # The bytes are counted beside the rows: two counts that know nothing of each other.
            found = pool.submit(files.read_bytes, path, plain)
            try:
                note = _counted(plain, path, file, found, warehouse)
            except LandingError:
                # What the bytes say is clearer, if they say anything; mixed line endings can be mended.
                if not found.result().mixed_endings:
                    raise
            if not found.result().mixed_endings:
                return note
        with files.plain(path, warehouse, mend_endings=True) as mended:
            return _counted(mended, path, file, found, warehouse)
    except OSError as error:
        raise LandingError(f"{path} cannot be read ({error}).") from error


def _counted(
    plain: Path, path: Path, file: InputFile, bytes_of: Future[files.Bytes], warehouse: Path
) -> dict[str, Any]:
    with (
        spill_folder(warehouse) as spill,
        duckdb.connect(
            config={"temp_directory": str(spill), "preserve_insertion_order": "false"}
        ) as connection,
        reading(connection, plain, path, file) as opened,
    ):
        # Few different texts stand for many days: they are counted first and understood afterwards.
        text = "t_dat" if file is contract.TRANSACTIONS else "NULL::VARCHAR"
        texts = f"SELECT {text} AS t_dat, count(*) AS n FROM {opened.relation} GROUP BY ALL"
        rows = connection.execute(
            "SELECT date_trunc('month', d)::DATE AS month, sum(n)::BIGINT, min(d), max(d) "
            f"FROM (SELECT {rules.DAY} AS d, n FROM ({texts})) GROUP BY month ORDER BY month"
        ).fetchall()
        good = sum(row[1] for row in rows)
        broken, breaks = _one_row(
            connection, f"SELECT count(*), coalesce(sum(height - 1), 0) FROM {opened.broken}"
        )
        found = bytes_of.result()
        if good + broken + breaks != found.lines:
            breaks += _one_row(connection, f"SELECT coalesce(sum(line_breaks), 0) FROM {opened.relation}")[0]
    return {
        **dataclasses.asdict(found),
        "rows": good + broken,
        "broken": broken,
        "line_breaks": int(breaks),
        "months": {
            month.isoformat() if month else "": [
                count,
                first and first.isoformat(),
                last and last.isoformat(),
            ]
            for month, count, first, last in rows
        },
        "ignored_columns": list(opened.ignored),
    }


def _one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def landed_file(path: Path, file: InputFile, role: str, note: Mapping[str, Any]) -> LandedFile:
    """A file with what a look at it found.

    Raises
    ------
    LandingError
        The rows that were read do not account for the lines of the file.
    """
    months = {parse_month(key) if key else None: count for key, (count, _, _) in note["months"].items()}
    landed = LandedFile(
        path=path,
        file=file,
        role=role,
        months=months,
        ignored_columns=tuple(note["ignored_columns"]),
        **{name: note[name] for name in _COUNTED},
    )
    spans = [note["months"][month.isoformat()] for month in landed.own_months]
    landed = dataclasses.replace(
        landed,
        first_day=min((dt.date.fromisoformat(first) for _, first, _ in spans), default=None),
        last_day=max((dt.date.fromisoformat(last) for _, _, last in spans), default=None),
    )
    unread = landed.lines - landed.rows - landed.line_breaks
    # Blank lines are the only ones that may remain.
    if not 0 <= unread <= landed.blank_lines:
        raise LandingError(
            f"{path}: {landed.lines:,} lines in the file, {landed.rows:,} rows read: "
            f'{unread:,} lines are unaccounted for. Look for a stray quotation mark (").'
        )
    return landed


_COUNTED = [field.name for field in dataclasses.fields(files.Bytes)] + ["rows", "broken", "line_breaks"]
