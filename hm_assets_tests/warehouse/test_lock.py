"""One command writes a warehouse at a time; steps of the daemon share it; a killed process locks nobody out."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from hm_assets.warehouse import lock
from hm_assets.warehouse.errors import WarehouseError


def test_a_second_command_is_told_who_is_at_work(tmp_path):
    with (
        lock.alone(tmp_path, "hm run"),
        pytest.raises(WarehouseError, match=rf"is in use: hm run \(process {os.getpid()} on .+\)\. Wait"),
        lock.alone(tmp_path, "hm run"),
    ):
        pass
    with lock.alone(tmp_path, "hm run"):
        pass


def test_a_command_waits_for_steps_and_says_so_then_gives_up(tmp_path):
    said = []
    with (
        lock.beside_others(tmp_path),
        lock.beside_others(tmp_path),
        pytest.raises(WarehouseError, match=r"longer than 0 s.*hm stop"),
        lock.alone(tmp_path, "hm run", said.append, longest_wait=0.01),
    ):
        pass
    assert len(said) == 1
    assert "waiting for the daemon" in said[0]


def a_step(warehouse):
    """Something that is set when the step has entered, and the step, not started yet."""
    entered = threading.Event()

    def step():
        with lock.beside_others(warehouse):
            entered.set()

    return entered, threading.Thread(target=step)


def test_a_step_waits_for_the_command_of_another_process_and_passes_its_own(tmp_path, monkeypatch):
    entered, waiting = a_step(tmp_path)
    with lock.alone(tmp_path, "hm run"):
        with lock.beside_others(tmp_path):
            pass
        own = os.getpid()
        monkeypatch.setattr(lock.os, "getpid", lambda: own + 1)
        waiting.start()
        assert not entered.wait(3 * lock.POLL_SECONDS)
    assert entered.wait(5)
    waiting.join()


def test_a_process_of_the_same_number_in_another_container_is_another_one(tmp_path, monkeypatch):
    entered, waiting = a_step(tmp_path)
    with lock.alone(tmp_path, "hm run"):
        monkeypatch.setattr(lock.socket, "gethostname", lambda: "another")
        waiting.start()
        assert not entered.wait(3 * lock.POLL_SECONDS)
    assert entered.wait(5)
    waiting.join()


def test_a_killed_command_locks_nobody_out_and_is_not_named_later(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from hm_assets.warehouse import lock\n"
        "with lock.alone(Path(sys.argv[1]), 'hm run'): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(WarehouseError, match=f"process {process.pid}"), lock.alone(tmp_path, "hm run"):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with (
        lock.beside_others(tmp_path),
        pytest.raises(WarehouseError, match="the daemon"),
        lock.alone(tmp_path, "hm run", longest_wait=0.01),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_named():
    # Root may write anywhere but here.
    with (
        pytest.raises(WarehouseError, match=r"/proc/nowhere cannot be written .*--warehouse"),
        lock.alone(lock.Path("/proc/nowhere"), "hm run"),
    ):
        pass
