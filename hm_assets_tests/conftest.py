"""What all tests share: the calendar, small generated data, and the rule that CI skips nothing for want of a tool.

The partitions are read when the code location is imported, so the calendar is set here, before any of it is.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("HM_FIRST_MONTH", "2018-09")
os.environ.setdefault("HM_LAST_MONTH", "2019-06")
# All algorithms are tried in segments/lab/test_lab.py; whole runs need not wait for each of them.
os.environ.setdefault("HM_ALGORITHMS", "kmeans")
# Each would take longer to start than it has to do here; warehouse/test_beside.py has several.
os.environ.setdefault("HM_WORKERS", "1")

import hypothesis
import pytest

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

Hm = Callable[..., subprocess.CompletedProcess[str]]

REAL_DATA = "HM_REAL_DATA"
REQUIRE_ALL = "HM_REQUIRE_ALL"
LONGEST = ("test_refresh.py", "test_refresh_on_postgres.py")


def pytest_collection_modifyitems(items):
    """The longest modules first, then those that need not wait for the warehouse they make; quick ones last."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    waiting = {item.path for item in items if "first_run" in item.fixturenames}
    items.sort(key=lambda item: (item.path.name not in LONGEST, item.path not in slow, item.path in waiting))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With HM_REQUIRE_ALL=1 a skip is a failure: CI installs every server, browser and JVM that a test needs."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(REQUIRE_ALL) == "1":
        reason = str(call.excinfo.value) if call.excinfo else ""
        if REAL_DATA not in reason:
            report.outcome = "failed"
            report.longrepr = f"{REQUIRE_ALL}=1 and the test was skipped: {reason}"
    return report


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real H&M sample; its rows never enter the project."""
    path = os.environ.get(REAL_DATA)
    if not path or not Path(path).is_dir():
        pytest.skip(f"{REAL_DATA} does not name a folder with the real H&M sample")
    return Path(path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated retailer: a fifth of the demo's customers and its first ten months."""
    return _first_months(tmp_path_factory.mktemp("demo") / "raw", scale=0.2, seed=7)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny retailer within the tests' calendar: 150 customers, ten months."""
    return _first_months(tmp_path_factory.mktemp("small") / "raw", scale=0.05, seed=4)


def _first_months(folder: Path, scale: float, seed: int) -> Path:
    """A generated retailer up to the end of June 2019: what is made per month takes its time for every month."""
    import duckdb

    from hm_assets.sources.synthetic.generate import generate

    whole = folder.with_name("whole")
    generate(whole, preset="demo", scale=scale, seed=seed)
    folder.mkdir()
    for path in whole.iterdir():
        if path.is_file() and path.name != "transactions_train.csv":
            (folder / path.name).write_bytes(path.read_bytes())
    lines = f"read_csv('{whole}/transactions_train.csv', all_varchar = true)"
    duckdb.execute(
        f"COPY (FROM {lines} WHERE t_dat < '2019-07-01') TO '{folder}/transactions_train.csv' (HEADER)"
    )
    return folder


def user_environment() -> dict[str, str]:
    """The environment of a user: without the calendar of the tests and without somebody's Dagster instance."""
    hidden = ("HM_FIRST_MONTH", "HM_LAST_MONTH", "DAGSTER_HOME")
    return {name: value for name, value in os.environ.items() if name not in hidden} | {"COLUMNS": "200"}


def hm_command(*arguments: object) -> list[str]:
    """The `hm` command with this interpreter."""
    return [sys.executable, "-m", "hm_assets.cli", *map(str, arguments)]


@pytest.fixture(scope="session")
def hm() -> Hm:
    """Run an `hm` command to its end."""

    def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            hm_command(*arguments),
            env=user_environment() | {"PYTHONPATH": str(Path(__file__).parents[1])},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=1_500,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def first_run(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, small: Path, hm: Hm
) -> tuple[Path, str]:
    """A warehouse that `hm run` has filled, and what it printed; made once for all processes of the tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    warehouse, printed = shared / "finished", shared / "finished.txt"
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            result = hm("run", "--raw", small, "--warehouse", warehouse)
            assert result.returncode == 0, result.stdout + result.stderr
            printed.write_text(result.stdout)
    return warehouse, printed.read_text()


@pytest.fixture(scope="session")
def finished(first_run: tuple[Path, str]) -> Path:
    """A filled warehouse; tests that change it take a copy."""
    return first_run[0]
