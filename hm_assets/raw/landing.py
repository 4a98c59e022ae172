"""The landing zone: which files are there, what role each plays, which months each holds.

A survey reads every new or changed file once (by size and time first, then by content) and remembers what it
found in the warehouse, so that a second look costs nothing. What watches the folder while files arrive asks it to hold
back what cannot be read yet, or not at all: such a file counts as what it was before.
"""

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hm_assets.raw import files
from hm_assets.raw.landed import ADDITION, BASE, MONTH, LandedFile, landed_file, look
from hm_assets.raw.settling import Settled, Stamp, stamp_of
from hm_assets.settings import named
from hm_assets.sources import contract
from hm_assets.sources.contract import InputFile
from hm_assets.warehouse import artifacts, forgotten
from hm_assets.warehouse.errors import LandingError, WarehouseError

CACHE_FILE = "landing.json"
CACHE_FORMAT = 3

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Landing:
    """All files of a landing zone.

    `held` says of files that are held back why (see `survey`); `unreadable`, of those that no waiting mends, what was
    wrong when they were last read, also while another is being written in their place; `forgotten` is a fingerprint
    of who was forgotten.
    """

    raw: Path
    customers: LandedFile
    articles: LandedFile
    transactions: tuple[LandedFile, ...]
    not_ours: tuple[str, ...]
    held: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    forgotten: str = ""

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

    @property
    def customers_version(self) -> str:
        """What the customers file gives: its content, and who of it was forgotten."""
        if not self.forgotten:
            return self.customers.sha256
        return hashlib.sha256(f"{self.customers.sha256} {self.forgotten}".encode()).hexdigest()

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


def survey(
    raw: Path, warehouse: Path, progress: Progress = lambda _: None, settled: Settled | None = None
) -> Landing:
    """Look at every file of the landing zone; read only those that changed since the last look.

    Parameters
    ----------
    raw
        The landing zone.
    warehouse
        Where the findings are remembered (`landing.json`) and archives are unpacked for a moment.
    progress
        Told what is being read.
    settled
        Where files may still arrive: tells of a new or changed file whether it is whole. One that is not, or that
        cannot be read, is held back then: it counts as what it was when it was last read, a new one not at all.

    Raises
    ------
    LandingError
        A file is missing or ambiguous, or (without `settled`) unreadable; the message names it and says what to do.
    """
    if not raw.is_dir():
        raise LandingError(f"There is no folder {named(raw)}. {contract.HOW_TO_GET}")
    found = _find(raw)
    remembered = _remembered(raw, warehouse)
    looked: dict[str, LandedFile] = {}
    notes: dict[str, Any] = {}
    held: dict[str, str] = {}
    for path, file, role in found:
        known: Mapping[str, Any] = remembered.get(path.name, {})
        note, stamp = known, Stamp()
        try:
            stamp = stamp_of(path)
            if stamp != known.get("stamp"):
                if settled is not None:
                    _refuse_unready(path, stamp, known, settled)
                note = _read(path, stamp, file, warehouse, progress)
            looked[path.name] = landed_file(path, file, role, note)
        except LandingError as error:
            if settled is None:
                raise
            held[path.name] = str(error)
            # What is wrong with the bytes stays wrong until they change; a lock or a growing file passes.
            if not (isinstance(error, NotReady) or isinstance(error.__cause__, OSError)):
                note = {**known, "bad": {"stamp": stamp, "why": str(error)}}
            if "stamp" in known:
                looked[path.name] = replace(landed_file(path, file, role, known), held=str(error))
        notes[path.name] = note
    notes = {name: note for name, note in notes.items() if note}
    if notes != remembered:
        cache = {"format": CACHE_FORMAT, "raw": str(raw.resolve()), "files": notes}
        artifacts.write_json(warehouse / CACHE_FILE, cache)
    unreadable = {name: note["bad"]["why"] for name, note in notes.items() if name in held and "bad" in note}
    landing = _assembled(raw, {path.name for path, _, _ in found}, looked, held, unreadable)
    return replace(landing, forgotten=forgotten.fingerprint(warehouse))


def _assembled(
    raw: Path,
    names: Collection[str],
    looked: Mapping[str, LandedFile],
    held: Mapping[str, str],
    unreadable: Mapping[str, str],
) -> Landing:
    _refuse_equal_files(raw, looked.values())
    one = {kind: [f for f in looked.values() if f.file.kind == kind] for kind in ("customers", "articles")}
    transactions = tuple(f for f in looked.values() if f.file is contract.TRANSACTIONS)
    if held and not all((*one.values(), transactions)):
        raise LandingError(" ".join(unreadable.values())) if unreadable else NotReady(" ".join(held.values()))
    if not any(file.first_day for file in transactions):
        raise LandingError(
            f"No file in {named(raw)} holds a single transaction with a readable t_dat (YYYY-MM-DD)"
        )
    others = (p.name for p in raw.iterdir() if p.is_file() and p.name not in names and not _is_plug_in(p))
    landing = Landing(
        raw,
        one["customers"][0],
        one["articles"][0],
        transactions,
        tuple(sorted(others)),
        held,
        unreadable,
    )
    for landed in transactions:
        if landed.replaced_month:
            landing.files_of(landed.replaced_month)  # ambiguous? Say so before anything is made
    return landing


