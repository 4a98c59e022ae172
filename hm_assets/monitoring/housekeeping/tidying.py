"""Tidying a warehouse: small files made into large ones, versions nobody needs deleted, old documents and models too.

Compacting moves rows between files and changes none, so data versions stay. What is deleted is older than a number of
days that is never below one: a step that runs reads versions of minutes ago.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable

from hm_assets.segments.champion import history as champions
from hm_assets.settings import Settings
from hm_assets.warehouse import delta, leftovers, manifest
from hm_assets.warehouse.schema import Table

# Delta forgets the commits of versions that it may forget; their files and they must last equally long.
_RETENTION = ("delta.logRetentionDuration", "delta.deletedFileRetentionDuration")


@dataclass(frozen=True)
class Tidied:
    """What was done: files made into fewer, and what was deleted."""

    compacted: int = 0
    files: int = 0
    reports: int = 0
    champions: int = 0


def tidy(
    settings: Settings, tables: Mapping[str, Table], say: Callable[[str], None] = lambda _: None
) -> Tidied:
    """Compact and vacuum every table, and delete documents and models beyond what the settings keep.

    Whoever calls holds the warehouse (`lock.alone`): a file that no commit names yet would be swept by a step.

    Raises
    ------
    WarehouseError
        The log of a table cannot be read.
    """
    compacted = files = 0
    for path, table in tables.items():
        stored = delta.open_table(settings.warehouse, table)
        if stored is None:
            continue
        with leftovers.swept(delta.table_path(settings.warehouse, table)):
            merged, deleted = _tidy_table(stored, settings.keep_days)
        if merged or deleted:
            say(f"{path}: {merged:,} small files made into fewer, {deleted:,} old files deleted")
        compacted, files = compacted + merged, files + deleted
    folder = settings.warehouse / "segments" / "champions"
    return Tidied(
        compacted,
        files,
        _drop_reports(settings.reports_dir, settings.keep_reports),
        champions.drop_oldest(folder, settings.keep_champions) if settings.keep_champions else 0,
    )


def _tidy_table(stored: DeltaTable, days: int) -> tuple[int, int]:
    wanted = dict.fromkeys(_RETENTION, f"interval {days} days")
    if not wanted.items() <= stored.metadata().configuration.items():
        stored.alter.set_table_properties(wanted)
    merged = int(stored.optimize.compact()["numFilesRemoved"])
    # Looked for first: a vacuum that deletes nothing would still be two commits.
    deleted = stored.vacuum(24 * days, dry_run=True, enforce_retention_duration=False)
    if deleted:
        stored.vacuum(24 * days, dry_run=False, enforce_retention_duration=False)
    return merged, len(deleted)


def _drop_reports(reports: Path, keep: int | None) -> int:
    """Delete the listed documents of the oldest months; a stranger's file stays."""
    folders = sorted(path for path in reports.glob("*") if manifest.MONTH_PATTERN.fullmatch(path.name))
    dropped = folders[:-keep] if keep else []
    for folder in dropped:
        for name in manifest.MANIFESTS:
            listed = manifest.read_manifest(folder, name)
            for entry in listed.files if listed else ():
                (folder / entry.name).unlink(missing_ok=True)
            (folder / name).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
    return len(dropped)
