"""The documents: every month's, listed and served as its manifests say, one by one or as a ZIP.

A file is served only if its month's manifest lists it. Manifests are read at every request, so that new documents show
without a restart.
"""

import io
import logging
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse

from hm_assets.profiles.page import links
from hm_assets.serving import look
from hm_assets.serving.published import Keeper, Published
from hm_assets.settings import Settings
from hm_assets.warehouse import identity
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.manifest import (
    MANIFESTS,
    MONTH_PATTERN,
    SCRIPTED_KINDS,
    FileEntry,
    Manifest,
    read_all,
)

FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    ".html": ("Page", "text/html; charset=utf-8"),
    ".pdf": ("PDF", "application/pdf"),
    ".pptx": ("PowerPoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ".xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".csv": ("CSV", "text/csv; charset=utf-8"),
    ".ics": ("Calendar", "text/calendar; charset=utf-8"),
    ".json": ("JSON", "application/json"),
    ".zip": ("ZIP", "application/zip"),
    ".md": ("Text", "text/markdown; charset=utf-8"),
    ".parquet": ("Parquet", "application/vnd.apache.parquet"),
}
"""Suffix -> what people call it, and its content type; in the order of the downloads."""
PAGES: Final[Mapping[str, str]] = {
    "overview": "Compare all segments",
    "dashboard": "Explore the dashboard",
    "experiments": "Test a campaign",
    "segments": "Who the segments are",
    "forecasts": "What customers will do",
    "eda": "What the data say",
    "lab": "How the segments were chosen",
}
"""What a button to the one page of a kind says; a page of another kind is called by its title."""
TO_TAKE: Final[Mapping[str, str]] = {
    links.PLAYBOOK_PDF: "Playbook (PDF)",
    links.DECK: "Slides (PowerPoint)",
    links.WORKBOOK: "Workbook (Excel)",
    links.CALENDAR: "Campaign calendar (ICS)",
}
"""What a button to a download says; the others are in the table below."""
OF_A_SEGMENT: Final = ("playbook", "passport")
LIST: Final = "arm"
# The page of charts brings a policy of its own, which names its scripts by their hashes; both policies must agree.
SCRIPTED: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "frame-ancestors 'self'"
)
CHUNK: Final = 1 << 16

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shelf:
    """The months that can be shown, the latest first, and the ones whose manifest cannot be read."""

    months: tuple[Manifest, ...]
    broken: tuple[str, ...]

    @property
    def latest(self) -> str | None:
        """The latest month that can be shown."""
        return self.months[0].month if self.months else None


def read_shelf(reports: Path) -> Shelf:
    """What lies under the reports folder now."""
    months, broken = [], []
    folders = reports.iterdir() if reports.is_dir() else ()
    for folder in sorted((f for f in folders if MONTH_PATTERN.fullmatch(f.name)), reverse=True):
        try:
            manifest = read_all(folder)
        except (OSError, WarehouseError) as error:
            logger.warning("%s", error)
            broken.append(folder.name)
            continue
        if manifest is not None and manifest.month == folder.name:
            months.append(manifest)
    return Shelf(tuple(months), tuple(broken))


@dataclass(frozen=True)
class OfSegment:
    """A segment's documents: its playbook, its passport and page as PDF where they are, its number and size."""

    playbook: FileEntry
    passport: FileEntry | None
    one_page: FileEntry | None
    number: int | None
    customers: int | None


Form = tuple[FileEntry, str]
"""A file, and what people call its format."""


@dataclass(frozen=True)
class OnShelf:
    """A month's documents as the home page lists them.

    `pages` are (entry, what the button says), `take` the same of downloads; `downloads` is everything else that is no
    page, by format, and `lists` the customers of the campaign.
    """

    manifest: Manifest
    pages: tuple[tuple[FileEntry, str], ...]
    take: tuple[tuple[FileEntry, str], ...]
    segments: tuple[OfSegment, ...]
    downloads: tuple[Form, ...]
    lists: tuple[Form, ...]

    @classmethod
    def of(cls, manifest: Manifest, published: Published | None) -> "OnShelf":
        """Sort the entries of a manifest; sizes are those of the published month, where it is this one."""
        same = published is not None and f"{published.month:%Y-%m}" == manifest.month
        sizes = {i: s.customers for i, s in published.segments.items()} if published and same else {}
        html = [entry for entry in manifest.files if entry.name.endswith(".html")]
        rank = list(PAGES)
        buttons = sorted(
            (entry for entry in html if entry.kind not in OF_A_SEGMENT),
            key=lambda e: (rank.index(e.kind) if e.kind in rank else 0, e.title),
        )
        passports = {number_of(e): e for e in html if e.kind == "passport"}
        one_pages: dict[int | None, FileEntry] = {
            number: entry
            for entry in manifest.files
            if entry.kind == "pdf" and (number := number_of(entry)) is not None
        }
            n: e for e in manifest.files if e.kind == "pdf" and (n := number_of(e)) is not None
        }
        books = [(e, number_of(e)) for e in html if e.kind == "playbook"]
        shown = {e.name for e in (*html, *one_pages.values())}
        rest = [_form(e) for e in manifest.files if e.name not in shown]
        suffixes = list(FORMATS)
        # Those of a format stay in the order of their manifest, which begins with what most people want.
        rest.sort(key=lambda each: suffixes.index(s) if (s := Path(each[0].name).suffix) in suffixes else 99)
        return cls(
            manifest,
            tuple((entry, PAGES.get(entry.kind, entry.title)) for entry in buttons),
            tuple((e, says) for name, says in TO_TAKE.items() if (e := manifest.entry(name)) is not None),
            tuple(
                OfSegment(e, passports.get(n), one_pages.get(n), n, None if n is None else sizes.get(n))
                for e, n in books
            ),
            tuple(each for each in rest if each[0].kind != LIST),
            tuple(each for each in rest if each[0].kind == LIST),
        )


