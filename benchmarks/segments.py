"""The clustering lab: `python -m benchmarks.segments --raw DIR --warehouse DIR`.

The whole lab at depth full; the last month's customers placed by the champion; k-means and the Gaussian mixture against
plain scikit-learn on the same matrix. The warehouse is one that `hm run --select +group:features` has filled.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
from deltalake import DeltaTable

from benchmarks.measure import Timing, in_turn, python, save, timed
from hm_assets.features import tables
from hm_assets.segments.people import People
from hm_assets.segments.reading import reader
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine

LAB = "key:segments/later_values or key:segments/candidates or key:segments/champion"
ASSIGNMENTS = "key:segments/assignments"


def matrix(warehouse: Path) -> np.ndarray:
    """The last month's customers in the space `rfm`."""
    with open_engine(Settings(warehouse=warehouse)) as engine:
        found = {}
        for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_TASTES):
            stored = delta.open_table(warehouse, table)
            assert stored is not None
            found[table.name] = engine.read(table, delta.files_of(stored))
        month = found["customer_features"].month.max().to_pyarrow().as_py()
        return People.of(reader(*found.values()), month, "rfm", None).points


def main() -> None:
    """Measure and print; the figures land in benchmarks/results/segments.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="what `hm data generate` made")
    parser.add_argument("--warehouse", type=Path, required=True, help="with features; it is copied")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hm_bench_") as folder:
        work, warehouse = Path(folder), Path(folder) / "warehouse"
        shutil.copytree(options.warehouse, warehouse)

        def run(select: str, *more: str) -> Timing:
            arguments = (
                "--raw",
                options.raw,
                "--warehouse",
                warehouse,
                "--depth",
                "full",
                "--select",
                select,
            )
            return timed(python("hm_assets.cli", "run", *arguments, *more))

        whole = run(LAB)
        print(f"the whole lab: {whole.seconds:.0f} s, {whole.peak_mb:,.0f} MB", flush=True)
        run(ASSIGNMENTS)
        last = max((warehouse / "segments" / "assignments").glob("month=*")).name.removeprefix("month=")
        DeltaTable(str(warehouse / "segments" / "assignments")).delete(f"month = '{last}'")
        placed = run(ASSIGNMENTS, "--month", last[:7])
        print(
            f"placing the customers of {last[:7]}: {placed.seconds:.1f} s, {placed.peak_mb:,.0f} MB",
            flush=True,
        )
        np.save(work / "points.npy", matrix(warehouse))

        def pair(name: str) -> dict[str, float | str]:
            bare = python("benchmarks.bare", name, work / "points.npy", work / "bare")
            ours = python("benchmarks.steps", name, work / "points.npy", work / "ours")
            return in_turn(name, lambda: timed(bare), lambda: timed(ours), options.repeats)

        rows = [pair("kmeans"), pair("gaussian_mixture")]
        facts = {"lab_seconds": whole.seconds, "placing_seconds": placed.seconds, "peak_mb": whole.peak_mb}
        print(f"written to {save('segments', rows, **facts)}")


if __name__ == "__main__":
    main()
