"""The same graph on Spark: every table and model that DuckDB makes, floats within 1e-9."""

import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.faults import leftovers
from hm_assets.definitions import TABLES
from hm_assets.warehouse import delta
from hm_assets.warehouse.schema import Table
from hm_assets_tests import spark
from hm_assets_tests.conftest import hm_command, user_environment

pytestmark = pytest.mark.slow


def environment(**settings: str) -> dict[str, str]:
    """A user's, with lean settings of Spark."""
    home = str(Path(__file__).parents[2])
    return user_environment() | spark.ENVIRONMENT | {"PYTHONPATH": home} | settings


def run_command(raw: Path, warehouse: Path, *more: object) -> list[str]:
    """`hm run` on these files."""
    return hm_command("run", "--raw", raw, "--warehouse", warehouse, *more)


def run_on_spark(raw: Path, warehouse: Path, *more: object, **settings: str) -> subprocess.CompletedProcess:
    """`hm run` on Spark, to its end."""
    return subprocess.run(
        run_command(raw, warehouse, *more),
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=1_500,
        check=False,
    )


# A part of the graph that reads, joins, windows and writes by month: shorter than the whole, on more machines.
SOME = "+key:features/customer_days or +key:articles/topics"


def on_a_cluster(address: str) -> dict[str, str]:
    """Settings for executors that fit the workers of `spark.cluster`."""
    return {
        "HM_SPARK_MASTER": address,
        "HM_SPARK_EXECUTOR_MEMORY": "768m",
        "HM_SPARK_EXECUTOR_CORES": "1",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def made_by(warehouse: Path) -> dict[str, Table]:
    """The tables that are there."""
    return {path: table for path, table in TABLES.items() if delta.open_table(warehouse, table) is not None}


def test_two_workers_make_the_same(tmp_path, small, finished):
    spark.needed()
    with spark.cluster(tmp_path) as (address, _):
        made = run_on_spark(small, tmp_path / "wh", "--select", SOME, **on_a_cluster(address))
    assert made.returncode == 0, made.stdout[-2_000:] + made.stderr[-2_000:]
    tables = made_by(tmp_path / "wh")
    assert "features/customer_days" in tables
    assert spark.differences(finished, tmp_path / "wh", tables) == {}


def test_a_worker_that_is_killed_leaves_nothing_wrong(tmp_path, small, finished):
    """Its tasks go to the other one, or the run says what failed; the next run makes the rest."""
    spark.needed()
    warehouse = tmp_path / "wh"
    with spark.cluster(tmp_path) as (address, workers):
        command, settings = (
            run_command(small, warehouse, "--select", SOME),
            environment(**on_a_cluster(address)),
        )
        with subprocess.Popen(
            command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as run:
            deadline = time.monotonic() + 300
            while not list((warehouse / "features/article_days").glob("**/*.parquet")):
                assert run.poll() is None, "the run ended before a worker could be killed"
                assert time.monotonic() < deadline
                time.sleep(0.05)
            spark.kill(workers[0])
            assert run.poll() is None, "the run ended before the worker did"
            assert run.wait(timeout=600) in (0, 1)
        again = run_on_spark(small, warehouse, "--select", SOME, **on_a_cluster(address))
    assert again.returncode == 0, again.stdout[-2_000:] + again.stderr[-2_000:]
    tables = made_by(warehouse)
    assert "features/customer_days" in tables
    assert spark.differences(finished, warehouse, tables) == {}
    assert leftovers(warehouse) == []


def test_every_table_and_model_equals_duckdb(tmp_path, small, finished):
    spark.needed()
    made = run_on_spark(small, tmp_path / "wh")
    assert made.returncode == 0, made.stdout[-2_000:] + made.stderr[-2_000:]
    assert len(made_by(finished)) > 100
    assert spark.differences(finished, tmp_path / "wh", TABLES) == {}
    assert len(spark.models_of(finished)) > 5
    assert spark.models_that_differ(finished, tmp_path / "wh") == []
