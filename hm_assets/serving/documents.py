"""The documents: every month's, listed and served as its manifests say, one by one or as a ZIP.

A file is served only if its month's manifest lists it. Manifests are read at every request, so that new documents show
without a restart.
"""

import io
import logging
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse

from hm_assets.serving import look
from hm_assets.serving.on_shelf import FORMATS, OnShelf
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
