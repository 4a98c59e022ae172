"""The same files on both engines, whole runs: `python -m benchmarks.engines RAW --work DIR [--workers 2]`.

Every table is compared in a total order, floats within 1e-9 relative and all else identical, and every model; ends with
1 where any differs. Spark runs on two cores of this machine, or with `--workers` on a standalone master with so many
workers of one core each, on loopback. Its own four clusterings are left out of the lab, as DuckDB has none of them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import python
from hm_assets.definitions import TABLES
from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.warehouse import delta
from hm_assets_tests import spark

EVERYWHERE = {"HM_ALGORITHMS": ",".join(algorithm.name for algorithm in CATALOGUE)}
ON_SPARK = {"HM_ENGINE": "spark", "HM_SPARK_MASTER": "local[2]", "HM_SPARK_DRIVER_MEMORY": "3g"}
OF_ONE_CORE = {
    "HM_SPARK_EXECUTOR_MEMORY": "2g",
    "HM_SPARK_EXECUTOR_CORES": "1",
    "HM_SPARK_MEMORY_OVERHEAD": "512m",
    "HM_SPARK_CONF": json.dumps({"spark.sql.shuffle.partitions": "2"}),
    "SPARK_LOCAL_IP": "127.0.0.1",
}


def run(raw: Path, warehouse: Path, **settings: str) -> None:
    """One `hm run`; what it prints lands beside the warehouse."""
    started = time.monotonic()
    with warehouse.with_suffix(".log").open("w") as log:
        command = python("hm_assets.cli", "run", "--raw", raw, "--warehouse", warehouse)
        subprocess.run(command, env=os.environ | EVERYWHERE | settings, stdout=log, stderr=log, check=True)
    print(f"{warehouse.name}: {time.monotonic() - started:.0f} s", flush=True)


def main() -> None:
    """Run both, compare, say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="where both warehouses go and stay")
    parser.add_argument("--workers", type=int, help="of a standalone master; default: Spark in one process")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    duckdb, other = asked.work / "duckdb", asked.work / ("cluster" if asked.workers else "spark")
    if not duckdb.exists():
        run(asked.raw, duckdb)
    if asked.workers:
        with spark.cluster(asked.work, asked.workers, memory="3g") as (address, _):
            run(asked.raw, other, **ON_SPARK | OF_ONE_CORE | {"HM_SPARK_MASTER": address})
    else:
        run(asked.raw, other, **ON_SPARK)
    different = spark.differences(duckdb, other, TABLES)
    for table, what in different.items():
        print(f"{table}: {what}")
    tables = sum(delta.open_table(duckdb, table) is not None for table in TABLES.values())
    models, wrong = len(spark.models_of(duckdb)), spark.models_that_differ(duckdb, other)
    print(f"{len(different)} of {tables} tables and {len(wrong)} of {models} models differ {' '.join(wrong)}")
    sys.exit(bool(different or wrong))


if __name__ == "__main__":
    main()
