"""Folders for what does not fit in memory: named after their process, gone with it, swept when it was killed.

Its process holds a lock on the folder (flock): the number alone tells nothing of a process in another container.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = ".spill-"


@contextlib.contextmanager
def spill_folder(warehouse: Path) -> Iterator[Path]:
    """A folder in the warehouse for one use; those of processes that are no more are deleted on the way."""
    warehouse.mkdir(parents=True, exist_ok=True)
    for left in warehouse.glob(f"{PREFIX}*"):
        if not is_running(left.name.removeprefix(PREFIX).partition("-")[0]):
            with contextlib.suppress(OSError), _held(left):
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=warehouse))
    with _held(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; BlockingIOError where its process lives."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def is_running(pid: str) -> bool:
    """Whether a process of this number is there."""
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
