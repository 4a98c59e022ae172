"""The launch matcher in a browser: a new garment in, whom it is for out, by what `hm launch` runs.

It reads the whole history and takes a while, so one garment is told of at a time. What was told last is kept in a
folder of this process, by a hash of what was asked and of the data, and goes with it.
"""

import csv
import hashlib
import io
import json
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import pyarrow.dataset as ds
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hm_assets.articles.tables import ARTICLES
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.serving import launching, look
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.errors import ContractError, HmAssetsError

FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "prod_name": ("Name", "How it will be called"),
    "product_type_name": ("Type", "What it is, in the words of the range"),
    "detail_desc": ("Description", "Material, cut and details in a few sentences"),
    "colour_group_name": ("Colour", "In the words of the range"),
    "graphical_appearance_name": ("Pattern", "In the words of the range; may stay empty"),
    "section_name": ("Section", "In the words of the range; may stay empty"),
    "price": ("Price", "In the price index of the files, not in money; may stay empty"),
}
"""Column of articles.csv -> what the form calls it, and a hint."""
CHOSEN: Final = ("product_type_name", "colour_group_name", "graphical_appearance_name", "section_name")
LONGEST: Final = 10_000
MOST_KEPT: Final = 50


def router(settings: Settings) -> APIRouter:
    """The form, and what comes of it."""
    routes = APIRouter(include_in_schema=False)
    kept, alone = tempfile.TemporaryDirectory(prefix="hm-launches-"), threading.Lock()

    def folder() -> Path:
        # The folder is there as long as the routes hold it.
        return Path(kept.name)

    @routes.get("/launch", response_class=HTMLResponse)
    def form() -> str:
        """The form."""
        return _form(settings, {}, "")

    @routes.post("/launch")
    async def asked(request: Request) -> Response:
        """Tell of a garment, and lead to the page."""
        given = _given(await request.body())
        try:
            name = await run_in_threadpool(_tell, settings, given, folder(), alone)
        except HmAssetsError as error:
            return HTMLResponse(_form(settings, given, str(error)), 422)
        return RedirectResponse(f"/launch/{name}/{_PAGE}", 303)

    @routes.get("/launch/{name}/{file}")
    def told(name: str, file: str) -> FileResponse:
        """A page that was made, or its list of customers."""
        known = {path.name for path in folder().iterdir()}
        if name not in known or file not in (_PAGE, _LIST):
            raise HTTPException(404, "This launch is not kept any more: ask again.")
        is_page = file == _PAGE
        return FileResponse(
            folder() / name / file,
            media_type="text/html; charset=utf-8" if is_page else "text/csv; charset=utf-8",
            filename=None if is_page else file,
        )

    return routes


# `hm launch` names its files after the id.
_ID: Final = "new"
_PAGE, _LIST = f"launch_{_ID}.html", f"launch_{_ID}.csv"


def _given(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise ContractError("the form cannot be read; open the page again") from error
    return {name: value.strip()[:LONGEST] for name, value in pairs if name in FIELDS}


def _tell(settings: Settings, given: Mapping[str, str], folder: Path, alone: threading.Lock) -> str:
    """Make the page and the list, unless they are there; the name of their folder."""
    if not given.get("product_type_name") and not given.get("detail_desc"):
        raise ContractError("say at least what it is: a type, or a description")
    versions = [
        stored.version() if (stored := delta.open_table(settings.warehouse, table)) else None
        for table in (ARTICLES, TRANSACTIONS)
    ]
    key = json.dumps([sorted(given.items()), versions])
    name = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:24]
    if not alone.acquire(timeout=60):
        raise HmAssetsError("another garment is being told of; try again in a minute")
    try:
        if not (folder / name / _PAGE).exists():
            for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[: -MOST_KEPT or None]:
                for path in old.iterdir():
                    path.unlink()
                old.rmdir()
            with tempfile.TemporaryDirectory() as scratch:
                sheet = artifacts.write_text(Path(scratch) / "garment.csv", _as_csv(given))
                for _ in launching.launch(
                    settings, sheet, folder / name, 1_000, lambda _: None, back="/launch"
                ):
                    pass
    finally:
        alone.release()
    return name


def _as_csv(given: Mapping[str, str]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(["article_id", *FIELDS])
    clean = {
        name: value.encode("utf-8", "replace").decode().replace("\x00", " ") for name, value in given.items()
    }
    writer.writerow([_ID, *(clean.get(name, "") for name in FIELDS)])
    return sheet.getvalue()


def _form(settings: Settings, given: Mapping[str, str], fault: str) -> str:
    stored = delta.open_table(settings.warehouse, ARTICLES)
    words: dict[str, list[str]] = {}
    if stored is not None:
        rows = ds.dataset(delta.files_of(stored)).to_table(columns=list(CHOSEN))
        words = {name: sorted(set(rows[name].drop_null().to_pylist())) for name in CHOSEN}
    ready = artifacts.path_of(settings.warehouse, launching.MODEL).exists()
    return look.render(
        "launch_form.html.j2",
        title="Whom is a new garment for?",
        here="/launch",
        fields=FIELDS,
        words=words,
        given=given,
        fault=fault,
        ready=ready,
    )
