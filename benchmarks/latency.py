"""From the drop of a small file of today's purchases to the segments, with the servers that `hm ui` starts.

A copy of a finished demo warehouse and of its landing zone is served; when its sensors have settled, a file with some
lines of its last day lands. Measured are the seconds until `segments/assignments` of that month is made, and until all
has come to rest; then it is counted how often each asset and month was made.

Use: `hm run` first (the demo), then `python -m benchmarks.latency --warehouse data/warehouse`.
"""

import argparse
import datetime as dt
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from benchmarks.measure import save
from hm_assets.warehouse import artifacts, identity

TARGET = dg.AssetKey(["segments", "assignments"])
LINES = 60
# Longer than a sensor's pause and two ticks of the automation: nothing comes any more.
QUIET_SECONDS = 60


def copied(warehouse: Path, folder: Path) -> tuple[Path, Path]:
    """A copy of the warehouse and of its landing zone, which it names as its own."""
    known = identity.read(warehouse)
    if known is None:
        raise SystemExit(f"{warehouse} is no finished warehouse; `hm run` makes one")
    ours, raw = folder / "warehouse", folder / "raw"
    shutil.copytree(warehouse, ours)
    shutil.copytree(known.raw, raw)
    value = artifacts.read_json(ours / identity.FILE)
    artifacts.write_json(ours / identity.FILE, {**value, "raw": str(raw)})
    cache = artifacts.read_json(ours / "landing.json")
    for path in raw.glob("*.csv"):
        if path.name in cache["files"]:
            cache["files"][path.name]["stamp"] = [path.stat().st_size, path.stat().st_mtime_ns]
    artifacts.write_json(ours / "landing.json", {**cache, "raw": str(raw.resolve())})
    return ours, raw


def purchases(raw: Path, lines: int = LINES) -> tuple[dt.date, str]:
    """A file of the day after the last one: some of the last lines again, by other customers."""
    header, *rows = (raw / "transactions_train.csv").read_text().splitlines()
    names = header.split(",")
    day = dt.date.fromisoformat(max(row.split(",")[names.index("t_dat")] for row in rows))
    customers = [
        line.split(",")[0] for line in (raw / "customers.csv").read_text().splitlines()[1 : lines + 1]
    ]
    new = []
    for row, customer in zip(rows[-lines:], customers, strict=True):
        values = row.split(",")
        values[names.index("t_dat")], values[names.index("customer_id")] = day.isoformat(), customer
        new.append(",".join(values))
    return day, "\n".join([header, *new]) + "\n"


def correction(raw: Path, month: str) -> str:
    """A month's lines as the base has them, but for the last few."""
    header, *rows = (raw / "transactions_train.csv").read_text().splitlines()
    return "\n".join([header, *[row for row in rows if month in row][:-LINES]]) + "\n"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Watch:
    """What the instance of a served warehouse says."""

    def __init__(self, home: Path) -> None:
        self.instance = dg.DagsterInstance.from_config(str(home))

    def runs(self, since: float) -> list[Any]:
        """The runs that were created after a moment, the first one first."""
        records = self.instance.get_run_records(limit=400)
        return [r for r in reversed(records) if r.create_timestamp.timestamp() >= since]

    def made(self, key: dg.AssetKey, month: str, since: float) -> float | None:
        """When an asset's month was last made, if after a moment."""
        wanted = dg.AssetRecordsFilter(key, [month], after_timestamp=since)
        found = self.instance.fetch_materializations(wanted, limit=1).records
        return found[0].timestamp if found else None

    def wait_for_rest(self, since: float, seconds: float, most: float) -> None:
        """Wait until no run was there for some seconds."""
        quiet, deadline = time.time(), time.time() + most
        while time.time() - quiet < seconds:
            time.sleep(1)
            if any(not run.dagster_run.is_finished for run in self.runs(since)):
                quiet = time.time()
            ended = max((run.end_time or 0 for run in self.runs(since)), default=0)
            quiet = max(quiet, ended)
            if time.time() > deadline:
                raise SystemExit(f"not at rest after {most:.0f} s")

    def counts(self, since: float) -> Counter[tuple[str, str | None]]:
        """How often each asset and month was made after a moment."""
        found: Counter[tuple[str, str | None]] = Counter()
        for run in self.runs(since):
            for event in self.instance.all_logs(
                run.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
            ):
                made = event.dagster_event.step_materialization_data.materialization
                found["/".join(made.asset_key.path), made.partition] += 1
        return found


