"""What a killed or failed write leaves in a table's folder: files that no commit names. The next write sweeps them.

A mark beside the table tells that a write is under way. A mark whose process is gone is the sign of a write that did
not end; only then is the folder searched.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from hm_assets.warehouse.spill import is_running

LOG = "_delta_log"


@contextlib.contextmanager
def swept(table: Path) -> Iterator[None]:
    """Write to this Delta table: deletes what an earlier write left, and what this one leaves where it fails."""
    table.parent.mkdir(parents=True, exist_ok=True)
    own = table.parent / f".{table.name}.{os.getpid()}.writing"
    marks = [mark for mark in table.parent.glob(f".{table.name}.*.writing") if _is_left(mark, own)]
    if marks:
        sweep(table)
    for mark in marks:
        mark.unlink(missing_ok=True)
    own.touch()
    try:
        yield
    except BaseException:  # Ctrl-C, too
        sweep(table)
        raise
    finally:
        own.unlink(missing_ok=True)


def _is_left(mark: Path, own: Path) -> bool:
    # In a container each process may have the number of the one that was killed.
    return mark == own or not is_running(mark.name.split(".")[-2])


def sweep(table: Path) -> list[Path]:
    """Delete every file of a Delta table's folder that no commit of its log names; returns them.

    Files of earlier versions stay, and where the log cannot be read, all do. Nobody else may write the table meanwhile.
    """
    try:
        named = _named(table)
    except (DeltaError, OSError, ValueError, KeyError):
        return []
    files = [path for path in table.rglob("*") if path.is_file()]
    left = [
        path
        for path in files
        if (
            path.name.endswith(".tmp")
            if LOG in path.parts
            else path.relative_to(table).as_posix() not in named
        )
    ]
    for path in left:
        path.unlink()
    for folder in sorted((path for path in table.rglob("*") if path.is_dir()), reverse=True):
        if LOG not in folder.parts and not any(folder.iterdir()):
            folder.rmdir()
    return left


def _named(table: Path) -> set[str]:
    """The files that the log names, relative to the table's folder: those of the latest version and of each commit."""
    if not DeltaTable.is_deltatable(str(table)):
        return set()
    whole = table.resolve()
    named = {Path(file).relative_to(whole).as_posix() for file in DeltaTable(str(whole)).file_uris()}
    for commit in (table / LOG).glob("*.json"):
        for line in commit.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            for kind in ("add", "remove"):
                if kind in action:
                    named.add(unquote(action[kind]["path"]))
    return named
