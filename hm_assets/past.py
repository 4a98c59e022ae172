"""Last month's documents, made again as they were from the versions that their manifest names.

The tables of that moment are laid into a folder of the warehouse that goes again (its files are links), the events that
recorded them into an instance in memory, and the asset that wrote the documents is run on them: the same code gives the
same bytes.
"""

import hashlib
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from hm_assets import planning, runs
from hm_assets.monitoring.housekeeping import past
from hm_assets.monitoring.housekeeping.past import Written
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, identity, manifest
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.io_manager import CONTENT, DATA_VERSION, PARTITION_ROWS, latest_record, version_of
from hm_assets.warehouse.manifest import Manifest
from hm_assets.warehouse.schema import Table
from hm_assets.warehouse.spill import spill_folder

# Which asset writes the documents of a manifest.
WRITER: Mapping[str, str] = {
    manifest.MANIFEST: "playbooks/playbooks",
    manifest.EDA_MANIFEST: "explore/report",
    manifest.LAB_MANIFEST: "segments/report",
    manifest.PASSPORT_MANIFEST: "profiles/passports",
    manifest.SEGMENTS_MANIFEST: "profiles/report",
    manifest.FORECASTS_MANIFEST: "forecasts/page",
    manifest.DASHBOARD_MANIFEST: "playbooks/dashboard",
    manifest.EXPERIMENTS_MANIFEST: "playbooks/experiments",
}

Build = Callable[[Settings], dg.Definitions]


def writings(instance: dg.DagsterInstance, path: str) -> list[Written]:
    """What Dagster recorded of a table: which run wrote which Delta version, with which data version and month."""
    found: list[Written] = []
    cursor, more = None, True
    while more:
        result = instance.fetch_materializations(dg.AssetKey(path.split("/")), limit=500, cursor=cursor)
        for record in result.records:
            number = _metadata(record, "delta_version")
            if number is not None:
                found.append(Written(number, version_of(record) or "", record.run_id, record.partition_key))
        cursor, more = result.cursor, result.has_more
    return found


def rebuild(
    settings: Settings,
    build: Build,
    tables: Mapping[str, Table],
    instance: dg.DagsterInstance,
    source: Path,
    to: Path,
) -> dict[str, bool]:
    """Make the documents of a manifest again.

    Parameters
    ----------
    settings
        Those of the warehouse.
    build
        Makes the definitions for some settings.
    tables
        The registry.
    instance
        Where the warehouse's runs are recorded.
    source
        A manifest, or a copy of one; its file name says which documents it is of.
    to
        Folder for the documents (below it, one of the month).

    Returns
    -------
    dict
        Document, as `2020-09/index.html` -> whether it is byte for byte the one that the manifest lists.

    Raises
    ------
    WarehouseError
        The manifest is none of ours, no run made documents from the versions that it names, or one of these versions
        is gone.
    """
    wanted = manifest.read_manifest(source.parent, source.name) if source.name in WRITER else None
    if wanted is None:
        raise WarehouseError(f"{source} is no manifest; name one of {', '.join(WRITER)} in a month's folder")
    graph = build(settings).resolve_asset_graph()
    key = dg.AssetKey(WRITER[source.name].split("/"))
    month = f"{wanted.month}-01"
    moment = _moment(instance, graph, key, month, wanted, source)
    with spill_folder(settings.warehouse) as folder, dg.DagsterInstance.ephemeral() as then:
        shutil.copy(settings.warehouse / identity.FILE, folder / identity.FILE)
        for parent in graph.get(key).parent_keys:
            _lay_out(settings.warehouse, folder, tables, instance, parent, moment)
            for event in _events(instance, parent, moment):
                then.report_runless_asset_event(event)
        own = settings.model_copy(update={"warehouse": folder, "reports": to})
        span = (parse_month(month), parse_month(month)) if graph.get(key).is_partitioned else None
        result = runs.execute(build(own), then, planning.Batch((key,), span), str(uuid.uuid4()))
        if not result.success:
            raise WarehouseError("; ".join(runs.faults(result)))
    return {
        f"{wanted.month}/{entry.name}": _sha256(to / wanted.month / entry.name) == entry.sha256
        for entry in wanted.files
    }


def _moment(
    instance: dg.DagsterInstance, graph: Any, key: dg.AssetKey, month: str, wanted: Manifest, source: Path
) -> int:
    """The latest event that recorded the documents, when every named asset had the version that is named."""
    partition = [month] if graph.get(key).is_partitioned else None
    cursor, more, told = None, True, "it was never made on this instance"
    while more:
        result = instance.fetch_materializations(
            dg.AssetRecordsFilter(key, partition), limit=100, cursor=cursor
        )
        for record in result.records:
            moved = _moved(instance, graph, month, wanted, record.storage_id)
            if moved is None:
                return int(record.storage_id)
            told = f"none of its runs read {moved} {wanted.versions[moved]}"
        cursor, more = result.cursor, result.has_more
    raise WarehouseError(f"{source}: {key.to_user_string()} cannot be made again from these versions: {told}")


def _moved(instance: dg.DagsterInstance, graph: Any, month: str, wanted: Manifest, before: int) -> str | None:
    """The first named asset whose version was another one then."""
    for path, version in wanted.versions.items():
        key = dg.AssetKey(path.split("/"))
        at = month if graph.has(key) and graph.get(key).is_partitioned else None
        if version_of(latest_record(instance, key, at, before=before)) != version:
            return path
    return None


def _events(instance: dg.DagsterInstance, key: dg.AssetKey, before: int) -> list[dg.AssetMaterialization]:
    """What was known of an input at that moment, month by month."""
    months: list[str | None] = [*sorted(instance.get_materialized_partitions(key))] or [None]
    found = []
    for month in months:
        record = latest_record(instance, key, month, before=before)
        if record is not None:
            metadata = {n: v for n in (PARTITION_ROWS, CONTENT) if (v := _metadata(record, n)) is not None}
            tags = {DATA_VERSION: version_of(record) or "unknown"}
            found.append(dg.AssetMaterialization(key, partition=month, metadata=metadata, tags=tags))
    return found


def _lay_out(
    warehouse: Path,
    folder: Path,
    tables: Mapping[str, Table],
    instance: dg.DagsterInstance,
    key: dg.AssetKey,
    before: int,
) -> None:
    """Put an input as it was at that moment into the folder."""
    table = tables.get("/".join(key.path))
    if table is not None:
        number = _metadata(latest_record(instance, key, before=before), "delta_version")
        past.lay_out(warehouse, table, -1 if number is None else number, folder)
        return
    months: list[str | None] = [*sorted(instance.get_materialized_partitions(key))] or [None]
    for month in months:
        record = latest_record(instance, key, month, before=before)
        digest = _metadata(record, CONTENT) or version_of(record)
        if record is None or digest is None:
            continue
        places = (
            artifacts.kept_path(warehouse, key.path, digest),
            artifacts.path_of(warehouse, key.path, month),
        )
        kept = next((path for path in places if (_sha256(path) or "").startswith(digest)), None)
        if kept is None:
            raise WarehouseError(
                f"{key.to_user_string()}: its content {digest} is gone ({places[0]} is not there)"
            )
        target = artifacts.path_of(folder, key.path, month)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, target)


def _metadata(record: dg.EventLogRecord | None, name: str) -> Any:
    event = record.asset_materialization if record else None
    found = event.metadata.get(name) if event else None
    return None if found is None else found.value


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
