"""Files land, and without a click the servers of `hm ui` make exactly what they ask for: on SQLite and on Postgres."""

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from benchmarks.latency import Watch, copied, free_port
from hm_assets.definitions import build_defs
from hm_assets.settings import Settings
from hm_assets_tests.conftest import hm_command, user_environment
from hm_assets_tests.postgres import postgres_server
from hm_assets_tests.running import contents

pytestmark = pytest.mark.slow

JUNE, JULY = "2019-06-01", "2019-07-01"
# Longer than the landing sensor's two looks and a tick of the automation, after which nothing comes any more.
QUIET_SECONDS = 25
LONGEST = 600
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

    def __init__(self, folder: Path, finished: Path, postgres: str | None, hm) -> None:
        self.warehouse, self.raw = copied(finished, folder)
        self.environment = user_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])}
        if postgres:
            # The history of the copy is in SQLite: this one begins with a run of its own.
            shutil.rmtree(self.warehouse)
            os.environ["HM_POSTGRES_URL"] = self.environment["HM_POSTGRES_URL"] = postgres
            result = hm("run", "--raw", self.raw, "--warehouse", self.warehouse)
            assert result.returncode == 0, result.stdout + result.stderr
        ports = ("--port", free_port(), "--portal-port", free_port(), "--no-browser")
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

    def documents(self, month: str) -> dict[str, bytes]:
        folder = self.warehouse / "reports" / month[:7]
        return {path.name: path.read_bytes() for path in folder.glob("*.*")}


# What does not hang on where Dagster keeps its records is shown once.
on_postgres = pytest.mark.parametrize("served", ["postgres"], indirect=True, scope="module")
on_both = pytest.mark.parametrize("served", ["sqlite", "postgres"], indirect=True, scope="module")
on_one = pytest.mark.parametrize("served", ["sqlite"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def served(request, tmp_path_factory, finished, hm):
    folder = tmp_path_factory.mktemp(f"served_{request.param}")
    if request.param == "sqlite":
        it = Served(folder, finished, None, hm)
        yield it
        it.end()
        return
    with postgres_server() as url:
        it = Served(folder, finished, f"{url}/postgres", hm)
        yield it
        it.end()
        it.watch.instance.dispose()
        del os.environ["HM_POSTGRES_URL"]


@pytest.fixture(scope="module")
def lines(small):
    """The header, and the lines of the months after those of the landing zone too."""
    header, *found = (small.with_name("whole") / "transactions_train.csv").read_text().splitlines()
    return header, found


def of_month(lines, month: str) -> list[str]:
    return [line for line in lines[1] if month[:7] in line]


def text(lines, chosen: list[str]) -> str:
    return "\n".join([lines[0], *chosen]) + "\n"


@on_postgres
def test_a_run_under_postgres_gives_the_tables_and_documents_that_one_under_sqlite_gives(served, finished):
    assert contents(served.warehouse) == contents(finished)
    documents = {path.name for path in (finished / "reports" / "2019-06").glob("*.*")}
    assert served.documents(JUNE).keys() == documents


@on_both
def test_a_new_month_goes_down_to_its_playbooks_and_touches_nothing_else(served, lines):
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


@on_one
def test_a_touch_asks_for_nothing_and_a_bad_file_is_an_incident_that_leaves_the_playbooks(served):
    before, bad = served.documents(JULY), served.raw / "transactions_2019-08.csv"
    path = served.raw / "transactions_2019-07.csv"
    path.write_bytes(path.read_bytes())
    os.utime(served.raw / "customers.csv")
    moment = time.time()
    bad.write_text("t_dat,price\n2019-08-01,0.1\n")
    (incident,) = wait_for(lambda: list((served.warehouse / "incidents").glob("*.md")), LONGEST)
    assert bad.name in incident.read_text()
    assert served.made_since(moment) == Counter()
    assert served.watch.runs(moment) == []
    assert served.documents(JULY) == before
    bad.unlink()


@on_one
def test_a_corrected_month_makes_again_what_saw_it_and_refits_nothing(served, lines):
    champion, june = (served.warehouse / "segments" / "champion.json").read_bytes(), of_month(lines, JUNE)
    made = served.land("transactions_2019-06.csv", text(lines, june[: len(june) // 2]))
    months = {path: {month for other, month in made if other == path} for path, _ in made}
    assert months["raw/transactions"] == {JUNE}
    for path in ("features/customer_features", "segments/assignments", "playbooks/playbooks"):
        assert months[path] == {JUNE, JULY}
    assert (served.warehouse / "segments" / "champion.json").read_bytes() == champion
    # The champion was trained on June: what is compared with its training is compared again, and what reads the lab's
    # tables and the passport, which are made beside the months, may have read the old ones.
    twice = {path for (path, month), times in made.items() if times > 1 and month}
    assert {path for path in twice if path.split("/")[0] not in ("monitoring", "profiles", "playbooks")} <= {
        "forecasts/page"
    }
