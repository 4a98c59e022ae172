"""The portal's audiences: a form, its size, overlap and parity, and the export. Works without JavaScript.

What belongs here: routes, what they take, and how it is shown. What an audience is lives in `playbooks/audience`.
A GET changes nothing. The POST that exports (`guard` refuses another site's) writes to a folder that goes with the
response; what stays is the ledger and the manifest, which names no customer.
"""

import contextlib
import json
import threading
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.background import BackgroundTask

from hm_assets.playbooks.audience import export, people, selection
from hm_assets.playbooks.audience.fields import FIELDS
from hm_assets.playbooks.audience.held_back import held_back
from hm_assets.playbooks.audience.language import parse
from hm_assets.playbooks.audience.layouts import LAYOUTS
from hm_assets.playbooks.audience.people import People
from hm_assets.playbooks.audience.rule import LONGEST, Rule, RuleError
from hm_assets.playbooks.audience.selection import MOST_COMPARED, Reach
from hm_assets.playbooks.audience.sending import day_of
from hm_assets.playbooks.audience.suppression import REASONS, WINDOW_DAYS, Campaign
from hm_assets.playbooks.audience.wording import count, matched, shared, value_at_stake
from hm_assets.serving.api import NOT_FOUND, REFUSALS
from hm_assets.serving.audience_form import Form
from hm_assets.serving.audience_page import SCRIPT_HASH, render
from hm_assets.settings import Settings
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.engine import DuckDBEngine, open_duckdb
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.spill import spill_folder

