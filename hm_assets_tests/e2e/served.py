"""The servers of `hm ui` on a copy of a finished warehouse, and what they make of files that land."""

import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg

from benchmarks.latency import Watch, free_port
from hm_assets.definitions import build_defs
from hm_assets.settings import Settings
from hm_assets_tests.conftest import hm_command, user_environment

JUNE, JULY = "2019-06-01", "2019-07-01"
# Longer than the landing sensor's two looks and a tick of the automation, after which nothing comes any more.
QUIET_SECONDS = 40
LONGEST = 1_200
PLAYBOOKS = dg.AssetKey(["playbooks", "playbooks"])


def wait_for(question: Callable[[], Any], seconds: float) -> Any:
    """The first answer that is not nothing."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.5)
    return answer


class Served:
    """A finished warehouse with its own landing zone, and the servers on it."""

    def __init__(self, warehouse: Path, raw: Path) -> None:
        self.warehouse, self.raw = warehouse, raw
        self.environment = user_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])}
        portal = free_port()
        self.portal = f"http://127.0.0.1:{portal}"
        ports = ("--port", free_port(), "--portal-port", portal, "--no-browser")
        self.process = subprocess.Popen(
            hm_command("ui", "--warehouse", self.warehouse, *ports),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        seen = ""
        while "Stop with" not in seen:
            line = self.process.stdout.readline()
            seen += line
            assert line, seen
        self.watch = Watch(self.warehouse / ".dagster")

    def made_since(self, moment: float) -> Counter[tuple[str, str | None]]:
        """What was made after a moment, how often, when the servers have come to rest."""
        self.watch.wait_for_rest(moment, QUIET_SECONDS, LONGEST)
        failed = [r.dagster_run.run_id for r in self.watch.runs(moment) if not r.dagster_run.is_success]
        assert failed == []
        return self.watch.counts(moment)

    def land(self, name: str, text: str) -> Counter[tuple[str, str | None]]:
        """What was made of a file down to the playbooks of its month."""
        moment, month = time.time(), f"{name.removeprefix('transactions_').removesuffix('.csv')}-01"
        (self.raw / name).write_text(text)
        wait_for(lambda: self.watch.made(PLAYBOOKS, month, moment), LONGEST)
        return self.made_since(moment)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def downloaded(self, path: str) -> bytes:
        """What the portal answers, which was started before the file landed."""
        with urllib.request.urlopen(self.portal + path) as answer:
            found: bytes = answer.read()
        return found

    def documents(self, month: str) -> dict[str, bytes]:
        folder = self.warehouse / "reports" / month[:7]
        return {path.name: path.read_bytes() for path in folder.glob("*.*")}


Lines = tuple[str, list[str]]
"""The header of a transactions file, and its lines."""


def of_month(lines: Lines, month: str) -> list[str]:
    return [line for line in lines[1] if month[:7] in line]


def text(lines: Lines, chosen: list[str]) -> str:
    return "\n".join([lines[0], *chosen]) + "\n"


def new_month(served: Served, lines: Lines) -> None:
    """July lands: it goes down to its playbooks, and nothing else is touched."""
    champion, before = (served.warehouse / "segments" / "champion.json").read_bytes(), served.documents(JUNE)
    made = served.land("transactions_2019-07.csv", text(lines, of_month(lines, JULY)))
    assert {month for _, month in made} <= {JULY, None}
    assert [each for each, times in made.items() if times > 1 and each[1]] == []
    monthly = {path for path, month in made if month}
    graph = build_defs(Settings(warehouse=served.warehouse)).resolve_asset_graph()
    assert monthly == {
        "/".join(key.path) for key in graph.executable_asset_keys if graph.get(key).is_partitioned
    }
    assert (served.warehouse / "segments" / "champion.json").read_bytes() == champion
    assert served.documents(JUNE) == before
    assert "index.html" in served.documents(JULY)
