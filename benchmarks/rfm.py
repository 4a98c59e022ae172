"""RFM and windows of the last day beside other tools: `python -m benchmarks.rfm WAREHOUSE --python INTERPRETER`.

All read the same Parquet files of raw/transactions and write a row per customer to a Parquet file; each is a process of
its own, timed whole, in turn with the others. The platform reads what a snapshot reads (features/customer_days, which
every month's snapshot shares); making those days from all lines is timed as a line of its own. INTERPRETER has pandas,
Polars, DuckDB, PySpark and OpenRetailScience (Elastic License 2.0: never a dependency of the platform). Ends with 1
where a tool's totals differ from the platform's. Reads raw/transactions, features/customer_days and
features/reference_prices; prints Markdown.
"""

import argparse
import datetime as dt
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import ibis

from benchmarks.measure import Timing, python, save, timed
from benchmarks.rfm_peers import TOOLS, WINDOWS
from hm_assets.features import tables as features
from hm_assets.features.customer_days import customer_days
from hm_assets.features.windows import history, within
from hm_assets.raw import tables as raw
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import of_month, parse_month
from hm_assets.warehouse.engine import DuckDBEngine, open_engine, stream
from hm_assets.warehouse.schema import Table
from hm_assets.warehouse.streaming import ahead

OURS, FIRST = "hm_assets", "hm_assets: customer-days of all lines, once"


def main() -> None:
    """Measure, compare, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the other tools")
    parser.add_argument("--tools", help="with commas between; default all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.task:
        TASKS[asked.task](asked.warehouse, asked.target)
        return
    wanted = set(asked.tools.split(",")) if asked.tools else {tool for tool, _ in TOOLS}
    day = last_day(asked.warehouse)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "files.json"
        listed.write_text(json.dumps(files_of(asked.warehouse, raw.TRANSACTIONS)))
        for task in ("rfm", "windows"):
            commands = {
                tool: [asked.python, str(Path(__file__).with_name("rfm_peers.py")), tool, task, str(listed)]
                for tool, their in TOOLS
                if their == task and tool in wanted
            }
            target = {name: Path(folder) / f"{task}-{name}.parquet" for name in (*commands, OURS)}
            commands = {
                name: [*command, str(target[name]), day.isoformat()] for name, command in commands.items()
            }
            commands[OURS] = own(asked.warehouse, task, target[OURS])
            rows += measured(task, commands, asked.repeats)
            for name in commands:
                alike(task, target[OURS], target[name], name)
        rows += measured("days", {FIRST: own(asked.warehouse, "days", Path(folder) / "days")}, 1)
    print(table(rows))
    save("rfm", rows)


def own(warehouse: Path, task: str, target: Path) -> list[str]:
    """The command that runs the platform's side."""
    return python("benchmarks.rfm", warehouse, "--task", task, "--target", target)


def measured(task: str, commands: dict[str, list[str]], repeats: int) -> list[dict[str, float | str]]:
    """All commands in turn, `repeats` times; medians."""
    found: dict[str, list[Timing]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            found[name].append(timed(command))
    return [
        {
            "task": task,
            "tool": name,
            "seconds": statistics.median(each.seconds for each in timings),
            "lowest": min(each.seconds for each in timings),
            "highest": max(each.seconds for each in timings),
            "peak_mb": max(each.peak_mb for each in timings),
        }
        for name, timings in found.items()
    ]


def alike(task: str, ours: Path, theirs: Path, name: str) -> None:
    """End with an error where a tool counted something else: customers and all sums must agree."""
    windows = [f"{what}_{w}d" for w in WINDOWS for what in ("orders", "items", "spend")]
    sums = {"rfm": ["recency_days", "orders", "spend"], "windows": windows}[task]
    columns = ", ".join(f"sum({column})" for column in sums)

    def totals(path: Path) -> tuple[float, ...]:
        source = f"{path}/*.parquet" if path.is_dir() else str(path)
        (found,) = duckdb.sql(f"SELECT count(*), {columns} FROM read_parquet('{source}')").fetchall()
        return tuple(map(float, found))

    mine, other = totals(ours), totals(theirs)
    if any(abs(a - b) > 1e-6 * abs(a) for a, b in zip(mine, other, strict=True)):
        sys.exit(f"{task}: {name} counts {other}, the platform {mine}")


def table(rows: Sequence[dict[str, float | str]]) -> str:
    """Markdown: each tool's time as a ratio to the platform's."""
    lines = ["| task | tool | seconds | of the platform's | peak memory |", "|---|---|---|---|---|"]
    for row in rows:
        base = next(
            (each["seconds"] for each in rows if each["task"] == row["task"] and each["tool"] == OURS), None
        )
        ratio = "" if base is None else f"{row['seconds'] / base:.2f}"
        lines.append(
            f"| {row['task']} | {row['tool']} | {row['seconds']:.1f} ({row['lowest']:.1f} to {row['highest']:.1f}) | "
            f"{ratio} | {row['peak_mb']:,.0f} MB |"
        )
    return "\n".join(lines)


def files_of(warehouse: Path, kept: Table) -> list[str]:
    """The files of a table."""
    stored = delta.open_table(warehouse, kept)
    if stored is None:
        sys.exit(f"{warehouse} has no {kept.path}: `hm run --select group:features` makes it")
    return delta.files_of(stored)


def last_day(warehouse: Path) -> dt.date:
    """The last day with a line."""
    files = files_of(warehouse, features.CUSTOMER_DAYS)
    ((day,),) = duckdb.sql(f"SELECT max(t_dat) FROM read_parquet({files!r})").fetchall()
    return day


def _read(engine: DuckDBEngine, warehouse: Path, kept: Table) -> ibis.Table:
    return engine.read(kept, files_of(warehouse, kept))


def _rfm(warehouse: Path, target: Path) -> None:
    with open_engine(Settings(warehouse=warehouse)) as engine:
        seen = history(_read(engine, warehouse, features.CUSTOMER_DAYS), last_day(warehouse))
        seen.select("customer_key", "recency_days", "orders", "spend").to_parquet(target)


def _windows(warehouse: Path, target: Path) -> None:
    with open_engine(Settings(warehouse=warehouse)) as engine:
        days, day = _read(engine, warehouse, features.CUSTOMER_DAYS), last_day(warehouse)
        parts = []
        for window in sorted(WINDOWS, reverse=True):
            part = within(days, day, window)
            parts.append(
                part.select("customer_key", *(f"{name}_{window}d" for name in ("orders", "items", "spend")))
            )
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.left_join(part, "customer_key").drop("customer_key_right")
        joined.to_parquet(target)


def _days(warehouse: Path, target: Path) -> None:
    with open_engine(Settings(warehouse=warehouse)) as engine:
        lines, prices = (
            _read(engine, warehouse, kept) for kept in (raw.TRANSACTIONS, features.REFERENCE_PRICES)
        )
        stored = delta.open_table(warehouse, raw.TRANSACTIONS)
        assert stored is not None
        months = sorted(parse_month(partition["month"]) for partition in stored.partitions())
        parts = (customer_days(of_month(lines, month), of_month(prices, month)) for month in months)
        delta.write(target, features.CUSTOMER_DAYS, ahead(stream(features.CUSTOMER_DAYS, parts)), months)


TASKS = {"rfm": _rfm, "windows": _windows, "days": _days}

if __name__ == "__main__":
    main()