def served(warehouse: Path, settings: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """`hm ui` on a warehouse, when it is up; `settings` are added to the environment."""
    command = [sys.executable, "-W", "ignore", "-m", "hm_assets.cli", "ui", "--warehouse", str(warehouse)]
    command += ["--port", str(free_port()), "--portal-port", str(free_port()), "--no-browser"]
    hidden = ("DAGSTER_HOME", "HM_FIRST_MONTH", "HM_LAST_MONTH")
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | {
        **(settings or {})
    }
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    assert process.stdout is not None
    while line := process.stdout.readline():
        if "Stop with" in line:
            return process
    raise SystemExit("`hm ui` did not start")


def timeline(watch: Watch, since: float) -> None:
    """Print each run with the seconds after the drop at which it was asked for, began and ended."""
    for record in watch.runs(since):
        run = record.dagster_run
        names = sorted("/".join(key.path) for key in run.asset_selection or ())
        month = (
            run.tags.get("dagster/partition") or run.tags.get("dagster/asset_partition_range_start") or "-"
        )
        start, end = (t - since if t else float("nan") for t in (record.start_time, record.end_time))
        asked = record.create_timestamp.timestamp() - since
        print(f"{asked:7.1f} {start:7.1f} {end:7.1f}  {run.status.value:8} {month:10} {', '.join(names)}")


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warehouse", type=Path, required=True)
    parser.add_argument("--most", type=float, default=1800, help="Seconds to wait for at most")
    parser.add_argument("--month", help="YYYY-MM: land a correction of this month instead")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="latency-"))
    warehouse, raw = copied(options.warehouse, folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    process = served(warehouse)
    try:
        watch = Watch(warehouse / ".dagster")
        began = time.time()
        watch.wait_for_rest(began, QUIET_SECONDS, options.most)
        before = len(watch.runs(began))
        print(f"at rest after {time.time() - began:.0f} s and {before} runs", flush=True)
        timeline(watch, began)
        day, text = purchases(raw)
        month, name = day.replace(day=1).isoformat(), f"transactions_{day}.csv"
        if options.month:
            month, name = f"{options.month}-01", f"transactions_{options.month}.csv"
            text = correction(raw, options.month)
        # Not on the beat of the sensors.
        time.sleep(7)
        dropped = time.time()
        (raw / name).write_text(text)
        while (made := watch.made(TARGET, month, dropped)) is None and time.time() < dropped + options.most:
            time.sleep(0.2)
        if made is None:
            timeline(watch, dropped)
            raise SystemExit(f"no segments after {options.most:.0f} s")
        print(f"segments {made - dropped:.1f} s after the drop", flush=True)
        watch.wait_for_rest(dropped, QUIET_SECONDS, options.most)
        timeline(watch, dropped)
        ended = max(run.end_time for run in watch.runs(dropped))
        counts = watch.counts(dropped)
        twice = {key: n for key, n in counts.items() if n > 1}
        print(f"all at rest {ended - dropped:.1f} s after the drop; {len(counts)} made; twice: {twice}")
        save(
            "latency",
            [
                {"what": "drop to segments", "seconds": made - dropped},
                {"what": "to rest", "seconds": ended - dropped},
            ],
            made=len(counts),
            made_twice=json.dumps([str(k) for k in twice]),
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
