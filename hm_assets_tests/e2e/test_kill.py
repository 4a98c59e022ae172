"""A run that is killed in the middle, and run again, ends where an undisturbed run ends."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.faults import leftovers
from hm_assets_tests.conftest import hm_command, user_environment
from hm_assets_tests.running import contents

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("moment", "seconds_later", "wanted"),
    [
        ("raw/transactions", 0, "group:raw"),
        ("raw/customers", 0.1, "group:raw"),
        ("raw/articles", 0.7, "group:raw"),
        ("raw/deliveries", 0.02, "group:raw"),
        ("features/customer_features", 0, "+key:features/customer_features"),
    ],
)
def test_killed_and_run_again_equals_undisturbed(
    tmp_path, small, finished, hm, moment, seconds_later, wanted
):
    warehouse = tmp_path / "warehouse"
    process = subprocess.Popen(
        hm_command("run", "--raw", small, "--warehouse", warehouse, "--select", wanted),
        env=user_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # The moment is when the first file of that table appears: its commit is not written yet, or just so.
    deadline = time.monotonic() + 120
    while not list((warehouse / moment).glob("**/*.parquet")):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    time.sleep(seconds_later)
    assert process.poll() is None, "the run ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    again = hm("run", "--raw", small, "--warehouse", warehouse, "--select", wanted)
    assert again.returncode == 0, again.stderr
    made, whole = contents(warehouse), contents(finished)
    assert made.keys() < whole.keys()
    assert moment in made
    assert made == {path: whole[path] for path in made}
    assert leftovers(warehouse) == []
