"""The landing zone: which files are there, what role each plays, which months each holds.

A survey reads every new or changed file once (by size and time first, then by content) and remembers what it
found in the warehouse, so that a second look costs nothing.
"""

import dataclasses
import datetime as dt
import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from hm_assets.raw import files, rules
from hm_assets.raw.reading import reading
from hm_assets.sources import contract
from hm_assets.sources.contract import InputFile
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import LandingError, WarehouseError

BASE, MONTH, ADDITION = "base", "month", "addition"
CACHE_FILE = "landing.json"
CACHE_FORMAT = 2
COUNTED = ("sha256", "lines", "blank_lines", "mixed_endings", "rows", "broken", "line_breaks")

Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class LandedFile:
    """A delivered file and what a survey found in it.

    `months` counts its well-formed rows by month (transactions only), under None those without a plausible date;
    `broken` counts the rows with too few or too many columns. Together they are its `rows`.
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

    @property
    def name(self) -> str:
        """The file's name, as it stands in `source_file` and `raw/rejects`."""
        return self.path.name

    @property
    def replaced_month(self) -> dt.date | None:
        """The month that a `transactions_YYYY-MM` file replaces."""
        return parse_month(_stem(self.path).removeprefix("transactions_")) if self.role == MONTH else None

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


@dataclass(frozen=True)
class Landing:
    """All files of a landing zone."""

    raw: Path
    customers: LandedFile
    articles: LandedFile
    transactions: tuple[LandedFile, ...]
    not_ours: tuple[str, ...]

    @property
    def all_files(self) -> tuple[LandedFile, ...]:
        """Every file that is read."""
        return (self.customers, self.articles, *self.transactions)

    @property
    def first_day(self) -> dt.date:
        """Day of the first line."""
        return min(file.first_day for file in self.transactions if file.first_day)

    @property
    def last_day(self) -> dt.date:
        """Day of the last line."""
        return max(file.last_day for file in self.transactions if file.last_day)

    def files_of(self, month: dt.date) -> tuple[LandedFile, ...]:
        """The files whose rows make up a month: the file that replaces it, else the base and the additions.

        Raises
        ------
        LandingError
            A file replaces the month and another one adds to it: which came last is not known.
        """
        replacing = [file for file in self.transactions if file.replaced_month == month]
        giving = [file for file in self.transactions if file.role != MONTH and file.months.get(month)]
        adding = [file for file in giving if file.role == ADDITION]
        if replacing and adding:
            raise LandingError(
                f"{replacing[0].name} is the whole of {month:%Y-%m}, and {adding[0].name} adds "
                f"{adding[0].months[month]:,} rows to the same month: which one is right is not known. "
                f"Put those rows into {replacing[0].name} and take them out of {adding[0].name}."
            )
        return tuple(replacing or giving)

    def months_by_file(self, months: Iterable[dt.date]) -> dict[LandedFile, list[dt.date]]:
        """The files to read for some months, each with those of the months that it gives rows to.

        A file in which no row belongs to any month is among them: its rows are refused, and must be counted.
        """
        found: dict[LandedFile, list[dt.date]] = {
            file: [] for file in self.transactions if not file.own_months
        }
        for month in months:
            for file in self.files_of(month):
                found.setdefault(file, []).append(month)
        return found

    def superseded_by(self, file: LandedFile, month: dt.date | None) -> LandedFile | None:
        """The file that replaces this file's rows of the month, if any."""
        if month is None or file.role == MONTH:
            return None
        return next((other for other in self.transactions if other.replaced_month == month), None)

    def version_of(self, month: dt.date) -> str:
        """Hash of the content of the files that make up a month."""
        text = "\n".join(sorted(f"{file.name} {file.sha256}" for file in self.files_of(month)))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def survey(raw: Path, warehouse: Path, progress: Progress = lambda _: None) -> Landing:
    """Look at every file of the landing zone; read only those that changed since the last look.

    Parameters
    ----------
    raw
        The landing zone.
    warehouse
        Where the findings are remembered (`landing.json`) and archives are unpacked for a moment.
    progress
        Told what is being read.

    Raises
    ------
    LandingError
        A file is missing, unreadable or ambiguous; the message names it and says what to do.
    """
    if not raw.is_dir():
        raise LandingError(f"There is no folder {raw.resolve()}. {contract.HOW_TO_GET}")
    found = _find(raw)
    remembered = _remembered(raw, warehouse)
    looked: dict[str, LandedFile] = {}
    notes: dict[str, Any] = {}
    for path, file, role in found:
        stamp = [path.stat().st_size, path.stat().st_mtime_ns]
        note = remembered.get(path.name)
        if note is None or note["stamp"] != stamp:
            progress(f"looking at {path.name}")
            note = {"stamp": stamp, **_look(path, file, warehouse)}
            if note["rows"] == 0:
                raise LandingError(f"{path} has a header and no line below it. Export it again.")
        notes[path.name] = note
        looked[path.name] = _landed(path, file, role, note)
    if notes != remembered:
        cache = {"format": CACHE_FORMAT, "raw": str(raw.resolve()), "files": notes}
        artifacts.write_json(warehouse / CACHE_FILE, cache)
    _refuse_equal_files(looked.values())
    one = {kind: [f for f in looked.values() if f.file.kind == kind] for kind in ("customers", "articles")}
    transactions = tuple(f for f in looked.values() if f.file is contract.TRANSACTIONS)
    if not any(file.first_day for file in transactions):
        raise LandingError(f"No file in {raw} holds a single transaction with a readable t_dat (YYYY-MM-DD)")
    known = {path.name for path, _, _ in found}
    not_ours = tuple(
        sorted(p.name for p in raw.iterdir() if p.is_file() and p.name not in known and not _is_plug_in(p))
    )
    landing = Landing(raw, one["customers"][0], one["articles"][0], transactions, not_ours)
    for landed in transactions:
        if landed.replaced_month:
            landing.files_of(landed.replaced_month)  # ambiguous? Say so before anything is made
    return landing


