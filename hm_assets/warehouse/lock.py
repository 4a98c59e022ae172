"""Who may write into a warehouse: one command alone, or the steps of Dagster's daemon together.

A step records what it wrote after it wrote it. Were another process to write the same table in between, the record
would speak of rows that are gone, and what lies below would never be made anew. The lock is the kernel's (flock): it
goes with its process, however that ends, so that a killed run locks nobody out.
"""

import contextlib
import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from hm_assets.warehouse.errors import WarehouseError

FILE = ".lock"
POLL_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 600.0

log = logging.getLogger(__name__)


@contextlib.contextmanager
def alone(
    warehouse: Path,
    command: str,
    say: Callable[[str], None] = log.info,
    longest_wait: float = LONGEST_WAIT_SECONDS,
) -> Iterator[None]:
    """Hold the warehouse for this command, once the steps that are at work in it have ended.

    Parameters
    ----------
    warehouse
        Its folder; made where it is not there.
    command
        What holds it, for whoever comes second.
    say
        Told once what is waited for.
    longest_wait
        Seconds to wait for steps.

    Raises
    ------
    WarehouseError
        Another command holds it, steps were at work for longer than that, or the folder cannot be written.
    """
    with _opened(warehouse) as file:
        deadline, told = time.monotonic() + longest_wait, False
        while not _taken(file, fcntl.LOCK_EX):
            if holder := _holder(file):
                raise WarehouseError(
                    f"{warehouse} is in use: {holder[1]} (process {holder[0]}). Wait until it has ended."
                )
            if time.monotonic() > deadline:
                raise WarehouseError(
                    f"{warehouse} is in use: the daemon of `hm ui` has been making assets for longer than "
                    f"{longest_wait:.0f} s. Wait until it has ended, or stop it with `hm stop`."
                )
            if not told:
                say("waiting for the daemon of `hm ui`, which is making assets in this warehouse")
            told = True
            time.sleep(POLL_SECONDS)
        file.write(json.dumps([_me(), command]))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


@contextlib.contextmanager
def beside_others(warehouse: Path) -> Iterator[None]:
    """Hold the warehouse for a step: others may too, a command may not. Waits for the command that holds it.

    Raises
    ------
    WarehouseError
        The folder cannot be written.
    """
    with _opened(warehouse) as file:
        told = False
        while not _taken(file, fcntl.LOCK_SH):
            holder = _holder(file)
            if holder and holder[0] == _me():
                break  # a step of the command itself
            if holder and not told:
                log.info("waiting for %s (process %s), which holds %s", holder[1], holder[0], warehouse)
                told = True
            time.sleep(POLL_SECONDS)
        else:
            file.truncate(0)  # what a killed command left
        yield


@contextlib.contextmanager
def _opened(warehouse: Path) -> Iterator[IO[str]]:
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        file = (warehouse / FILE).open("a+", encoding="utf-8")
    except OSError as error:
        raise WarehouseError(
            f"{warehouse} cannot be written ({error.strerror}). Make it writable, or name another with --warehouse."
        ) from error
    with file:
        yield file


def _taken(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if kind == fcntl.LOCK_EX:
        file.truncate(0)
    return True


def _me() -> str:
    """This process: containers that share a warehouse count their processes each for itself."""
    return f"{os.getpid()} on {socket.gethostname()}"


def _holder(file: IO[str]) -> tuple[str, str] | None:
    """Process and command that hold the warehouse alone; None where steps do, or it is just being written."""
    file.seek(0)
    try:
        process, command = json.loads(file.read())
    except ValueError:
        return None
    return str(process), str(command)
