"""One more month with frozen models against all months: `python -m benchmarks.refresh --preset hm --depth full`.

Made first, not timed: a warehouse of all months but the last, with every model fitted on them. Then the last month's
file lands, and `hm run` makes what it asks for, from raw to assignments and profiles. Beside it, a warehouse that holds
the same models and no month: there `hm run` makes all months, and then those of the profiles that it leaves out. Every
month of every table must be the same in both.
"""

import argparse
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Collection
from pathlib import Path

import dagster as dg
import duckdb

from benchmarks.faults import contents
from benchmarks.measure import Timing, python, save, timed
from hm_assets import planning, runs
from hm_assets.definitions import TABLES, build_defs
from hm_assets.raw.landing import CACHE_FILE
from hm_assets.settings import Settings
from hm_assets.sources import contract, origin
from hm_assets.warehouse import instance as instances
from hm_assets.warehouse.calendar import parse_month

# Without the gate and what lies behind it: whether a month may be published is no question of time.
DOCUMENTS = ("profiles/passports", "profiles/report")
SELECT = " and not ".join(["(group:raw or +group:profiles)", *(f"key:{path}" for path in DOCUMENTS)])
LIMIT = 0.10
BASE = f"{contract.TRANSACTIONS.stem}.csv"
ALL_MONTHS = "--all-months"


def withhold(given: Path, raw: Path) -> Path:
    """Lay a landing zone without its last month; returns the file of that month, which lies beside the zone."""
    raw.mkdir()
    for name in (f"{contract.CUSTOMERS.stem}.csv", f"{contract.ARTICLES.stem}.csv", origin.FILE):
        shutil.copy2(given / name, raw)
    lines = f"read_csv('{given / BASE}', all_varchar = true)"
    ((month,),) = duckdb.execute(f"SELECT max(t_dat)[:7] FROM {lines}").fetchall()
    file = raw.with_name(f"transactions_{month}.csv")
    for path, which in ((file, "="), (raw / BASE, "<")):
        duckdb.execute(f"COPY (FROM {lines} WHERE t_dat[:7] {which} '{month}') TO '{path}' (HEADER)")
    return file


def hm_run(raw: Path, warehouse: Path, depth: str) -> Timing:
    """The command, up to the profiles."""
    arguments = ("--raw", raw, "--warehouse", warehouse, "--depth", depth, "--select", SELECT)
    return timed(python("hm_assets.cli", "run", *arguments))


def all_months(settings: Settings) -> None:
    """Make what `hm run` makes for the latest month only for all others too, as one run."""
    home, defs = instances.set_home(settings.warehouse), build_defs(settings)
    with instances.opened(home) as instance:
        ingested = instance.get_materialized_partitions(dg.AssetKey(["raw", "transactions"]))
        months = sorted(map(parse_month, ingested))
        stored = planning.stored_months(settings.warehouse, TABLES)
        for batch in planning.Planner(defs, instance, months, months, SELECT, stored).batches():
            result = runs.execute(defs, instance, batch, str(uuid.uuid4()))
            if not result.success:
                raise RuntimeError("\n".join(runs.faults(result)))


def copied(before: Path, warehouse: Path, without: Collection[str] = ()) -> None:
    """Copy a warehouse without some of its folders and files; what is never written to again is linked."""
    shutil.rmtree(warehouse, ignore_errors=True)

    def left_out(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if (Path(folder) / name).relative_to(before).as_posix() in without]

    def lay(source: str, target: str) -> None:
        (os.link if source.endswith(".parquet") else shutil.copy2)(source, target)

    shutil.copytree(before, warehouse, ignore=left_out, copy_function=lay)


def months_and_records() -> list[str]:
    """Where a warehouse keeps its months and what it remembers of having made them: all but its models."""
    graph = build_defs().resolve_asset_graph()
    monthly = ["/".join(key.path) for key in graph.executable_asset_keys if graph.get(key).is_partitioned]
    return [*monthly, ".dagster", CACHE_FILE]


