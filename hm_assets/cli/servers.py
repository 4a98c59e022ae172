"""The servers, together on one machine or one by one."""

import os
from typing import Annotated, Any

import typer

from hm_assets.cli.shared import Warehouse, plain_errors, settings_of
from hm_assets.commands.showing import console

app = typer.Typer()


@app.command()
def ui(
    warehouse: Warehouse = None,
    port: Annotated[int, typer.Option(help="Port of the Dagster UI")] = 3000,
    portal_port: Annotated[int, typer.Option(help="Port of the portal")] = 8000,
    browser: Annotated[bool, typer.Option(help="Open the Dagster UI in a browser")] = True,
) -> None:
    """Start the Dagster UI, its daemon (sensors run) and the portal; stop them with Ctrl-C or `hm stop`."""
    from hm_assets import ui as servers

    with plain_errors():
        options: dict[str, Any] = {"portal_url": f"http://127.0.0.1:{portal_port}"}
        if warehouse is not None:
            options["warehouse"] = warehouse
        settings = settings_of(options)
        servers.serve(settings, port, portal_port, browser, lambda line: console.print(line, highlight=False))


@app.command()
def stop(warehouse: Warehouse = None) -> None:
    """Stop what `hm ui` started for this warehouse."""
    from hm_assets import ui as servers

    with plain_errors():
        settings = settings_of({"warehouse": warehouse} if warehouse else {})
        console.print("Stopped." if servers.stop(settings) else "Nothing was running.")


@app.command()
def serve(
    server: Annotated[str, typer.Argument(help="code, webserver, daemon or portal")],
    warehouse: Warehouse = None,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Default: 3000 webserver, 8000 portal, HM_CODE_SERVER")
    ] = None,
) -> None:
    """Run one server in the foreground, for systemd, a Procfile or a container (see deploy/)."""
    from hm_assets.commands import serve as servers

    with plain_errors():
        settings = settings_of({"warehouse": warehouse} if warehouse else {})
        command = servers.command(settings, server, host, port)
    os.execv(command[0], command)
