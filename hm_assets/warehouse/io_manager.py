"""How Dagster stores and loads: Delta tables as Ibis tables, small models and documents as JSON.

The IO managers know the registry and the warehouse; what a table means is the business of its stage.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
import pyarrow.parquet as pq

from hm_assets.warehouse import artifacts, delta, markdown
from hm_assets.warehouse.assets import ON_DUCKDB
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.engine import write
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

PREVIEW_ROWS = 5
# What names a person is not shown: previews stay in Dagster's log for as long as the log is kept.
PERSONAL = ("customer_id", "customer_key")
CONTENT = "hm_assets/content"
PARTITION_ROWS = "dagster/partition_row_count"
DATA_VERSION = "dagster/data_version"


class DeltaIOManager(dg.IOManager):
    """Takes an Ibis table (or several that follow one another, made when they are asked for) and gives an Ibis table.

    Writing replaces exactly the run's months in one commit and stamps the asset with a version of its content;
    reading opens only the months that the partition mapping names, and refuses when a recorded table is gone.
    """

    def __init__(self, warehouse: Warehouse, tables: Mapping[str, Table]) -> None:
        self.warehouse = warehouse
        self.tables = tables

    def _table(self, key: dg.AssetKey) -> Table:
        return self.tables["/".join(key.path)]

    def handle_output(self, context: dg.OutputContext, obj: ibis.Table | Iterable[ibis.Table]) -> None:
        """Stream the rows into the table, then record row counts, a preview and the content version."""
        table = self._table(context.asset_key)
        keys = list(context.asset_partition_keys) if context.has_asset_partitions else []
        months = [parse_month(key) for key in keys]
        engine = self.warehouse.engine(_step(context))
        write(self.warehouse.path, table, [obj] if isinstance(obj, ibis.Table) else obj, months)

        stored = delta.open_table(self.warehouse.path, table)
        assert stored is not None
        files = delta.files_of(stored, months if table.monthly else None)
        digests = engine.digests(table, files)
        self._record(context, table, keys, digests)
        context.log.info(_told(table, months, digests))
        context.add_output_metadata(
            {
                "dagster/row_count": delta.row_count(stored),
                "dagster/uri": str(delta.table_path(self.warehouse.path, table)),
                "delta_version": stored.version(),
                "preview": dg.MetadataValue.md(preview(table, files)),
            }
        )

    def _record(
        self,
        context: dg.OutputContext,
        table: Table,
        keys: Sequence[str],
        digests: Mapping[dt.date | None, tuple[int, str]],
    ) -> None:
        """Stamp the version. Dagster gives all months of one run the same one, so each month keeps its digest too."""
        step = context.step_context
        if not table.monthly:
            rows_and_digest = digests.get(None, (0, "empty"))
            step.set_data_version(context.asset_key, dg.DataVersion(rows_and_digest[1]))
            return
        content = {key: digests.get(parse_month(key), (0, "empty")) for key in keys}
        for key, (rows, digest) in content.items():
            step.add_asset_metadata(
                {PARTITION_ROWS: rows, CONTENT: digest}, asset_key=context.asset_key, partition_key=key
            )
        now = {key: digest for key, (_, digest) in content.items()}
        version = _recorded_version(step.instance, context.asset_key, now) or _version(now)
        step.set_data_version(context.asset_key, dg.DataVersion(version))

    def load_input(self, context: dg.InputContext) -> ibis.Table:
        """The upstream table, lazily, on the step's engine."""
        table = self._table(context.asset_key)
        stored = delta.open_table(self.warehouse.path, table)
        months: list[dt.date] | None = None
        if context.has_asset_partitions:
            months = [parse_month(key) for key in context.asset_partition_keys]
        if stored is None:
            raise WarehouseError(_gone(context, table, delta.table_path(self.warehouse.path, table)))
        files = delta.files_of(stored, months)
        if months is not None:
            _refuse_lost_months(context, table, months, files)
        for file in files:
            if not Path(file).exists():
                raise WarehouseError(
                    f"{table.path}: {file} is in the Delta log but not on disk. Materialise {table.path} again."
                )
        on_duckdb = (context.definition_metadata or {}).get(ON_DUCKDB)
        engine = self.warehouse.duckdb if on_duckdb else self.warehouse.engine
        return engine(_step(context)).read(table, files)


class JsonIOManager(dg.IOManager):
    """Models and other small results as JSON, versioned by their content; see `artifacts.path_of`.

    A monthly one is a mapping from the run's months (`2020-09-01`) to values, a file each. Every content is kept.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write it atomically."""
        values = dict(obj) if context.has_asset_partitions else {None: obj}
        digest, written = hashlib.sha256(), []
        for month in sorted(values, key=str):
            path = artifacts.path_of(self.warehouse.path, context.asset_key.path, month)
            written.append(artifacts.write_json(path, values[month]))
            content = path.read_text(encoding="utf-8")
            digest.update(content.encode())
            own = hashlib.sha256(content.encode()).hexdigest()[:16]
            artifacts.write_text(
                artifacts.kept_path(self.warehouse.path, context.asset_key.path, own), content
            )
            context.step_context.add_asset_metadata(
                {CONTENT: own}, asset_key=context.asset_key, partition_key=month
            )
        version = dg.DataVersion(digest.hexdigest()[:16])
        context.step_context.set_data_version(context.asset_key, version)
        sizes = [path.stat().st_size for path in written]
        context.add_output_metadata({"dagster/uri": str(written[-1]), "bytes": sum(sizes)} if written else {})

    def load_input(self, context: dg.InputContext) -> Any:
        """Read it back."""
        key = context.asset_key.path
        if not context.has_asset_partitions:
            return artifacts.read_json(artifacts.path_of(self.warehouse.path, key))
        months = context.asset_partition_keys
        return {m: artifacts.read_json(artifacts.path_of(self.warehouse.path, key, m)) for m in months}


