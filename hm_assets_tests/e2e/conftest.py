"""Whole runs in processes of their own, as a user starts them."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Hm = Callable[..., subprocess.CompletedProcess[str]]


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
            env=user_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=600,
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


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A port that nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return path
