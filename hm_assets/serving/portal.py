"""The portal and its API, put together: who may ask (`guard`), the pages, the documents, the API, the landing zone.

What belongs here: which routers there are, and how the server is started. Run it with
`python -m hm_assets.serving.portal`.
"""

import argparse
import datetime as dt

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from hm_assets.serving import api, audiences, documents, faults, landing, launches, look, people, segments
from hm_assets.serving.guard import Guard, is_loopback
from hm_assets.serving.messages import Health
from hm_assets.serving.published import Keeper
from hm_assets.settings import Settings

ABOUT = (
    "Where a customer belongs, what a segment is like, and what to show whom: from the newest finished month, and by "
    "the code that the run uses. A feature that is missing is refused, never filled in."
)


def create_app(settings: Settings) -> FastAPI:
    """The portal of a warehouse and its reports."""
    app = FastAPI(
        title="hm_assets",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    keeper = Keeper(settings.warehouse)
    app.state.keeper = keeper
    faults.install(app)
    app.include_router(documents.router(settings, keeper))
    app.include_router(segments.router(settings, keeper))
    app.include_router(people.router(settings, keeper))
    app.include_router(audiences.router(settings))
    app.include_router(launches.router(settings))
    app.include_router(api.router(settings, keeper))
    app.include_router(landing.router(settings))
    _add_own(app, settings)
    # The last one added is the first to be asked.
    app.add_middleware(Guard, settings=settings)
    return app


def _add_own(app: FastAPI, settings: Settings) -> None:
    """Health, metrics, and what the API is like."""

    @app.get("/healthz", tags=["health"])
    def healthz() -> Health:
        """Whether the portal answers, and the latest month of documents."""
        return Health(status="ok", latest_month=documents.read_shelf(settings.reports_dir).latest)

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse, responses=api.REFUSALS)
    def prometheus() -> PlainTextResponse:
        """Metrics for Prometheus."""
        # Only who asks for metrics waits for Dagster to load.
        from hm_assets.serving import metrics

        text = metrics.render(settings, dt.datetime.now(dt.UTC))
        return PlainTextResponse(text, media_type=metrics.CONTENT_TYPE)

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> JSONResponse:
        """The API as OpenAPI."""
        return JSONResponse(request.app.openapi())

    @app.get("/docs", include_in_schema=False, response_class=HTMLResponse)
    def docs(request: Request) -> str:
        """The same for people: no script, and nothing from elsewhere."""
        return look.render("api.html.j2", title="The API", here="/docs", api=request.app.openapi())


def main() -> None:
    """Serve the documents of the warehouse that the settings name, until stopped."""
    settings = Settings()
    parser = argparse.ArgumentParser(description="Serve the playbooks and the API.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    if not settings.tokens and not is_loopback(arguments.host):
        parser.error(
            f"--host {arguments.host} is reached from other machines, and no token is set: set HM_API_TOKENS to one "
            "or more secrets (with commas between them), or leave --host out"
        )
    uvicorn.run(
        create_app(settings), host=arguments.host, port=arguments.port, log_level="info", server_header=False
    )


if __name__ == "__main__":
    main()
