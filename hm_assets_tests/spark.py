"""What tests of the Spark engine share: whether it can run here, a lean local session, and tables that are compared."""

import contextlib
import importlib.util
import json
import math
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hm_assets.warehouse import artifacts, delta, java
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.schema import MONTH, Table

TOLERANCE = 1e-9
# Entries of JSON and columns that hold a table's data version, which is a sum of the engine's own hashes: of a model's
# recipe, of what a passport is about, of where a printed figure comes from.
VERSIONS = ("recipe", "profiles")
VERSION_COLUMNS = {"playbooks/metrics": "version"}
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Compiling a query takes longer than a few hundred rows of it: it is interpreted, and the JVM does not optimise.
LEAN: dict[str, Any] = {
    "engine": "spark",
    "spark_master": "local[2]",
    "spark_driver_memory": "2g",
    "threads": 2,
    "spark_conf": {
        "spark.driver.extraJavaOptions": QUICK_JAVA,
        "spark.executor.extraJavaOptions": QUICK_JAVA,
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    },
}
ENVIRONMENT = {
    f"HM_{name.upper()}": json.dumps(value) if isinstance(value, dict) else str(value)
    for name, value in LEAN.items()
}


def needed() -> None:
    """Skip where Spark cannot run; see conftest for what CI makes of that."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed")
    try:
        java.require()
    except HmAssetsError as error:
        pytest.skip(str(error))


def equal(one: Any, other: Any) -> bool:
    """Equal values; floats within the tolerance, relatively."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=TOLERANCE) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    return bool(one == other) and type(one) is type(other)


def rows_of(warehouse: Path, table: Table) -> pa.Table | None:
    """All rows in a total order: by key, where there is one, else by all columns, floats last."""
    stored = delta.open_table(warehouse, table)
    if stored is None:
        return None
    rows = pa.table(stored.to_pyarrow_table())
    own = VERSION_COLUMNS.get(table.path)
    names = [column.name for column in table.stored_columns if not column.measured and column.name != own]
    flat = [name for name in names if not pa.types.is_nested(rows.schema.field(name).type)]
    floats = [name for name in flat if pa.types.is_floating(rows.schema.field(name).type)]
    key = [*table.key, *([MONTH] if table.monthly else [])] if table.key else []
    order = key or [*(name for name in flat if name not in floats), *floats]
    return rows.select(names).sort_by([(name, "ascending") for name in order])


def differences(one: Path, other: Path, tables: Mapping[str, Table]) -> dict[str, str]:
    """Where two warehouses differ: table -> what is different, with an example."""
    found = {}
    for path, table in tables.items():
        said = "; ".join(_of_table(rows_of(one, table), rows_of(other, table)))
        if said:
            found[path] = said
    return found


def _of_table(one: pa.Table | None, other: pa.Table | None) -> Iterator[str]:
    if one is None or other is None:
        if one is not other:
            yield "is in one of them only"
        return
    if one.num_rows != other.num_rows:
        yield f"{one.num_rows} rows and {other.num_rows}"
        return
    for name in one.column_names:
        pairs = zip(one[name].to_pylist(), other[name].to_pylist(), strict=True)
        wrong = [(left, right) for left, right in pairs if not equal(left, right)]
        if wrong:
            yield f"{name}: {len(wrong)} of {one.num_rows} rows, as {wrong[0][0]!r} and {wrong[0][1]!r}"


def models_of(warehouse: Path) -> set[Path]:
    """Models and other JSON of assets."""
    names = {path.relative_to(warehouse) for path in warehouse.glob("*/**/*.json")}
    return {
        name
        for name in names
        if not ({"_delta_log", "reports"} & set(name.parts)) and name.parts[0][0] != "."
    }


def models_that_differ(one: Path, other: Path) -> list[str]:
    """Those that are not the same in both."""
    there = [models_of(warehouse) for warehouse in (one, other)]
    same = {name for name in there[0] & there[1] if equal(_content(one / name), _content(other / name))}
    return sorted(name.as_posix() for name in (there[0] | there[1]) - same)


def _content(path: Path) -> Any:
    """Without the versions of tables that it was made of: an engine has its own hash."""
    value = artifacts.read_json(path)
    return {k: v for k, v in value.items() if k not in VERSIONS} if isinstance(value, dict) else value


@contextlib.contextmanager
def cluster(
    folder: Path, workers: int = 2, memory: str = "1g"
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A standalone master with workers of one core each on loopback: its address, and the workers' processes."""
    port, web = free_port(), free_port()
    address = f"spark://127.0.0.1:{port}"
    with contextlib.ExitStack() as started:

        def start(role: str, *arguments: object) -> subprocess.Popen[bytes]:
            return started.enter_context(_daemon(folder, role, *arguments))

        start("master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", web)
        places = [folder / f"worker-{i}" for i in range(workers)]
        own = [
            start(
                "worker.Worker", address, "--host", "127.0.0.1", "--cores", 1, "--memory", memory, "-d", place
            )
            for place in places
        ]
        deadline = time.monotonic() + 120
        while _alive(web) < workers:
            assert time.monotonic() < deadline, f"the workers did not come; see the logs in {folder}"
            time.sleep(0.5)
        yield address, own


@contextlib.contextmanager
def _daemon(folder: Path, role: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    import pyspark

    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}"]
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_JAVA_OPTS": QUICK_JAVA}
    with (folder / f"{role}.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *map(str, arguments)], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a daemon at once, with the executors that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _alive(web: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])
    except OSError:
        return 0
