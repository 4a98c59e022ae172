"""What servers and browsers need."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hm_assets_tests.conftest import user_environment


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


@pytest.fixture(scope="session")
def lines(small: Path) -> tuple[str, list[str]]:
    """The header, and the lines of the months after those of the landing zone too."""
    header, *found = (small.with_name("whole") / "transactions_train.csv").read_text().splitlines()
    return header, found


@pytest.fixture
def address(finished: Path, tmp_path: Path, free_port: Callable[[], int]) -> Iterator[str]:
    """The portal on a copy of a finished warehouse, which lies at `tmp_path / "warehouse"`."""
    warehouse, port = tmp_path / "warehouse", free_port()
    shutil.copytree(finished, warehouse)
    environment = user_environment() | {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HM_WAREHOUSE": str(warehouse),
    }
    command = [sys.executable, "-m", "hm_assets.serving.portal", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
            break
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(30)
