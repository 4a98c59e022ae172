"""What servers and browsers need."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest


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
