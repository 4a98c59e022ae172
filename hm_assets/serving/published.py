"""What the newest finished month says: the model that made its assignments, its segments in words, and their lists.

It is read once and kept; `Keeper` looks at a few file times at most once a second and reads anew, beside the requests,
when a run has written something. A request takes one `Published` and works with it to its end: what is served changes
at a stroke. Nothing is unpickled: models are JSON, tables are Parquet.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.dataset as ds

from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.tables import SEGMENT_PROFILES, SEGMENT_WORDS
from hm_assets.profiles.wording import WORDINGS
from hm_assets.recommendations.lists_for.tables import SEGMENTS as LISTS
from hm_assets.segments.champion import history
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.serving.preprocess import CATALOGUE, Preprocessor, needs_catalogue
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.schema import Table

CHAMPION: Final = ("segments", "champion")
WATCHED: Final = (ASSIGNMENTS, SEGMENT_PROFILES, SEGMENT_WORDS, LISTS)
PAUSE_SECONDS: Final = 1.0

Stamp = tuple[tuple[int, int], ...]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Segment:
    """A segment as it is told to a machine.

    `characteristics` are its sentences of `profiles/segment_words` as (kind, sentence), `facts` its rows of
    `profiles/segment_profiles` that may be told (cells of fewer than 20 people are withheld), `products` its rows of
    `recommendations/segments`.
    """

    id: int
    name: str
    customers: int | None
    characteristics: tuple[tuple[str, str], ...]
    facts: tuple[dict[str, Any], ...]
    products: tuple[dict[str, Any], ...]

    def fact(self, name: str) -> float | None:
        """The value of a fact, where it may be told."""
        return next((row["value"] for row in self.facts if row["fact"] == name), None)


@dataclass(frozen=True)
class Published:
    """The newest month that is finished: `segments` by id, the model, and the catalogue where its space needs it."""

    month: dt.date
    as_of: dt.date
    champion: Champion
    segments: Mapping[int, Segment]
    catalogue: Mapping[str, pa.Table]

    @cached_property
    def version(self) -> str:
        """Of the model."""
        return self.champion.version

    @cached_property
    def preprocessor(self) -> Preprocessor:
        """From purchases to what the model reads."""
        return Preprocessor(self.champion.space.columns, self.catalogue)

    def segment(self, number: int) -> Segment:
        """A segment by id; one that is not described yet has a number for a name."""
        unknown = Segment(number, f"segment {number}", None, (), (), ())
        return self.segments.get(number, unknown)

    def named(self, text: str) -> Segment | None:
        """A segment by its id, its name, or the name before the colon; case does not count."""
        wanted = text.strip().casefold()
        for segment in self.segments.values():
            name = segment.name.casefold()
            if wanted in (str(segment.id), name, name.partition(":")[0].strip()):
                return segment
        return None


def read_published(warehouse: Path) -> Published:
    """Read what is published now.

    Raises
    ------
    WarehouseError
        No month has both assignments and profiles yet, or the model that made the assignments is not kept.
    """
    months = set(months_of(warehouse, ASSIGNMENTS)) & set(months_of(warehouse, SEGMENT_PROFILES))
    if not months:
        raise WarehouseError(f"{warehouse} has no described segments yet; `hm run` makes them")
    month = max(months)
    first = _dataset(warehouse, ASSIGNMENTS, month).head(1, columns=["as_of", "model_version"]).to_pylist()
    if not first:
        raise WarehouseError(f"{ASSIGNMENTS.path} of {month:%Y-%m} places nobody; materialise it again")
    champion = _champion(warehouse, first[0]["model_version"])
    rows = rows_of(warehouse, SEGMENT_PROFILES, month)
    hidden = privacy.withheld(rows)
    told = [row for row in privacy.without(rows, hidden) if not row["withheld"] and row["value"] is not None]
    words = privacy.sayable(rows_of(warehouse, SEGMENT_WORDS, month), hidden)
    products = rows_of(warehouse, LISTS, month)
    columns = champion.space.columns
    catalogue = (
        {name: _dataset(warehouse, table).to_table() for name, table in CATALOGUE.items()}
        if needs_catalogue(columns)
        else {}
    )
    names = {row["segment_id"]: str(row["segment_name"]) for row in rows}
    segments = {number: _segment(number, names[number], told, words, products) for number in sorted(names)}
    return Published(month, first[0]["as_of"], champion, segments, catalogue)


class Keeper:
    """Keeps what is published in memory and up to date; for any number of threads.

    Parameters
    ----------
    warehouse
        Whose.
    read
        How it is read.
    pause
        Seconds between two looks at the files.
    """

    def __init__(
        self,
        warehouse: Path,
        read: Callable[[Path], Published] = read_published,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self._warehouse, self._read, self._pause = warehouse, read, pause
        self._kept: Published | None = None
        self._stamp: Stamp = ()
        self._looked = 0.0
        self._lock = threading.Lock()

    @property
    def kept(self) -> Published | None:
        """What was read last; None before the first reading. Never waits."""
        if self._kept is not None and time.monotonic() - self._looked >= self._pause:
            self._looked = time.monotonic()
            if stamp_of(self._warehouse) != self._stamp and not self._lock.locked():
                threading.Thread(target=self._renew, daemon=True).start()
        return self._kept

    def current(self) -> Published:
        """What is published; the first to ask waits for it to be read.

        Raises
        ------
        WarehouseError
            As `read_published`.
        """
        found = self.kept
        if found is not None:
            return found
        with self._lock:
            if self._kept is None:
                stamp = stamp_of(self._warehouse)
                self._kept, self._stamp = self._read(self._warehouse), stamp
                self._looked = time.monotonic()
            return self._kept

    def _renew(self) -> None:
        with self._lock:
            # Taken before the reading: what is written meanwhile is seen at the next look.
            stamp = stamp_of(self._warehouse)
            if stamp == self._stamp:
                return
            try:
                self._kept, self._stamp = self._read(self._warehouse), stamp
            except Exception as error:  # a run is at work; what was read before still holds
                logger.warning("what was published before is served on: %s", error)


def stamp_of(warehouse: Path) -> Stamp:
    """Time and size of what is written whenever the model or a watched table changes."""
    paths = [artifacts.path_of(warehouse, CHAMPION)]
    paths += [delta.table_path(warehouse, table) / "_delta_log" for table in WATCHED]
    found = []
    for path in paths:
        try:
            seen = path.stat()
            found.append((seen.st_mtime_ns, seen.st_size))
        except OSError:
            found.append((0, 0))
    return tuple(found)


def months_of(warehouse: Path, table: Table) -> list[dt.date]:
    """The months that a monthly table holds; none where it is not made."""
    stored = delta.open_table(warehouse, table)
    return sorted(parse_month(part["month"]) for part in stored.partitions()) if stored else []


def rows_of(
    warehouse: Path, table: Table, month: dt.date | None = None, only: ds.Expression | None = None
) -> list[dict[str, Any]]:
    """Rows of a table (of a month), in the order of its key; none where it, or the month, is not made."""
    stored = delta.open_table(warehouse, table)
    files = delta.files_of(stored, [month] if month else None) if stored is not None else []
    found: list[dict[str, Any]] = ds.dataset(files).to_table(filter=only).to_pylist() if files else []
    return sorted(found, key=lambda row: tuple(str(row[name]).zfill(20) for name in table.key))


def _dataset(warehouse: Path, table: Table, month: dt.date | None = None) -> ds.Dataset:
    stored = delta.open_table(warehouse, table)
    files = delta.files_of(stored, [month] if month else None) if stored is not None else []
    if not files:
        raise WarehouseError(f"{table.path} is not in {warehouse}; run `hm run` first")
    return ds.dataset(files)


def _champion(warehouse: Path, version: str) -> Champion:
    """The model of that version: after a refit the present one is newer than the assignments for a moment."""
    present = artifacts.path_of(warehouse, CHAMPION)
    for champion in reversed(history.known(present, present.with_name("champions"))):
        if champion.version == version:
            return champion
    raise WarehouseError(
        f"the model {version} that made {ASSIGNMENTS.path} is not kept in {warehouse}; materialise "
        f"segments/champion and {ASSIGNMENTS.path} again"
    )


def _segment(
    number: int,
    name: str,
    told: Sequence[Mapping[str, Any]],
    words: Sequence[Mapping[str, Any]],
    products: Sequence[Mapping[str, Any]],
) -> Segment:
    order = ("who", "defining", "strength", "pain", "opportunity")
    mine = [row for row in words if row["segment_id"] == number]
    mine.sort(key=lambda row: (order.index(row["kind"]) if row["kind"] in order else 9, row["position"]))
    facts = tuple(
        {
            **{key: row[key] for key in ("kind", "fact", "unit", "value", "low", "high", "base")},
            "label": WORDINGS[row["fact"]].label if row["fact"] in WORDINGS else row["fact"],
        }
        for row in told
        if row["segment_id"] == number
    )
    size = next((row["value"] for row in facts if row["fact"] == "customers"), None)
    return Segment(
        number,
        name,
        None if size is None else int(size),
        tuple((str(row["kind"]), str(row["sentence"])) for row in mine),
        facts,
        tuple(dict(row) for row in products if row["segment_id"] == number and number != NO_PURCHASE),
    )
