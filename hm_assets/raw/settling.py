"""Is a file still being written? Its size and time tell: by two looks, or by its age.

A copy in progress cannot be told from a finished file by what it holds: a CSV file that ends early reads well. So a
file that was not read before is read only when nothing has been written to it for a while.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hm_assets.raw.files import suffix_of
from hm_assets.warehouse.errors import LandingError

Stamp = list[int]
"""Size in bytes and time of the last change in nanoseconds."""
Settled = Callable[[Path, Stamp], bool]
PAUSE_SECONDS = 1.0


def stamp_of(path: Path) -> Stamp:
    """Size and time of a file now.

    Raises
    ------
    LandingError
        The file is gone.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise LandingError(f"{path} was there a moment ago and cannot be read any more ({error}).") from error
    return [found.st_size, found.st_mtime_ns]


def stamps(raw: Path) -> dict[str, Stamp]:
    """Size and time of every file of a folder that may be one of ours by its suffix; nothing where there is none."""
    if not raw.is_dir():
        return {}
    found: dict[str, Stamp] = {}
    for path in raw.iterdir():
        if suffix_of(path) and path.is_file():
            with contextlib.suppress(LandingError):  # taken away since
                found[path.name] = stamp_of(path)
    return found


def is_old(stamp: Stamp, now: float, seconds: float) -> bool:
    """Whether nothing was written for so many seconds; a time in the future is no age."""
    return stamp[1] / 1e9 <= now - seconds


def since(before: Mapping[str, Stamp], now: float, seconds: float) -> Settled:
    """Settled is what looks as it did `before`, or is older than `seconds`."""
    return lambda path, stamp: before.get(path.name) == stamp or is_old(stamp, now, seconds)


def by_a_second_look(seconds: float, pause: float = PAUSE_SECONDS) -> Settled:
    """Settled is what is older than `seconds`, or looks the same after a pause."""

    def settled(path: Path, stamp: Stamp) -> bool:
        if is_old(stamp, time.time(), seconds):
            return True
        time.sleep(pause)
        return stamp_of(path) == stamp

    return settled


def wait(raw: Path, seconds: float, say: Callable[[str], None], pause: float = PAUSE_SECONDS) -> None:
    """Wait until no file of the folder grows; `say` is told which one does."""
    before = stamps(raw)
    while any(not is_old(stamp, time.time(), seconds) for stamp in before.values()):
        time.sleep(pause)
        now = stamps(raw)
        moved = sorted(name for name, stamp in now.items() if before.get(name) != stamp)
        if not moved:
            return
        say(f"waiting for {', '.join(moved)}, still being written")
        before = now
