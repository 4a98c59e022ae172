"""Features against bare DuckDB: `python -m benchmarks.features --raw DIR`.

Three figures: the snapshot of the last month from customer-days and tastes against the same windows and joins in plain
SQL; `hm run --select group:features` for all months; and one more month, the last one taken away and made again.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from deltalake import DeltaTable

from benchmarks.measure import Timing, in_turn, python, save, timed


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

        run("+group:features and not group:features")
        every = run("group:features")
        print(f"all months: {every.seconds:.0f} s, {every.peak_mb:,.0f} MB", flush=True)
        last = max((warehouse / "features" / "customer_features").glob("month=*"))
        month = last.name.removeprefix("month=")[:7]
        for part in (warehouse / "features").glob(f"*/{last.name}"):
            # In the log too, so that the month is missing and not broken.
            DeltaTable(str(part.parent)).delete(f"month = '{last.name.removeprefix('month=')}'")
        one = run("group:features", "--month", month)
        print(
            f"one more month ({month}): {one.seconds:.1f} s, {one.peak_mb:,.0f} MB, "
            f"{one.seconds / every.seconds:.1%} of all months",
            flush=True,
        )

        def bare() -> Timing:
            shutil.rmtree(work / "bare", ignore_errors=True)
            return timed(python("benchmarks.bare", "snapshot", warehouse, work / "bare"))

        def ours() -> Timing:
            shutil.rmtree(work / "ours", ignore_errors=True)
            return timed(python("benchmarks.steps", warehouse, work / "ours"))

        row = in_turn("snapshot of the last month", bare, ours, options.repeats)
        facts = {"all_months_seconds": every.seconds, "one_more_month_seconds": one.seconds}
        print(f"written to {save('features', [row], **facts, peak_mb=every.peak_mb)}")


if __name__ == "__main__":
    main()
