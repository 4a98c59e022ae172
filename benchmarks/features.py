"""Features against bare DuckDB: `python -m benchmarks.features --raw DIR`.

The snapshots (`features/customer_features`) of all months and the rest of the stage; one more month, the last one taken
away and made again; and that month's snapshot from customer-days and tastes against the same windows and joins in plain
SQL.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from deltalake import DeltaTable

from benchmarks.measure import Timing, in_turn, python, save, timed

SNAPSHOTS = "key:features/customer_features"


def main() -> None:
    """Measure and print; the figures land in benchmarks/results/features.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="what `hm data generate` made")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hm_bench_") as folder:
        work = Path(folder)
        warehouse = work / "warehouse"

        def run(*more: str) -> Timing:
            arguments = ("--raw", options.raw, "--warehouse", warehouse, "--depth", "quick", "--select")
            return timed(python("hm_assets.cli", "run", *arguments, *more))

        run(f"+{SNAPSHOTS} and not {SNAPSHOTS}")
        snapshots = run(SNAPSHOTS)
        print(f"snapshots of all months: {snapshots.seconds:.0f} s, {snapshots.peak_mb:,.0f} MB", flush=True)
        rest = run("group:features")
        print(f"all other features after them: {rest.seconds:.0f} s, {rest.peak_mb:,.0f} MB", flush=True)
        last = max((warehouse / "features" / "customer_features").glob("month=*")).name

        def again(tables: str, select: str) -> Timing:
            for part in (warehouse / "features").glob(f"{tables}/{last}"):
                # In the log too, so that the month is missing and not broken.
                DeltaTable(str(part.parent)).delete(f"month = '{last.removeprefix('month=')}'")
            return run(select, "--month", last.removeprefix("month=")[:7])

        one = again("customer_features", SNAPSHOTS)
        print(
            f"one more month of them: {one.seconds:.1f} s, {one.seconds / snapshots.seconds:.1%}", flush=True
        )
        whole = again("*", "group:features")
        print(f"one more month of all features: {whole.seconds:.1f} s, {whole.peak_mb:,.0f} MB", flush=True)

        def bare() -> Timing:
            shutil.rmtree(work / "bare", ignore_errors=True)
            return timed(python("benchmarks.bare", "snapshot", warehouse, work / "bare"))

        def ours() -> Timing:
            shutil.rmtree(work / "ours", ignore_errors=True)
            return timed(python("benchmarks.steps", "snapshot", warehouse, work / "ours"))

        row = in_turn("snapshot of the last month", bare, ours, options.repeats)
        facts = {
            "all_snapshots_seconds": snapshots.seconds,
            "one_more_snapshot_seconds": one.seconds,
            "other_features_seconds": rest.seconds,
            "one_more_month_of_all_seconds": whole.seconds,
        }
        peak = max(snapshots.peak_mb, rest.peak_mb)
        print(f"written to {save('features', [row], **facts, peak_mb=peak)}")


if __name__ == "__main__":
    main()
