"""`hm serve`: one server in the foreground, as systemd, a Procfile or a container runs it.

Each opens the instance once, alone, before it starts, so that the four may be started at the same moment.
"""

import socket
import sys
import time

from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.instance import prepare, set_home

CODE, WEBSERVER, DAEMON, PORTAL = "code", "webserver", "daemon", "portal"
SERVERS = (CODE, WEBSERVER, DAEMON, PORTAL)
PATIENCE_SECONDS = 120.0
PORTS = {WEBSERVER: 3000, PORTAL: 8000}


def command(settings: Settings, server: str, host: str, port: int | None) -> list[str]:
    """What to execute in place of this process, after the instance was made ready.

    The webserver and the daemon find the code server at `HM_CODE_SERVER`.

    Raises
    ------
    HmAssetsError
        There is no such server, or the instance cannot be opened.
    """
    if server not in SERVERS:
        raise HmAssetsError(f"there is no server {server}; there are {', '.join(SERVERS)}")
    code_host, _, code_port = settings.code_server.rpartition(":")
    home = set_home(settings.warehouse, settings.postgres_url)
    if server in (WEBSERVER, DAEMON):
        # Dagster tries a code server once: away at that moment, its assets stay unknown until somebody presses Reload.
        _wait_for(code_host, int(code_port))
    prepare(home)
    workspace = artifacts.write_text(home / "servers.yaml", _workspace(code_host, int(code_port)))
    python, at = (
        [sys.executable, "-m"],
        ["--host", host, "--port", str(port or PORTS.get(server) or code_port)],
    )
    return {
        CODE: [*python, "dagster", "code-server", "start", "-m", "hm_assets.definitions", *at],
        WEBSERVER: [*python, "dagster_webserver", "-w", str(workspace), *at],
        DAEMON: [*python, "dagster._daemon", "run", "-w", str(workspace)],
        PORTAL: [*python, "hm_assets.serving.portal", *at],
    }[server]


def _wait_for(host: str, port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection((host, port), timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise HmAssetsError(
                    f"no code server answers at {host}:{port} ({error}); start `hm serve code`, "
                    "or name its place with HM_CODE_SERVER"
                ) from error
        time.sleep(0.5)


def _workspace(host: str, port: int) -> str:
    return f"load_from:\n  - grpc_server: {{host: {host}, port: {port}, location_name: hm_assets}}\n"
