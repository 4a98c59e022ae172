"""The portal: every month's playbooks in a browser, to open or to download.

What belongs here: routes and what they may serve. A file is served only if its month's manifest lists it.
The manifests are read at every request, so new documents show without a restart. Run it with
`python -m hm_assets.serving.portal`.
"""

import argparse
import datetime as dt
import io
import logging
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from hm_assets.settings import Settings
from hm_assets.warehouse import identity, pages
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.manifest import (
    MANIFESTS,
    MONTH_PATTERN,
    SCRIPTED_KINDS,
    Manifest,
    read_all,
)

CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
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


def create_app(reports: Path, warehouse: Path) -> FastAPI:
    """The portal over a folder of reports; `warehouse` tells whose they are."""
    app = FastAPI(title="hm_assets portal", docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def _headers(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(StarletteHTTPException)
    async def _fault(_: Request, error: StarletteHTTPException) -> HTMLResponse:
        page = _render("fault.html.j2", title="Not here", detail=str(error.detail))
        return HTMLResponse(page, error.status_code, error.headers)

    @app.get("/healthz")
    def health() -> dict[str, str | None]:
        """Whether the portal answers, and the latest month it has."""
        return {"status": "ok", "latest_month": read_shelf(reports).latest}

    @app.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def shelf() -> str:
        """The months with their documents."""
        found = read_shelf(reports)
        page = _render(
            "shelf.html.j2",
            title="Playbooks",
            shelf=found,
            source=_source(warehouse),
            parse_month=parse_month,
        )
        return page

    @app.api_route("/reports/{month}.zip", methods=["GET", "HEAD"], response_class=StreamingResponse)
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

    @app.api_route("/reports/{month}/{file}", methods=["GET", "HEAD"], response_class=FileResponse)
    def document(month: str, file: str, download: bool = False) -> FileResponse:
        """One document that the month's manifest lists."""
        manifest = _manifest(reports, month)
        entry = manifest.entry(file)
        if entry is None:
            raise HTTPException(404, f"{month} has no document of that name.")
        path = _inside(reports / month, file)
        return FileResponse(
            path,
            media_type=CONTENT_TYPES.get(path.suffix, "application/octet-stream"),
            filename=f"{month}-{file}" if download else None,
            headers={"Content-Security-Policy": SCRIPTED} if entry.kind in SCRIPTED_KINDS else None,
        )

    @app.get("/metrics", response_class=PlainTextResponse)
    def prometheus() -> PlainTextResponse:
        """Metrics for Prometheus."""
        # Only who asks for metrics waits for Dagster to load.
        from hm_assets.serving import metrics

        settings = Settings(warehouse=warehouse, reports=reports)
        text = metrics.render(settings, dt.datetime.now(dt.UTC))
        return PlainTextResponse(text, media_type=metrics.CONTENT_TYPE)

    return app


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


def main() -> None:
    """Serve the documents of the warehouse that the settings name, until stopped."""
    settings = Settings()
    parser = argparse.ArgumentParser(description="Serve the playbooks in a browser.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    app = create_app(settings.reports_dir, settings.warehouse)
    uvicorn.run(app, host=arguments.host, port=arguments.port, log_level="info")


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


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 1000 else f"{count / 1000:,.0f} kB"


def _passport(playbook: str) -> str:
    """`passport-3.html` for `segment-3-recent.html`."""
    return f"passport-{playbook.split('-')[1]}.html" if playbook.startswith("segment-") else ""


def _render(template: str, **values: Any) -> str:
    environment = pages.environment("hm_assets.serving")
    environment.filters |= {"size": _size, "passport": _passport}
    return environment.get_template(template).render(**values)


if __name__ == "__main__":
    main()
