"""The past of a table: its Delta versions, and which run of which data version wrote each."""

import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from hm_assets.warehouse import delta
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.schema import Table


@dataclass(frozen=True)
class Written:
    """What Dagster recorded of one writing of a table: the asset's data version and the Delta version it made."""

    delta_version: int
    data_version: str
    run_id: str
    month: str | None


@dataclass(frozen=True)
class Version:
    """One Delta version: when and how it came about, by which run (empty: none), and what it holds.

    `rows` and `bytes` are None where the files are vacuumed: the version cannot be read any more.
    """

    number: int
    at: dt.datetime
    operation: str
    run_id: str
    rows: int | None
    bytes: int | None


def history(warehouse: Path, table: Table, writings: Iterable[Written]) -> list[Version]:
    """The versions of a table that its log still knows, the latest first.

    Raises
    ------
    WarehouseError
        There is no such table yet, or its log cannot be read.
    """
    stored = delta.open_table(warehouse, table)
    if stored is None:
        raise WarehouseError(f"{table.path} has not been made yet: `hm run --select key:{table.path}`")
    runs = {writing.delta_version: writing.run_id for writing in writings}
    found = []
    for commit in stored.history():
        number = int(commit["version"])
        rows, size = _held(warehouse, table, number)
        at = dt.datetime.fromtimestamp(commit["timestamp"] / 1000, dt.UTC)
        found.append(Version(number, at, str(commit["operation"]), runs.get(number, ""), rows, size))
    return found


def at_version(warehouse: Path, table: Table, number: int) -> DeltaTable | None:
    """The table as of a version, or None where its log or a file of it is gone."""
    path = delta.table_path(warehouse, table)
    try:
        stored = DeltaTable(str(path), version=number)
    except (DeltaError, OSError):
        return None
    return stored if all(Path(file).exists() for file in delta.files_of(stored)) else None


def _held(warehouse: Path, table: Table, number: int) -> tuple[int | None, int | None]:
    stored = at_version(warehouse, table, number)
    if stored is None:
        return None, None
    actions: Any = stored.get_add_actions(flatten=True)
    rows, size = (sum(n.as_py() or 0 for n in actions[name]) for name in ("num_records", "size_bytes"))
    return rows, size


def lay_out(warehouse: Path, table: Table, number: int, to: Path) -> None:
    """Put a table as of a version into another folder; its files are links where the disk can link.

    Raises
    ------
    WarehouseError
        The version cannot be read any more.
    """
    stored = at_version(warehouse, table, number)
    if stored is None:
        raise WarehouseError(
            f"{table.path}: version {number} cannot be read any more. Versions are kept for HM_KEEP_DAYS days, and "
            "those of a table that held a customer until that customer is forgotten."
        )
    source, target = delta.table_path(warehouse, table), delta.table_path(to, table)
    log = [path for path in (source / "_delta_log").iterdir() if _number(path) <= number]
    for path in [*log, *map(Path, delta.files_of(stored))]:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy.hardlink_to(path)
        except OSError:
            shutil.copy(path, copy)


def _number(path: Path) -> float:
    """The version that a file of a log is of; none for what only points at another."""
    text = path.name.partition(".")[0]
    return int(text) if text.isdigit() else float("inf")