def holds_files(raw: Path) -> bool:
    """Whether a folder holds at least one of the three files."""
    return raw.is_dir() and any(
        _stem(path) == file.stem for path in raw.iterdir() for file in contract.INPUT_FILES if _stem(path)
    )


def _stem(path: Path) -> str:
    suffix = files.suffix_of(path)
    return path.name.removesuffix(suffix) if suffix else ""


def _is_plug_in(path: Path) -> bool:
    return _stem(path) in contract.OPTIONAL_FILES or path.name in ("source.json", "README.md")


def _find(raw: Path) -> list[tuple[Path, InputFile, str]]:
    paths = sorted(path for path in raw.iterdir() if path.is_file() and files.suffix_of(path))
    found: list[tuple[Path, InputFile, str]] = []
    for file in contract.INPUT_FILES:
        mine = [path for path in paths if _stem(path) == file.stem]
        if not mine and file is not contract.TRANSACTIONS:
            raise LandingError(
                f"{file.stem}.csv is missing: looked for {file.stem} with one of {', '.join(contract.SUFFIXES)} "
                f"in {raw.resolve()}. {contract.HOW_TO_GET}"
            )
        found += [(path, file, BASE if file is contract.TRANSACTIONS else file.kind) for path in mine]
    for path in paths:
        stem = _stem(path)
        if stem.startswith("transactions_") and stem != contract.TRANSACTIONS.stem:
            is_month = re.fullmatch(r"transactions_\d{4}-(0[1-9]|1[0-2])", stem)
            found.append((path, contract.TRANSACTIONS, MONTH if is_month else ADDITION))
    if not any(file is contract.TRANSACTIONS for _, file, _ in found):
        raise LandingError(
            f"transactions_train.csv is missing: looked for transactions_train or transactions_* with one of "
            f"{', '.join(contract.SUFFIXES)} in {raw.resolve()}. {contract.HOW_TO_GET}"
        )
    twice = [stem for stem, count in Counter(_stem(path) for path, _, _ in found).items() if count > 1]
    if twice:
        names = sorted(path.name for path, _, _ in found if _stem(path) == twice[0])
        raise LandingError(
            f"{names[0]} and {names[1]} in {raw} are two forms of the same file. Delete the older one."
        )
    return found