def differences(refreshed: Path, rebuilt: Path) -> list[str]:
    """What differs, by table and month; of the profiles the second holds more months."""
    ones, others = contents(refreshed), contents(rebuilt)
    found = []
    for name in sorted(ones.keys() | others.keys()):
        one, other = ones.get(name), others.get(name)
        if name.startswith((".kept/", *DOCUMENTS)):
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            months = one.keys() if name.startswith("profiles/") else one.keys() | other.keys()
            found += [f"{name} {month or ''}" for month in months if one.get(month) != other.get(month)]
        elif one != other:
            found.append(name)
    return found


def prepared(work: Path, given: Path | None, preset: str, depth: str) -> tuple[Path, Path, Path]:
    """The landing zone, the last month's file beside it, and a warehouse of the months before."""
    raw, before = work / "raw", work / "before"
    if not raw.exists():
        whole = given or work / "generated"
        if given is None:
            timed(python("hm_assets.cli", "data", "generate", "--preset", preset, "--to", whole))
        withhold(whole, raw)
    (file,) = work.glob("transactions_*.csv")
    (raw / file.name).unlink(missing_ok=True)
    if not before.exists():
        making = work / "before_making"
        told("all months before, every model fitted", hm_run(raw, making, depth))
        making.rename(before)
    return raw, file, before


def measure(work: Path, given: Path | None, preset: str, depth: str) -> bool:
    """Prepare, refresh, rebuild and compare; whether the limit is kept and the rows are equal."""
    raw, file, before = prepared(work, given, preset, depth)
    refreshed, rebuilt = work / "refreshed", work / "rebuilt"
    copied(before, refreshed)
    copied(before, rebuilt, months_and_records())
    shutil.copy2(file, raw)
    one = told("the new month", hm_run(raw, refreshed, depth))
    plain = told("`hm run` of all months, profiles of the last", hm_run(raw, rebuilt, depth))
    more = told(
        "profiles of all other months",
        timed(python("benchmarks.refresh", ALL_MONTHS), {"HM_WAREHOUSE": str(rebuilt)}),
    )
    differ = differences(refreshed, rebuilt)
    ratio, of_plain = one.seconds / (plain.seconds + more.seconds), one.seconds / plain.seconds
    print(f"ratio {ratio:.1%} (limit {LIMIT:.0%}); of `hm run` alone {of_plain:.1%}")
    print("\n".join(f"differs: {each}" for each in differ) or "every month of every table is equal")
    facts = {
        "preset": preset,
        "depth": depth,
        "new_month_seconds": one.seconds,
        "all_months_seconds": plain.seconds + more.seconds,
        "hm_run_seconds": plain.seconds,
        "ratio": ratio,
        "new_month_peak_mb": one.peak_mb,
        "all_months_peak_mb": max(plain.peak_mb, more.peak_mb),
        "differ": differ,
    }
    print(f"written to {save('refresh', [], **facts)}")
    return ratio <= LIMIT and not differ


def told(what: str, timing: Timing) -> Timing:
    """Print a figure as it comes."""
    print(f"{what}: {timing.seconds:.1f} s, {timing.peak_mb:,.0f} MB", flush=True)
    return timing


def main() -> None:
    """Measure, compare and print; the figures land in benchmarks/results/refresh.json. Ends with 1 where it fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--preset", default="demo", help="demo, survey, coop or hm (31.8 million lines, 4 GB)"
    )
    parser.add_argument("--raw", type=Path, help="use these generated files instead of generating them")
    parser.add_argument("--depth", choices=("quick", "full"), default="quick")
    parser.add_argument(
        "--work", type=Path, help="folder to work in, kept: what was prepared there is used again"
    )
    parser.add_argument(ALL_MONTHS, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.all_months:
        all_months(Settings())
        return
    # Each warehouse has months and an instance of its own.
    for name in ("HM_FIRST_MONTH", "HM_LAST_MONTH", "DAGSTER_HOME"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="hm_bench_") as folder:
        work = options.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        sys.exit(not measure(work.resolve(), options.raw, options.preset, options.depth))


if __name__ == "__main__":
    main()