def _told(table: Table, months: Sequence[dt.date], digests: Mapping[dt.date | None, tuple[int, str]]) -> str:
    """What was written, for who reads the log of a run."""
    span = f" for {months[0]:%Y-%m}" if months else ""
    span += f" to {months[-1]:%Y-%m}" if len(months) > 1 else ""
    return f"{table.path}: {sum(rows for rows, _ in digests.values()):,} rows{span}"


def preview(table: Table, files: list[str]) -> str:
    """The first rows as a markdown table for the UI, read from the file itself: no engine has to be asked."""
    names = [column.name for column in table.columns]
    batches = (
        batch for file in files for batch in pq.ParquetFile(file).iter_batches(PREVIEW_ROWS, columns=names)
    )
    first: list[dict[str, Any]] = next((batch.to_pylist() for batch in batches if batch.num_rows), [])
    return markdown.table(names, [[_shown(name, row[name]) for name in names] for row in first])


def _shown(name: str, value: object) -> str:
    return "…" if name in PERSONAL else _cell(value)


def _cell(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _step(context: dg.OutputContext | dg.InputContext) -> str:
    step = context.step_context
    return f"{step.run_id}:{step.step.key}"


def latest_record(
    instance: dg.DagsterInstance, key: dg.AssetKey, month: str | None = None, before: int | None = None
) -> dg.EventLogRecord | None:
    """The latest materialisation of an asset (of a month; before a storage id), if there is one."""
    wanted = dg.AssetRecordsFilter(key, [month] if month else None, before_storage_id=before)
    records = instance.fetch_materializations(wanted, limit=1).records
    return records[0] if records else None


def latest_by_month(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, dg.EventLogRecord]:
    """The latest materialisation of each month of an asset, in two queries instead of one per month."""
    made = dg.DagsterEventType.ASSET_MATERIALIZATION
    ids = list(instance.event_log_storage.get_latest_storage_id_by_partition(key, made).values())
    if not ids:
        return {}
    wanted = dg.AssetRecordsFilter(key, storage_ids=ids)
    records = instance.fetch_materializations(wanted, limit=len(ids)).records
    return {record.partition_key: record for record in records if record.partition_key}


def version_of(record: dg.EventLogRecord | None) -> str | None:
    """The data version that a materialisation carries."""
    event = record.asset_materialization if record else None
    return (event.tags or {}).get(DATA_VERSION) if event else None


def content_of(record: dg.EventLogRecord | None) -> str | None:
    """The digest of what a month of a table holds, whichever months were made with it in one run."""
    event = record.asset_materialization if record else None
    found = event.metadata.get(CONTENT) if event else None
    return None if found is None else str(found.value)


def _version(content: Mapping[str, str]) -> str:
    if len(content) == 1:
        return next(iter(content.values()))
    text = "\n".join(f"{key} {digest}" for key, digest in sorted(content.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _recorded(
    instance: dg.DagsterInstance, key: dg.AssetKey, partitions: Sequence[str]
) -> dict[str, dg.AssetMaterialization]:
    """The latest materialisation of each of these partitions."""
    found: dict[str, dg.AssetMaterialization] = {}
    cursor, more = None, True
    while more and len(found) < len(partitions):
        result = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=key, asset_partitions=list(partitions)), limit=200, cursor=cursor
        )
        for record in result.records:
            event = record.asset_materialization
            if event is not None and event.partition is not None:
                found.setdefault(event.partition, event)
        cursor, more = result.cursor, result.has_more
    return found


def _recorded_version(
    instance: dg.DagsterInstance, key: dg.AssetKey, content: Mapping[str, str]
) -> str | None:
    """The version these months already carry, where their content is unchanged: equal content, equal version."""
    events = _recorded(instance, key, list(content))
    versions = set()
    for partition, digest in content.items():
        event = events.get(partition)
        if event is None or CONTENT not in event.metadata or event.metadata[CONTENT].value != digest:
            return None
        versions.add((event.tags or {}).get(DATA_VERSION))
    return versions.pop() if len(versions) == 1 else None


def _gone(context: dg.InputContext, table: Table, path: Path) -> str:
    recorded = context.instance.get_latest_materialization_event(context.asset_key)
    mend = f"Materialise it again: `hm run --select key:{table.path}`."
    if recorded is None:
        return f"{table.path} has not been materialised yet (no table at {path}). {mend}"
    return f"{table.path} was recorded by run {recorded.run_id}, but its table at {path} is gone. {mend}"


def _refuse_lost_months(
    context: dg.InputContext, table: Table, months: Sequence[dt.date], files: Sequence[str]
) -> None:
    """Refuse a month that was recorded with rows and has no file, and one that was left out between others."""
    there = {month for month in months if any(f"month={month}" in file for file in files)}
    without = [month for month in months if month not in there]
    if not without:
        return
    recorded = _recorded(context.instance, context.asset_key, [month.isoformat() for month in without])
    for month in without:
        event = recorded.get(month.isoformat())
        rows = event.metadata.get(PARTITION_ROWS) if event else None
        if rows is not None and rows.value:
            raise WarehouseError(
                f"{table.path}: month {month:%Y-%m} was recorded with {rows.value:,} rows, and the table has none "
                f"of them. Materialise it again: `hm run --select key:{table.path} --month {month:%Y-%m}`."
            )
        if event is None and there and month < max(there):
            raise WarehouseError(
                f"{table.path}: month {month:%Y-%m} has not been materialised, but {max(there):%Y-%m} has; a history "
                f"with a hole would give wrong figures. Materialise it: `hm run --select key:{table.path}`."
            )