def _refuse_equal_files(landed: Iterable[LandedFile]) -> None:
    seen: dict[str, LandedFile] = {}
    for file in landed:
        other = seen.setdefault(file.sha256, file)
        if other is not file:
            raise LandingError(
                f"{other.name} and {file.name} have the same content; its lines would count twice. Delete one."
            )


def _remembered(raw: Path, warehouse: Path) -> Mapping[str, Any]:
    """What an earlier survey of the same folder found, by file name; nothing where another version wrote it."""
    try:
        cache = artifacts.read_json(warehouse / CACHE_FILE)
        same = cache["format"] == CACHE_FORMAT and cache["raw"] == str(raw.resolve())
        return dict(cache["files"]) if same else {}
    except (WarehouseError, KeyError, TypeError):
        return {}


def _look(path: Path, file: InputFile, warehouse: Path) -> dict[str, Any]:
    """What is in a file, as JSON values."""
    try:
        with files.plain(path, warehouse) as plain:
            files.header(plain, path, file)
            found = files.read_bytes(path, plain)
        with files.plain(path, warehouse, found.mixed_endings) as plain:
            return _counted(plain, path, file, found, warehouse)
    except OSError as error:
        raise LandingError(f"{path} cannot be read ({error}).") from error


def _counted(plain: Path, path: Path, file: InputFile, found: files.Bytes, warehouse: Path) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(dir=warehouse, prefix=".spill-") as spill,
        duckdb.connect(config={"temp_directory": spill, "preserve_insertion_order": "false"}) as connection,
        reading(connection, plain, path, file) as opened,
    ):
        day = rules.DAY if file is contract.TRANSACTIONS else "NULL::DATE"
        rows = connection.execute(
            "SELECT date_trunc('month', d)::DATE AS month, count(*), min(d), max(d) "
            f"FROM (SELECT {day} AS d FROM {opened.relation}) GROUP BY month ORDER BY month"
        ).fetchall()
        good = sum(row[1] for row in rows)
        broken, breaks = _one_row(
            connection, f"SELECT count(*), coalesce(sum(height - 1), 0) FROM {opened.broken}"
        )
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


def _landed(path: Path, file: InputFile, role: str, note: dict[str, Any]) -> LandedFile:
    months = {parse_month(key) if key else None: count for key, (count, _, _) in note["months"].items()}
    landed = LandedFile(
        path=path,
        file=file,
        role=role,
        months=months,
        ignored_columns=tuple(note["ignored_columns"]),
        **{name: note[name] for name in COUNTED},
    )
    spans = [note["months"][month.isoformat()] for month in landed.own_months]
    landed = dataclasses.replace(
        landed,
        first_day=min((dt.date.fromisoformat(first) for _, first, _ in spans), default=None),
        last_day=max((dt.date.fromisoformat(last) for _, _, last in spans), default=None),
    )
    if not 0 <= unread_lines(landed) <= landed.blank_lines:
        raise LandingError(
            f"{path}: {landed.lines:,} lines in the file, {landed.rows:,} rows read: "
            f'{unread_lines(landed):,} lines are unaccounted for. Look for a stray quotation mark (").'
        )
    return landed


def unread_lines(file: LandedFile) -> int:
    """Lines of the file that no row accounts for; blank lines are the only ones that may remain."""
    return file.lines - file.rows - file.line_breaks