MOST_BODY: Final = 32_000
MOST_PARAMETERS: Final = 200
AT_A_TIME: Final = 2
POLICY: Final = (
    f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '{SCRIPT_HASH}'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

Text = Annotated[str, Query(max_length=LONGEST)]


@dataclass(frozen=True)
class Answer:
    """What is told of an audience.

    Attributes
    ----------
    rule
        As a line.
    reach
        How many.
    names, matrix
        The audiences compared, as lines, and their overlap in words; empty without a comparison.
    """

    rule: str
    reach: Reach
    names: Sequence[str] = ()
    matrix: Sequence[Sequence[str]] = ()


def router(settings: Settings) -> APIRouter:
    """The routes under `/audiences` over a warehouse; include them behind whatever guards customers."""
    routes = APIRouter(prefix="/audiences", tags=["audiences"], responses=REFUSALS)
    # Each of them reads whole columns of every customer: two at a time leave room for the rest of the portal.
    turn = threading.BoundedSemaphore(AT_A_TIME)

    @routes.get("", response_class=HTMLResponse, include_in_schema=False)
    def page(request: Request) -> HTMLResponse:
        """The form, and what the rule in the address finds."""
        form = Form.of(request.query_params.multi_items())
        with _faults(), turn, _month(settings, form.month) as (engine, there):
            error, answer = "", None
            try:
                answer = _answer(settings, engine, there, form, form.lines())
            except RuleError as fault:
                error = str(fault)
            html = render(
                there, form, answer, error, export.exports(settings.warehouse), settings.contact_cap
            )
        return HTMLResponse(
            html,
            422 if error else 200,
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"},
        )

    @routes.get("/size")
    def size(
        where: Text = "",
        also: Annotated[list[str] | None, Query(max_length=MOST_COMPARED)] = None,
        by: Annotated[str, Query(max_length=20)] = "email",
        month: Annotated[str, Query(max_length=10)] = "",
    ) -> JSONResponse:
        """Size, suppression, value at stake, age parity, and overlap with other rules (`also`), as JSON."""
        form = Form(where=where, compare="\n".join(also or []), by=by, month=month)
        with _faults(), turn, _month(settings, month) as (engine, there):
            answer = _answer(settings, engine, there, form, form.lines())
            return JSONResponse(_as_json(there, answer), headers={"Cache-Control": "no-store"})

    @routes.get("/live", include_in_schema=False)
    def live(request: Request) -> JSONResponse:
        """The size of what the form says, for the form itself."""
        form = Form.of(request.query_params.multi_items())
        with _faults(), turn, _month(settings, form.month) as (engine, there):
            answer = _answer(settings, engine, there, form, form.lines()[:1])
            told = {
                "rule": answer.rule,
                "reached": count(answer.reach.reached),
                "matched": matched(answer.reach),
            }
            return JSONResponse(told, headers={"Cache-Control": "no-store"})

    @routes.post("/export", response_class=FileResponse)
    async def download(request: Request) -> Response:
        """The customers of an audience as a file; notes them in the ledger. Form fields or JSON: `where`, `name`,
        `layout`, `send_on` (YYYY-MM-DD), `by` and `month`."""
        given = _given(await _body(request), request.headers.get("content-type", ""))
        return await run_in_threadpool(_export, settings, turn, given)

    @routes.get("/exports")
    def exported() -> JSONResponse:
        """The manifests of all exports; they name no customer."""
        return JSONResponse(export.exports(settings.warehouse))

    @routes.get("/exports/{record}", responses=NOT_FOUND)
    def manifest(record: str) -> JSONResponse:
        """The manifest of one export."""
        found = next((made for made in export.exports(settings.warehouse) if made["id"] == record), None)
        if found is None:
            raise HTTPException(404, "There is no export of that name.")
        return JSONResponse(found)

    return routes


def _export(settings: Settings, turn: threading.BoundedSemaphore, given: dict[str, str]) -> Response:
    with contextlib.ExitStack() as held, _faults():
        rule = parse(given.get("where", ""))
        campaign = Campaign(
            given.get("name", "").strip(),
            day_of(given.get("send_on", "")),
            given.get("by", "email"),
            settings.contact_cap,
        )
        asked = export.Asked.of(rule, campaign, given.get("layout", "csv"))
        folder = held.enter_context(spill_folder(settings.warehouse))
        with turn, _month(settings, given.get("month", "")) as (engine, there):
            made = export.write(engine, settings, there, asked, folder / asked.file_name)
        cleanup = held.pop_all()
    return FileResponse(
        folder / asked.file_name,
        media_type=asked.layout.media_type,
        filename=asked.file_name,
        headers={
            "Cache-Control": "no-store",
            "X-Content-SHA256": made["sha256"],
            "X-Rows": str(made["rows"]),
            "X-Manifest": f"/audiences/exports/{export.record(campaign.name)}",
        },
        background=BackgroundTask(cleanup.close),
    )


def _answer(
    settings: Settings, engine: DuckDBEngine, there: People, form: Form, lines: Sequence[str]
) -> Answer:
    rules: list[Rule] = [parse(line) for line in lines]
    campaign = Campaign(form.name.strip(), form.day, form.by, settings.contact_cap)
    reasons = held_back(engine, settings, there, campaign)
    reach = selection.reach(rules[0], there, reasons)
    if len(rules) == 1:
        return Answer(rules[0].words, reach)
    names = [chr(ord("A") + i) for i in range(len(rules))]
    matrix = shared(names, selection.overlap(rules, there, reasons))
    return Answer(rules[0].words, reach, [rule.words for rule in rules], matrix)


def _as_json(there: People, answer: Answer) -> dict[str, Any]:
    reach = answer.reach
    return {
        "rule": answer.rule,
        "month": f"{there.month:%Y-%m}",
        "as_of": there.as_of.isoformat(),
        "everybody": reach.everybody,
        "matched": matched(reach),
        "reached": export.told(reach.reached),
        "enough": reach.enough,
        "held_back": {REASONS[reason]: export.told(number) for reason, number in reach.held_back.items()},
        "value_90d": reach.value_told,
        "value_words": value_at_stake(reach),
        "age_parity": {"ratio": reach.parity.ratio, "words": reach.parity.words, "warns": reach.parity.warns},
        "overlap": {"audiences": list(answer.names), "rows": [list(row) for row in answer.matrix]},
        "labels": list(there.labels),
        "cap_days": WINDOW_DAYS,
        "layouts": list(LAYOUTS),
        "fields": list(FIELDS),
    }


@contextlib.contextmanager
def _month(settings: Settings, month: str) -> Iterator[tuple[DuckDBEngine, People]]:
    wanted = parse_month(month) if month else None
    with open_duckdb(settings) as engine:
        yield engine, people.of_month(engine, settings.warehouse, wanted)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """What a person can mend is told to them, and is no fault of the server."""
    try:
        yield
    except (HmAssetsError, ValueError) as error:
        raise HTTPException(422, str(error)) from error


async def _body(request: Request) -> bytes:
    """The body, if it is short; a long one is refused before it is read."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BODY:
            raise HTTPException(413, f"An export is asked for in at most {MOST_BODY:,} bytes.")
    return bytes(content)


def _given(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form or of a JSON object, as texts."""
    try:
        text = body.decode("utf-8")
        if content_type.partition(";")[0].strip().lower() == "application/json":
            value = json.loads(text)
            if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
                raise ValueError("a JSON object whose values are texts is needed")
            return value
        pairs = urllib.parse.parse_qsl(text, max_num_fields=MOST_PARAMETERS)
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"The request cannot be read: {error}") from error
    return dict(pairs)
