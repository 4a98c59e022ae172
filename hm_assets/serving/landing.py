"""`POST /purchases`: today's purchases become a file of the landing zone, which the landing sensor takes up.

A receipt is given when the file is on disk under its final name, and not before: written to a name that nobody reads,
flushed to the disk, renamed, and the folder flushed. The name follows from the idempotency key, so that a program that
got no answer sends the same again and nothing is counted twice; other purchases under the same key are refused.
"""

import csv
import hashlib
import io
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import pyarrow.dataset as ds
from fastapi import APIRouter, Header, HTTPException
from fastapi.responses import JSONResponse

from hm_assets.articles.tables import ARTICLES
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.raw import files
from hm_assets.serving.api import REFUSALS, Answers
from hm_assets.serving.messages import Fault, Landed, Purchases, Receipt
from hm_assets.serving.published import rows_of
from hm_assets.settings import Settings
from hm_assets.sources.contract import TRANSACTIONS
from hm_assets.warehouse import identity
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.errors import ContractError, WarehouseError
from hm_assets.warehouse.keys import ARTICLE_DIGITS, customer_key

CONFLICT: Final[Answers] = {
    409: {
        "model": Fault,
        "description": "The key was used for other purchases, or the month is closed to additions",
    },
    507: {"model": Fault, "description": "The landing zone cannot be written to"},
}
MOST_SAID: Final = 20
REQUEST: Final = "request"


def router(settings: Settings) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["landing"], responses={**REFUSALS, **CONFLICT})
    # One at a time: two requests with one key must not both find that the file is not there.
    alone = threading.Lock()

    @routes.post("/purchases", response_model=Receipt, status_code=201, responses={200: {"model": Receipt}})
    def purchases(
        sent: Purchases,
        idempotency_key: Annotated[
            str, Header(min_length=1, max_length=200, description="Yours; equal for a repeated request")
        ],
    ) -> JSONResponse:
        """Land purchases. All of them or, where a line is wrong, none; the answer names every wrong line."""
        known = identity.of(settings.warehouse)
        if known.fetched_from:
            # The copy here would lose the file at the next look, and with it what was acknowledged.
            raise ContractError(
                f"The landing zone is {known.fetched_from}, which is only read here: put a transactions file there."
            )
        if not known.raw.is_dir():
            raise WarehouseError(f"the landing zone {known.raw} is not there")
        lines = sent.purchases
        path = known.raw / file_name(idempotency_key)
        content = as_csv(lines, path.stem)
        with alone:
            repeated = path.exists()
            if repeated and path.read_bytes() != content:
                raise HTTPException(
                    409, f"{path.name} holds other purchases under this key: use a new key for new purchases."
                )
            if not repeated:
                # What is on disk already stays acknowledged, whatever was delivered since.
                _refuse_months(known, lines)
                _refuse_strangers(settings.warehouse, lines)
                try:
                    write_durably(path, content)
                except OSError as error:
                    raise HTTPException(
                        507, f"{path.name} could not be written: {error.strerror}."
                    ) from error
        receipt = {"file": path.name, "lines": len(lines), "repeated": repeated}
        return JSONResponse(receipt, 200 if repeated else 201)

    return routes


def file_name(key: str) -> str:
    """The file of an idempotency key: an addition to what the other files give."""
    return f"transactions_api_{hashlib.sha256(key.encode()).hexdigest()[:32]}.csv"


def as_csv(lines: Sequence[Landed], request: str) -> bytes:
    """Purchases in the layout of the transactions files, and a column that says which request brought them.

    Two requests may bring the same lines, as somebody buys the same again; two files of equal content would be taken
    for a copy and refused by the landing zone.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow([*TRANSACTIONS.names, REQUEST])
    for line in lines:
        values = {**line.model_dump(), "article_id": line.article_id.zfill(ARTICLE_DIGITS)}
        writer.writerow([*(values[name] for name in TRANSACTIONS.names), request])
    return sheet.getvalue().encode()


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole after a power cut, or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refuse_strangers(warehouse: Path, lines: Sequence[Landed]) -> None:
    """Name the lines of customers and articles that are not known: the run would put them among the rejects."""
    keys = {line.customer_id: customer_key(line.customer_id) for line in lines}
    wanted = ds.field("customer_key").isin(list(keys.values()))
    people = {row["customer_id"] for row in rows_of(warehouse, CUSTOMERS, only=wanted)}
    wanted = ds.field("article_key").isin(list({int(line.article_id) for line in lines}))
    goods = {row["article_key"] for row in rows_of(warehouse, ARTICLES, only=wanted)}
    wrong = []
    for number, line in enumerate(lines):
        if line.customer_id not in people:
            wrong.append(f"purchases.{number}.customer_id: not in the customers file")
        if int(line.article_id) not in goods:
            wrong.append(f"purchases.{number}.article_id: not in the articles file")
    if wrong:
        more = len(wrong) - MOST_SAID
        said = wrong[:MOST_SAID] + ([f"and {more:,} more"] if more > 0 else [])
        raise ContractError(f"{'; '.join(said)}. Nothing was landed.")


def _refuse_months(known: identity.Identity, lines: Sequence[Landed]) -> None:
    """Say so before anything is written: months that the calendar does not offer, or that a file has as a whole."""
    months = sorted({month_of(line.t_dat) for line in lines})
    last = known.last_month or "9999-12"
    outside = [f"{month:%Y-%m}" for month in months if not known.first_month <= f"{month:%Y-%m}" <= last]
    if outside:
        raise ContractError(
            f"{outside[0]} is outside of this warehouse's calendar ({known.first_month} to {known.last_month or 'now'})"
        )
    whole = {files.stem_of(path): path.name for path in known.raw.iterdir() if files.suffix_of(path)}
    for month in months:
        if name := whole.get(f"transactions_{month:%Y-%m}"):
            raise HTTPException(
                409,
                f"{name} is the whole of {month:%Y-%m}: nothing can be added beside it. Add the lines there.",
            )
