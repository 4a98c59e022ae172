"""What tests of the Spark engine share: whether it can run here, and a lean local session."""

import importlib.util
from typing import Any

import pytest

from hm_assets.warehouse import java
from hm_assets.warehouse.errors import HmAssetsError

# Compiling a query takes longer than a few hundred rows of it: it is interpreted, and the JVM does not optimise.
LEAN: dict[str, Any] = {
    "engine": "spark",
    "spark_master": "local[2]",
    "spark_driver_memory": "2g",
    "threads": 2,
    "spark_conf": {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    },
}


def needed() -> None:
    """Skip where Spark cannot run; see conftest for what CI makes of that."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed")
    try:
        java.require()
    except HmAssetsError as error:
        pytest.skip(str(error))
