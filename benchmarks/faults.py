"""What goes wrong, many times over: `python -m benchmarks.faults --kills 50 --mutants 200 --seed 1`.

Kills: `hm run` gets SIGKILL at a random moment, then runs once more; afterwards the warehouse must be as after an
undisturbed run. In turn a run of what leads to the assignments, the refresh that a new month's file asks for, and (each
`--whole`-th) a run of everything, and the servers of `hm ui` while their sensors bring a new month's file through all
of it. Mutants: corrupted files, see `benchmarks/mutants.py`. `--first` goes on at that
number; the same seed and number is the same case.
"""

import argparse
import contextlib
import faulthandler
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np

from benchmarks import mutants as mutants_of
from benchmarks.latency import Watch, copied, served
from hm_assets import runs
from hm_assets.sources import contract
from hm_assets_tests.running import contents as contents_of_tables

QUICK = "group:raw or group:customers or +key:features/customer_features"
NEW_MONTH = "2019-07"
LAST = dg.AssetKey(["playbooks", "playbooks"])
LIMIT_SECONDS = 900
MUTANT_SECONDS = 60


def command(raw: Path, warehouse: Path, select: str | None) -> list[str]:
    """An `hm run`."""
    chosen = ["--select", select] if select else []
    return [
        sys.executable,
        "-m",
        "hm_assets.cli",
        "run",
        "--raw",
        str(raw),
        "--warehouse",
        str(warehouse),
        *chosen,
    ]


