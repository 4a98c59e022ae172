"""`hm serve`: one server in the foreground, as systemd, a Procfile or a container runs it.

Each opens the instance once, alone, before it starts, so that the four may be started at the same moment.
"""

import sys

from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.instance import prepare, set_home

CODE, WEBSERVER, DAEMON, PORTAL = "code", "webserver", "daemon", "portal"
SERVERS = (CODE, WEBSERVER, DAEMON, PORTAL)
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


def _workspace(host: str, port: int) -> str:
    return f"load_from:\n  - grpc_server: {{host: {host}, port: {port}, location_name: hm_assets}}\n"