def _form(entry: FileEntry) -> Form:
    suffix = Path(entry.name).suffix
    return entry, FORMATS[suffix][0] if suffix in FORMATS else suffix.lstrip(".").upper() or "File"


def router(settings: Settings, keeper: Keeper) -> APIRouter:
    """The home page and the documents."""
    routes = APIRouter(include_in_schema=False)
    reports = settings.reports_dir

    @routes.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def home() -> str:
        """The months with their documents."""
        found = read_shelf(reports)
        now = published(keeper)
        return look.render(
            "shelf.html.j2",
            title="Playbooks",
            here="/",
            shelf=found,
            months=[OnShelf.of(manifest, now) for manifest in found.months],
            source=_source(settings.warehouse),
            parse_month=parse_month,
        )

    @routes.api_route("/reports/{month}.zip", methods=["GET", "HEAD"], response_class=StreamingResponse)
    def archive(month: str) -> StreamingResponse:
        """All documents of a month with their manifest, packed on the fly."""
        manifest = _manifest(reports, month)
        paths = [_inside(reports / month, entry.name) for entry in manifest.files]
        paths += [_inside(reports / month, name) for name in MANIFESTS if (reports / month / name).is_file()]
        return StreamingResponse(
            zip_stream(paths, manifest),
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="playbooks-{month}.zip"'},
        )

    @routes.api_route("/reports/{month}/{file}", methods=["GET", "HEAD"], response_class=FileResponse)
    def document(month: str, file: str, download: bool = False) -> FileResponse:
        """One document that the month's manifest lists."""
        manifest = _manifest(reports, month)
        entry = manifest.entry(file)
        if entry is None:
            raise HTTPException(404, f"{month} has no document of that name.")
        path = _inside(reports / month, file)
        known = FORMATS.get(path.suffix)
        return FileResponse(
            path,
            media_type=known[1] if known else "application/octet-stream",
            filename=f"{month}-{file}" if download else None,
            headers={"Content-Security-Policy": SCRIPTED} if entry.kind in SCRIPTED_KINDS else None,
        )

    return routes


def published(keeper: Keeper) -> Published | None:
    """What is published, or None: documents are shown without it."""
    try:
        return keeper.current()
    except (OSError, WarehouseError) as error:
        logger.info("%s", error)
        return None


def number_of(entry: FileEntry) -> int | None:
    """The segment that a document is about, by its name: 3 of `segment-3-recent.html` and of `passport-3.html`."""
    parts = Path(entry.name).stem.split("-")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else None


def of_segment(reports: Path, month: str, number: int) -> Sequence[FileEntry]:
    """The documents of a month about one segment; none where the month has none or they cannot be read."""
    try:
        manifest = read_all(reports / month)
    except (OSError, WarehouseError):
        return ()
    found = manifest.files if manifest is not None else ()
    return [entry for entry in found if entry.name.startswith((f"segment-{number}-", f"passport-{number}."))]


def zip_stream(paths: list[Path], manifest: Manifest) -> Iterator[bytes]:
    """A ZIP of the files, piece by piece: little in memory, and the same bytes for the same files."""
    sink = _Sink()
    day = (manifest.as_of.year, manifest.as_of.month, manifest.as_of.day, 0, 0, 0)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            entry = zipfile.ZipInfo(path.name, day)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as file, archive.open(entry, "w") as packed:
                while chunk := file.read(CHUNK):
                    packed.write(chunk)
                    yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """A write-only stream that keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _manifest(reports: Path, month: str) -> Manifest:
    if not MONTH_PATTERN.fullmatch(month):
        raise HTTPException(404, "That is not a month.")
    try:
        manifest = read_all(reports / month)
    except (OSError, WarehouseError) as error:
        logger.warning("%s", error)
        raise HTTPException(404, f"The documents of {month} cannot be read; make them again.") from error
    if manifest is None:
        raise HTTPException(404, f"There are no documents for {month}.")
    return manifest


def _inside(folder: Path, name: str) -> Path:
    """The file, provided that it lies in this very folder, whatever links there are."""
    path = (folder / name).resolve()
    if path.parent != folder.resolve() or not path.is_file():
        raise HTTPException(404, "The document is listed but is not there; make the playbooks again.")
    return path


def _source(warehouse: Path) -> str | None:
    try:
        known = identity.read(warehouse)
    except WarehouseError as error:
        logger.warning("%s", error)
        return None
    return known.source if known else None
