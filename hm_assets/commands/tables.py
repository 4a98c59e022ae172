"""`hm tables`: tidying, the past of a table, and documents as they were."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hm_assets.monitoring.housekeeping import past, tidying
from hm_assets.monitoring.housekeeping.past import Version, Written
from hm_assets.settings import Settings
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.schema import Table

HEADINGS = ("version", "when (UTC)", "what", "run", "rows", "size")


def tidy(settings: Settings, tables: Mapping[str, Table], say: Callable[[str], None]) -> str:
    """Tidy a warehouse, and say in a sentence what was done."""
    done = tidying.tidy(settings, tables, say)
    return (
        f"{done.compacted:,} small files made into fewer, {done.files:,} files older than {settings.keep_days} days, "
        f"{done.reports:,} months of documents and {done.champions:,} champions deleted."
    )


def table_named(tables: Mapping[str, Table], path: str) -> Table:
    """The table of that name.

    Raises
    ------
    WarehouseError
        There is none.
    """
    if path not in tables:
        near = [name for name in tables if path.rpartition("/")[2] in name][:5]
        raise WarehouseError(
            f"there is no table {path}; names are like {', '.join(near or list(tables)[:3])}"
        )
    return tables[path]


def history(settings: Settings, table: Table, writings: Iterable[Written]) -> list[tuple[str, ...]]:
    """The versions of a table as rows under `HEADINGS`."""
    return [_row(version) for version in past.history(settings.warehouse, table, writings)]


def _row(version: Version) -> tuple[str, ...]:
    gone = version.rows is None or version.bytes is None
    held = ("vacuumed", "") if gone else (f"{version.rows:,}", f"{version.bytes or 0:,} bytes")
    return (str(version.number), f"{version.at:%Y-%m-%d %H:%M}", version.operation, version.run_id[:8], *held)


def told(rebuilt: Mapping[str, bool], folder: Path) -> list[str]:
    """What became of each document that was made again."""
    words = {True: "byte for byte as it was", False: "differs: the code or a setting is another one"}
    return [f"{folder / name}: {words[same]}" for name, same in rebuilt.items()]