def environment() -> dict[str, str]:
    """That of a user; two algorithms are enough, and one thread."""
    hidden = ("HM_FIRST_MONTH", "HM_LAST_MONTH", "DAGSTER_HOME")
    set_here = {
        "HM_ALGORITHMS": "kmeans,ward",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    return {name: value for name, value in os.environ.items() if name not in hidden} | set_here


def run(raw: Path, warehouse: Path, select: str | None) -> float:
    """Run to the end; returns the seconds."""
    started = time.monotonic()
    done = subprocess.run(
        command(raw, warehouse, select),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"hm run ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return time.monotonic() - started


def kill(raw: Path, warehouse: Path, select: str | None, after_seconds: float) -> bool:
    """Run and kill it then, with all its children; whether it was still running."""
    process = subprocess.Popen(
        command(raw, warehouse, select),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=after_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def kill_served(warehouse: Path, landing: Path, file: Path, after_seconds: float) -> bool:
    """Serve, let a file land, and kill all that serves and makes; whether the playbooks were not made yet."""
    process = served(warehouse, environment())
    shutil.copy(file, landing)
    began = time.time()
    time.sleep(after_seconds)
    named = f"DAGSTER_HOME={warehouse / '.dagster'}".encode()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if named in environ.read_bytes().split(b"\0"):
                os.kill(int(environ.parent.name), signal.SIGKILL)
    process.kill()
    process.wait()
    with Watch(warehouse / ".dagster").instance as instance:
        made = instance.get_latest_materialization_event(LAST)
        return made is None or made.timestamp < began


def contents(warehouse: Path) -> dict[str, Any]:
    """Digests of every table by month, and the text of every model."""
    models = {
        path.relative_to(warehouse).as_posix(): path.read_text(encoding="utf-8")
        for path in warehouse.glob("*/**/*.json")
        if not {"_delta_log", ".dagster", "reports"} & set(path.parts)
    }
    return {**contents_of_tables(warehouse), **models}


def leftovers(warehouse: Path) -> list[str]:
    """What no finished run leaves: temporary files, files that no commit names, runs that seem to go on."""
    found = [
        path.relative_to(warehouse).as_posix()
        for pattern in (".spill-*", "**/*.tmp", "**/.*.writing", "**/*#*")
        for path in warehouse.glob(pattern)
        if ".dagster" not in path.parts
    ]
    for log in warehouse.glob("*/*/_delta_log"):
        named = {
            action[kind]["path"]
            for commit in log.glob("*.json")
            for action in map(json.loads, commit.read_text(encoding="utf-8").splitlines())
            for kind in ("add", "remove")
            if kind in action
        }
        files = {path.relative_to(log.parent).as_posix() for path in log.parent.glob("**/*.parquet")}
        found += sorted(f"{log.parent.name}/{name}" for name in files - named)
    with dg.DagsterInstance.from_config(str(warehouse / ".dagster")) as instance:
        at_work = instance.get_runs(dg.RunsFilter(statuses=runs.AT_WORK))
    return found + [f"run {run.run_id} is {run.status.value}" for run in at_work]


def differences(warehouse: Path, wanted: dict[str, Any]) -> list[str]:
    """What differs from an undisturbed run."""
    found = contents(warehouse)
    differ = [
        f"{name} differs"
        for name in sorted(found.keys() | wanted.keys())
        if found.get(name) != wanted.get(name)
    ]
    return differ + leftovers(warehouse)


@dataclass
class Case:
    """A run to disturb: its files, the warehouse that it starts from (none: an empty one), what must come out."""

    name: str
    raw: Path
    select: str | None
    start: Path | None
    wanted: dict[str, Any]
    seconds: float
    lands: Path | None = None

    @classmethod
    def prepared(
        cls,
        work: Path,
        name: str,
        raw: Path,
        select: str | None,
        start: Path | None = None,
        lands: Path | None = None,
    ) -> "Case":
        """Make the undisturbed run. A file that `lands` comes while the servers run, and they are killed."""
        warehouse = work / f"{name}_undisturbed"
        if start is not None:
            shutil.copytree(start, warehouse)
        seconds = run(raw, warehouse, select)
        assert not leftovers(warehouse)
        return cls(name, raw, select, start, contents(warehouse), seconds, lands)

    def disturbed(self, folder: Path, share: float) -> tuple[bool, list[str]]:
        """Kill a run after this share of its time and run again: whether it was killed, and what is wrong then."""
        warehouse, raw = folder / "warehouse", self.raw
        if self.lands is not None:
            assert self.start is not None
            warehouse, raw = copied(self.start, folder)
            (raw / self.lands.name).unlink()
            killed = kill_served(warehouse, raw, self.lands, share * self.seconds)
        else:
            if self.start is not None:
                shutil.copytree(self.start, warehouse)
            killed = kill(raw, warehouse, self.select, share * self.seconds)
        run(raw, warehouse, self.select)
        if self.lands is not None:
            # As the next `hm ui` does first: only it knows that no daemon is at work on its runs any more.
            os.environ["DAGSTER_HOME"] = str(warehouse / ".dagster")
            runs.end_all_lost(warehouse)
        return killed, differences(warehouse, self.wanted)


def refresh(work: Path, name: str, raw: Path, select: str | None, by_servers: bool = False) -> Case:
    """The case of a new month: a warehouse of the months before, and its file in the landing zone."""
    mine, before = work / f"{name}_raw", work / f"{name}_before"
    shutil.copytree(raw, mine)
    run(mine, before, select)
    whole = (raw.with_name("whole") / f"{contract.TRANSACTIONS.stem}.csv").read_text(encoding="utf-8")
    header, *lines = whole.splitlines()
    found = [line for line in lines if line.startswith(NEW_MONTH)]
    file = mine / f"transactions_{NEW_MONTH}.csv"
    file.write_text("\n".join([header, *found]) + "\n", encoding="utf-8")
    return Case.prepared(work, name, mine, select, before, file if by_servers else None)


def small_retailer(folder: Path) -> Path:
    """The tests' retailer: 150 customers, ten months; the months after them lie beside it, in `whole`."""
    from hm_assets_tests.conftest import _first_months

    return _first_months(folder, scale=0.05, seed=3)


def kills(work: Path, count: int, first: int, seed: int, whole_each: int) -> list[dict[str, Any]]:
    """Disturb runs; one row per kill."""
    raw = small_retailer(work / "raw")
    quick = [Case.prepared(work, "run", raw, QUICK), refresh(work, "refresh", raw, QUICK)]
    whole = []
    if whole_each:
        servers = refresh(work, "servers", raw, None, by_servers=True)
        whole = [Case.prepared(work, "everything", raw, None), servers]
    rows = []
    for number in range(first, first + count):
        of_all = whole and number % whole_each == 0
        case = whole[number // whole_each % 2] if of_all else quick[number % 2]
        share = float(np.random.default_rng([seed, number]).uniform(0.05, 1.0))
        folder = work / f"killed_{number}"
        killed, wrong = case.disturbed(folder, share)
        rows.append(
            {"number": number, "case": case.name, "share": round(share, 3), "killed": killed, "wrong": wrong}
        )
        print(rows[-1], flush=True)
        if not wrong:
            shutil.rmtree(folder)
    return rows


def mutants(work: Path, count: int, first: int, seed: int) -> list[mutants_of.Verdict]:
    """Ingest corrupted files; one verdict per mutant. One that hangs for a minute ends the process with its stack."""
    rows = []
    for number in range(first, first + count):
        folder = work / f"mutant_{number}"
        faulthandler.dump_traceback_later(MUTANT_SECONDS, exit=True)
        rows.append(mutants_of.judge(seed, number, folder))
        faulthandler.cancel_dump_traceback_later()
        if rows[-1].wrong:
            print(rows[-1], flush=True)
        else:
            shutil.rmtree(folder)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cases and print what came of them; 1 where one went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--whole", type=int, default=5, help="each n-th kill is of everything; 0: none")
    parser.add_argument("--work", type=Path, help="folder to work in, kept; default: a temporary one")
    options = parser.parse_args(arguments)
    work = options.work or Path(tempfile.mkdtemp(prefix="hm_faults_"))
    work.mkdir(parents=True, exist_ok=True)
    rows = kills(work, options.kills, options.first, options.seed, options.whole) if options.kills else []
    if rows:
        killed = Counter(row["case"] for row in rows if row["killed"])
        print(f"kills: {dict(killed)}, wrong: {sum(bool(row['wrong']) for row in rows)}")
    verdicts = mutants(work, options.mutants, options.first, options.seed)
    if verdicts:
        ended = Counter(verdict.ended for verdict in verdicts)
        print(f"mutants: {dict(ended)}, wrong: {sum(bool(verdict.wrong) for verdict in verdicts)}")
    failed = any(row["wrong"] for row in rows) or any(verdict.wrong for verdict in verdicts)
    if options.work is None and not failed:
        shutil.rmtree(work)
    sys.exit(failed)


if __name__ == "__main__":
    main()
