"""The one Spark session of this process: a JVM takes longer to start than most steps to run."""

import os
import sys
from functools import cache
from typing import Any

from hm_assets.settings import Settings
from hm_assets.warehouse import java
from hm_assets.warehouse.errors import HmAssetsError, first_line

MOST_DRIVER_MEMORY_GB = 8


def configuration(settings: Settings) -> dict[str, str]:
    """What the session is asked for: HM_SPARK_* over the defaults of docs/scaling.md.

    What decides about results (time zone, arithmetic, types in files) is set here and for good.
    """
    memory = settings.spark_driver_memory or f"{_half_of_memory_gb()}g"
    found = {
        "spark.app.name": "hm_assets",
        "spark.driver.memory": memory,
        "spark.executor.memory": settings.spark_executor_memory,
        "spark.executor.cores": str(settings.spark_executor_cores),
        "spark.executor.memoryOverhead": settings.spark_memory_overhead,
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        "spark.log.level": "ERROR",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        **settings.spark_conf,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        # A difference of exact sums keeps all of its decimals, as it does on DuckDB.
        "spark.sql.decimalOperations.allowPrecisionLoss": "false",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }
    if settings.spark_master.startswith("local"):
        # All cores share one process: more parts than these are only more tasks.
        found.setdefault("spark.sql.shuffle.partitions", str(settings.threads))
        found.setdefault("spark.driver.host", "127.0.0.1")
        found.setdefault("spark.pyspark.python", os.environ.get("PYSPARK_PYTHON", sys.executable))
    return found


def _half_of_memory_gb() -> int:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(whole // 2 >> 30, MOST_DRIVER_MEMORY_GB))


def session_of(settings: Settings) -> Any:
    """The session; started where there is none.

    Raises
    ------
    HmAssetsError
        pyspark or Java is not there, or the master does not answer.
    """
    return _session(settings.spark_master, settings.spark_remote, tuple(configuration(settings).items()))


@cache
def _session(master: str, remote: str | None, conf: tuple[tuple[str, str], ...]) -> Any:
    java.require(remote is not None)
    from pyspark.sql import SparkSession

    for name, value in conf:
        if name == "spark.pyspark.python":
            # pyspark asks the environment alone which Python the executors start.
            os.environ["PYSPARK_PYTHON"] = value
    builder: Any = SparkSession.builder
    builder = builder.remote(remote) if remote else builder.master(master)
    for name, value in conf:
        # A Spark Connect server has its memory and its executors already.
        if not remote or name.startswith("spark.sql."):
            builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        where = remote or master
        raise HmAssetsError(
            f"Spark does not start on {where} ({first_line(error)}). Does it answer, and is that the right "
            "HM_SPARK_MASTER or SPARK_REMOTE?"
        ) from error