class NotReady(LandingError):
    """The file is held back as it is now, and not because of what it holds."""


def _refuse_unready(path: Path, stamp: Stamp, known: Mapping[str, Any], settled: Settled) -> None:
    bad = known.get("bad")
    if bad is not None and bad["stamp"] == stamp:
        raise LandingError(bad["why"])
    if not settled(path, stamp):
        raise NotReady(f"{path.name} is still being written ({stamp[0]:,} bytes so far).")


def _read(path: Path, stamp: Stamp, file: InputFile, warehouse: Path, progress: Progress) -> dict[str, Any]:
    progress(f"looking at {path.name}")
    try:
        note = {"stamp": stamp, **look(path, file, warehouse)}
    except LandingError as error:
        # What was read may be half a file: that says more than what is wrong with the half.
        _refuse_moved(path, stamp, error)
        raise
    _refuse_moved(path, stamp, None)
    if note["rows"] == 0:
        raise LandingError(f"{named(path)} has a header and no line below it. Export it again.")
    return note


def _refuse_moved(path: Path, stamp: Stamp, cause: Exception | None) -> None:
    if stamp_of(path) != stamp:
        raise NotReady(f"{path.name} was written to while it was read.") from cause


def holds_files(raw: Path) -> bool:
    """Whether a folder holds at least one of the three files."""
    return raw.is_dir() and any(
        files.stem_of(path) == file.stem
        for path in raw.iterdir()
        for file in contract.INPUT_FILES
        if files.stem_of(path)
    )


def _is_plug_in(path: Path) -> bool:
    return files.stem_of(path) in contract.OPTIONAL_FILES or path.name in ("source.json", "README.md")


def _find(raw: Path) -> list[tuple[Path, InputFile, str]]:
    paths = sorted(path for path in raw.iterdir() if path.is_file() and files.suffix_of(path))
    found: list[tuple[Path, InputFile, str]] = []
    for file in contract.INPUT_FILES:
        mine = [path for path in paths if files.stem_of(path) == file.stem]
        if not mine and file is not contract.TRANSACTIONS:
            raise LandingError(
                f"{file.stem}.csv is missing: looked for {file.stem} with one of {', '.join(contract.SUFFIXES)} "
                f"in {named(raw)}. {contract.HOW_TO_GET}"
            )
        found += [(path, file, BASE if file is contract.TRANSACTIONS else file.kind) for path in mine]
    for path in paths:
        stem = files.stem_of(path)
        if stem.startswith("transactions_") and stem != contract.TRANSACTIONS.stem:
            is_month = re.fullmatch(r"transactions_\d{4}-(0[1-9]|1[0-2])", stem)
            found.append((path, contract.TRANSACTIONS, MONTH if is_month else ADDITION))
    if not any(file is contract.TRANSACTIONS for _, file, _ in found):
        raise LandingError(
            f"transactions_train.csv is missing: looked for transactions_train or transactions_* with one of "
            f"{', '.join(contract.SUFFIXES)} in {named(raw)}. {contract.HOW_TO_GET}"
        )
    twice = [
        stem for stem, count in Counter(files.stem_of(path) for path, _, _ in found).items() if count > 1
    ]
    if twice:
        names = sorted(path.name for path, _, _ in found if files.stem_of(path) == twice[0])
        raise LandingError(
            f"{names[0]} and {names[1]} in {named(raw)} are two forms of the same file. Delete the older one."
        )
    return found


def _refuse_equal_files(raw: Path, landed: Iterable[LandedFile]) -> None:
    seen: dict[str, LandedFile] = {}
    for file in landed:
        other = seen.setdefault(file.sha256, file)
        if other is not file:
            raise LandingError(
                f"{other.name} and {file.name} have the same content; its lines would count twice. "
                f"Delete one in {named(raw)}."
            )


def _remembered(raw: Path, warehouse: Path) -> Mapping[str, Any]:
    """What an earlier survey of the same folder found, by file name; nothing where another version wrote it."""
    try:
        cache = artifacts.read_json(warehouse / CACHE_FILE)
        same = cache["format"] == CACHE_FORMAT and cache["raw"] == str(raw.resolve())
        return dict(cache["files"]) if same else {}
    except (WarehouseError, KeyError, TypeError):
        return {}
