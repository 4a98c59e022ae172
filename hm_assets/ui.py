"""`hm ui`: the Dagster webserver and daemon, and the portal, as child processes that end together."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

from hm_assets.runs import end_all_lost
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.instance import prepare, set_home

PIDS = "ui.json"
START_SECONDS = 120
STOP_SECONDS = 20
WORKSPACE = """load_from:
  - python_module: {module_name: hm_assets.definitions, location_name: hm_assets}
"""


def serve(settings: Settings, port: int, portal_port: int, browser: bool, say: Callable[[str], None]) -> None:
    """Start the servers, say where they are, and wait until they end or are told to.

    Raises
    ------
    HmAssetsError
        A port is taken, or a server ended by itself.
    """
    for number, option in ((port, "--port"), (portal_port, "--portal-port")):
        _refuse_taken(number, option)
    home = set_home(settings.warehouse, settings.postgres_url)
    workspace = artifacts.write_text(home / "workspace.yaml", WORKSPACE)
    prepare(home)
    end_all_lost(settings.warehouse)
    dagster = ["dagster", "dev", "-w", str(workspace), "-h", "127.0.0.1", "-p", str(port)]
    portal = ["hm_assets.serving.portal", "--host", "127.0.0.1", "--port", str(portal_port)]
    with (home / "ui.log").open("ab") as log:
        children = [
            subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=log, start_new_session=True)
            for command in (dagster, portal)
        ]
    artifacts.write_json(home / PIDS, {"pids": [child.pid for child in children], "own": os.getpid()})
    previous = signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    try:
        _wait_until_up(children, (port, portal_port), home / "ui.log")
        say(f"Dagster UI   http://127.0.0.1:{port}/asset-groups   (lineage, runs, sensors)")
        say(f"Portal       http://127.0.0.1:{portal_port}   (playbooks to read and download)")
        say(f"Log          {home / 'ui.log'}")
        say("Stop with Ctrl-C, or with `hm stop` (`make stop`) from elsewhere.")
        if browser:
            webbrowser.open(f"http://127.0.0.1:{port}/asset-groups")
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        raise HmAssetsError(f"a server ended by itself; the reason is at the end of {home / 'ui.log'}")
    except KeyboardInterrupt:
        say("Stopping.")
    finally:
        signal.signal(signal.SIGTERM, previous)
        _end([child.pid for child in children])
        for child in children:
            child.wait()
        with contextlib.suppress(FileNotFoundError):
            (home / PIDS).unlink()


def stop(settings: Settings) -> bool:
    """End what `serve` started; whether there was anything."""
    home = set_home(settings.warehouse, settings.postgres_url)
    path = home / PIDS
    if not path.exists():
        return False
    value = json.loads(path.read_text(encoding="utf-8"))
    own = value["own"]
    alive = _alive(own)
    if alive:
        os.kill(own, signal.SIGTERM)
        _wait_for_end([own])
    else:
        _end(value["pids"])
        path.unlink()
    return alive


def _interrupt() -> None:
    raise KeyboardInterrupt


def _refuse_taken(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise HmAssetsError(
                f"port {port} is taken (is `hm ui` running already? `hm stop` ends it); name another with {option}"
            ) from error


def _wait_until_up(children: list[subprocess.Popen[bytes]], ports: tuple[int, ...], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    waiting = set(ports)
    while waiting:
        if any(child.poll() is not None for child in children) or time.monotonic() > deadline:
            raise HmAssetsError(f"the servers did not start; the reason is at the end of {log}")
        for port in list(waiting):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                waiting.discard(port)
        time.sleep(0.2)


def _end(pids: list[int]) -> None:
    """Ask each process group to end, then insist."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)
    _wait_for_end(pids)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _wait_for_end(pids: list[int]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and any(_alive(pid) for pid in pids):
        time.sleep(0.2)


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
