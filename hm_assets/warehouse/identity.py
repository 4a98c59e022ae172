"""What a warehouse is made of: `<warehouse>/warehouse.json`.

One warehouse holds one source. Demo and real data never mix, because a run with another source is refused here.
"""

import contextlib
import dataclasses
import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from hm_assets.settings import copy_of
from hm_assets.warehouse import artifacts, forgotten, lock
from hm_assets.warehouse.calendar import add_months, month_of
from hm_assets.warehouse.errors import WarehouseError

FILE = "warehouse.json"
CLOSED_AFTER_DAYS = 92
MONTHS_AFTER_A_CLOSED_HISTORY = 3


@dataclass(frozen=True)
class Identity:
    """Source in words, landing zone, depth of the work, the calendar, and where the landing zone is fetched from.

    The calendar is the first month and, for a closed history, the last one; else it grows with the clock.
    """

    source: str
    raw: Path
    first_month: str
    last_month: str | None
    depth: str
    fetched_from: str | None = None


def read(warehouse: Path) -> Identity | None:
    """The warehouse's identity, or None where it has none yet."""
    path = warehouse / FILE
    if not path.exists():
        return None
    value = artifacts.read_json(path)
    try:
        fetched_from = value.get("fetched_from")
        # Of a warehouse that was moved or copied, the copy lies there too, and not where it was.
        raw = copy_of(warehouse, fetched_from).resolve() if fetched_from else Path(value["raw"])
        return Identity(**{**value, "raw": raw})
    except (AttributeError, KeyError, TypeError) as error:
        raise WarehouseError(
            f"{path} is not what this version writes ({error}); see `hm run --replace`"
        ) from error


def of(warehouse: Path) -> Identity:
    """The identity of a warehouse that must be there already.

    Raises
    ------
    WarehouseError
        It is not set up: a slip in --warehouse, or nothing was run yet.
    """
    known = read(warehouse)
    if known is None:
        raise WarehouseError(f"{warehouse} is not set up yet; `hm run` does it")
    return known


def is_damaged(warehouse: Path) -> bool:
    """Whether there is an identity that cannot be read; only a replacement helps."""
    try:
        read(warehouse)
    except WarehouseError:
        return True
    return False


def claim(
    warehouse: Path,
    source: str,
    raw: Path,
    days: tuple[dt.date, dt.date],
    depth: str,
    today: dt.date,
    fetched_from: str | None = None,
) -> Identity:
    """Take the warehouse for this source, or check that it is already taken for it; keep its calendar up to date.

    `days` are the first and the last day with a line; `fetched_from` is the object storage that `raw` is a copy of.
    A history whose last line is
    more than three months old is closed: its calendar ends three months past the data, not with the clock.

    Raises
    ------
    WarehouseError
        The warehouse belongs to another source.
    """
    known = read(warehouse)
    if known is not None and known.source != source:
        raise WarehouseError(
            f"{warehouse} holds {known.source}, and this is {source}. Name another warehouse "
            "(--warehouse DIR), or delete what it holds with --replace."
        )
    first_day, last_day = days
    closed = (today - last_day).days > CLOSED_AFTER_DAYS
    last = add_months(month_of(last_day), MONTHS_AFTER_A_CLOSED_HISTORY)
    first_month, last_month = f"{first_day:%Y-%m}", f"{last:%Y-%m}" if closed else None
    if known is not None:
        # Months that were made once stay in the calendar, else their tables could not be mended any more.
        first_month = min(first_month, known.first_month)
        last_month = max(last_month, known.last_month or "") if last_month else None
    identity = Identity(source, raw.resolve(), first_month, last_month, depth, fetched_from)
    if identity != known:
        artifacts.write_json(warehouse / FILE, {**dataclasses.asdict(identity), "raw": str(identity.raw)})
    return identity


def clear(warehouse: Path, reports: Path, raw: Path | None = None) -> None:
    """Delete a warehouse with its Dagster instance, and the documents that were made from it.

    Who was forgotten stays forgotten: that list is kept. So is what is to be read next, should `raw` lie in it.

    Raises
    ------
    WarehouseError
        The folder holds something and is no warehouse.
    """
    if not warehouse.exists() or not any(warehouse.iterdir()):
        return
    if not (warehouse / FILE).exists():
        raise WarehouseError(f"{warehouse} has no {FILE}, so it is not deleted; name an empty folder instead")
    for manifest in reports.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/manifest.json"):
        for entry in artifacts.read_json(manifest)["files"]:
            (manifest.parent / Path(entry["name"]).name).unlink(missing_ok=True)
        manifest.unlink()
        with contextlib.suppress(OSError):  # a folder with a stranger's file stays
            manifest.parent.rmdir()
    # Whoever clears a warehouse holds its lock; who was forgotten stays forgotten.
    kept = (forgotten.FILE, forgotten.KEY_FILE, lock.FILE)
    for path in sorted(warehouse.iterdir(), key=lambda path: path.name == FILE):
        if raw is not None and raw.resolve().is_relative_to(path.resolve()):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in kept:
            path.unlink()
    if not any(warehouse.iterdir()):
        warehouse.rmdir()
