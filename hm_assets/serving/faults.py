"""What a refusal looks like: JSON for a program, a page that leads back for a person. It never repeats raw input."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from hm_assets.serving import look
from hm_assets.warehouse.errors import ContractError, HmAssetsError, WarehouseError

# The first part of the addresses that programs ask; all others are pages.
FOR_PROGRAMS: Final = frozenset(
    {
        *(
            "predict_segment",
            "score_customers",
            "segment_profile",
            "recommendations",
            "customer_recommendations",
        ),
        *("purchases", "healthz", "metrics", "openapi.json"),
    }
)
OF_AUDIENCES: Final = ("/audiences/size", "/audiences/live", "/audiences/exports")
TITLES: Final = {401: "A token, please", 404: "Not here", 413: "Too much", 422: "That cannot be read"}
MOST_SAID: Final = 20


def answer(path: str, status: int, detail: str, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """The refusal for whoever asks at this path."""
    found: Response
    if path.partition("/")[2].partition("/")[0] in FOR_PROGRAMS or path.startswith(OF_AUDIENCES):
        found = JSONResponse({"detail": _plain(detail)}, status)
    else:
        title = TITLES.get(status, "That did not work")
        found = HTMLResponse(look.render("fault.html.j2", title=title, detail=_plain(detail)), status)
    for name, value in headers:
        found.headers.append(name, value)
    return found


def install(app: FastAPI) -> None:
    """Let the app answer every expected fault in this way."""

    @app.exception_handler(HTTPException)
    async def _told(request: Request, error: HTTPException) -> Response:
        return answer(request.url.path, error.status_code, str(error.detail), (error.headers or {}).items())

    @app.exception_handler(RequestValidationError)
    async def _unreadable(request: Request, error: RequestValidationError) -> Response:
        return answer(request.url.path, 422, "; ".join(_words(error.errors())))

    @app.exception_handler(ContractError)
    async def _refused(request: Request, error: ContractError) -> Response:
        return answer(request.url.path, 422, str(error))

    @app.exception_handler(WarehouseError)
    async def _not_made(request: Request, error: WarehouseError) -> Response:
        return answer(request.url.path, 503, str(error), [("Retry-After", "60")])

    @app.exception_handler(HmAssetsError)
    async def _not_possible(request: Request, error: HmAssetsError) -> Response:
        return answer(request.url.path, 422, str(error))


def _words(errors: Sequence[Any]) -> list[str]:
    said = [
        f"{'.'.join(str(part)[:80] for part in each['loc'])}: {each['msg']}" for each in errors[:MOST_SAID]
    ]
    more = len(errors) - MOST_SAID
    return [*said, f"and {more:,} more"] if more > 0 else said


def _plain(text: str) -> str:
    """Text that every encoding can carry: half of a surrogate pair, which JSON may bring, is no character."""
    return text.encode("utf-8", "backslashreplace").decode()
