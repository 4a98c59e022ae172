"""Which assets and months are missing or out of date, and in which order they are made.

What is out of date is Dagster's own answer, the one that the UI shows as "unsynced"; nothing else is made.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.data_version import (
    CachingStaleStatusResolver,
    DataProvenance,
    StaleStatus,
    get_input_event_pointer_tag,
)
from dagster._core.definitions.events import AssetKeyPartitionKey
from dagster._core.loader import LoadingContext
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.calendar import contiguous, months_between, parse_month
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.io_manager import PARTITION_ROWS, latest_by_month, latest_record, version_of
from hm_assets.warehouse.schema import MONTH, Table

# A plain run makes these for every month; what stands below them is made for the latest month.
EVERY_MONTH = ("raw", "customers", "articles", "features", "segments")
ALSO_EVERY_MONTH = ("monitoring/model_quality", "forecasts/demand_history")
# Tables of these stages that are nevertheless made for the latest month only: many rows, or minutes of work.
BUT_LATEST = ("features/affinities", "features/age_estimates", "features/imputed_age_scores")
# An asset that is out of date again after having been made twice is not going to change that by a third time.
MOST_OFTEN = 2
# The kind of the assets that are kept as JSON beside the tables.
ARTIFACT = "json"

Stored = Callable[[dg.AssetKey], set[str] | None]


@dataclass(frozen=True)
class Batch:
    """Assets that one Dagster run makes, for one range of months (None where none of them is monthly)."""

    keys: tuple[dg.AssetKey, ...]
    months: tuple[dt.date, dt.date] | None

    @property
    def tags(self) -> dict[str, str]:
        """How a run is told its months."""
        if self.months is None:
            return {}
        first, last = (month.isoformat() for month in self.months)
        return {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}


class _Loading(LoadingContext):
    """What Dagster's resolver wants to cache its reads in."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance, self._loaders = instance, {}  # type: ignore[var-annotated]

    @property
    def instance(self) -> dg.DagsterInstance:
        return self._instance

    @property
    def loaders(self):  # type: ignore[no-untyped-def]
        return self._loaders


class _Resolver(CachingStaleStatusResolver):
    """Dagster's resolver, which asks the log anew for each input and month of each asset: thousands of times."""

    def __init__(self, instance: dg.DagsterInstance, graph: Any) -> None:
        super().__init__(instance, graph, _Loading(instance))
        self._latest: dict[dg.AssetKey, dict[str, dg.EventLogRecord]] = {}

    def _get_latest_data_version_record(self, key: AssetKeyPartitionKey) -> dg.EventLogRecord | None:
        if key.partition_key is None:
            return super()._get_latest_data_version_record(key=key)
        if key.asset_key not in self._latest:
            self._latest[key.asset_key] = latest_by_month(self._instance, key.asset_key)
        return self._latest[key.asset_key].get(key.partition_key)

    def _is_dep_updated(self, provenance: DataProvenance, dep_key: AssetKeyPartitionKey) -> bool:
        seen = provenance.input_storage_ids[dep_key.asset_key]
        if dep_key.partition_key and seen is not None:
            # The latest record is read once for all who depend on it; most have not moved since.
            latest = self._get_latest_data_version_record(key=dep_key)
            if latest is not None and latest.storage_id <= seen:
                return False
        return super()._is_dep_updated(provenance, dep_key)


class Planner:
    """Finds what is missing or out of date among selected assets and months."""

    def __init__(
        self,
        defs: Any,
        instance: dg.DagsterInstance,
        history: Sequence[dt.date],
        latest: Sequence[dt.date],
        selection: str | None = None,
        stored: Stored = lambda _: None,
    ) -> None:
        """Months of the history are asked of the stages of `EVERY_MONTH` (not `BUT_LATEST`), `latest` of the others.

        `stored` tells which months of a table are on disk; see `stored_months`. `defs` are definitions, or their graph.
        """
        self.graph = defs.resolve_asset_graph() if isinstance(defs, dg.Definitions) else defs
        self.instance = instance
        self.history, self.latest = list(history), list(latest)
        self.stored = stored
        keys = _selected(self.graph, selection)
        # What one step makes together is made together.
        keys = {other for key in keys for other in {key, *self.graph.get(key).execution_set_asset_keys}}
        self.keys = [
            key
            for level in self.graph.toposorted_asset_keys_by_level
            for key in sorted(level)
            if key in keys and self.graph.get(key).is_executable
        ]
        if not self.keys:
            raise HmAssetsError(f"--select {selection}: no asset matches; `hm run --help` shows the syntax")

    def work(self) -> dict[dg.AssetKey, list[dt.date]]:
        """The assets to make, in order, with their months (empty where an asset is not monthly)."""
        resolver = _Resolver(self.instance, self.graph)
        failed_runs = self._failed_runs()

        def is_due(key: dg.AssetKey, month: str | None, stored: set[str] | None, failed: set[str]) -> bool:
            return (
                resolver.get_status(key, month) is not StaleStatus.FRESH
                or self._overlooked(key, month)
                or self._is_lost(key, month, stored)
                or self._made_by(key, month, failed)
            )

        found: dict[dg.AssetKey, list[dt.date]] = {}
        for key in self.keys:
            stored, failed = self.stored(key), failed_runs[key]
            if self.graph.get(key).is_partitioned:
                months = [m for m in self._months_of(key) if is_due(key, m.isoformat(), stored, failed)]
                if months:
                    found[key] = months
            elif is_due(key, None, stored, failed):
                found |= {other: [] for other in {key, *self.graph.get(key).execution_set_asset_keys}}
        return found

    def _is_lost(self, key: dg.AssetKey, month: str | None, stored: set[str] | None) -> bool:
        """Whether this warehouse lacks what was recorded: the table, a month that had rows, or a model."""
        artifact = ARTIFACT in self.graph.get(key).kinds
        if (stored is None and not artifact) or (month or "") in (stored or ()):
            return False
        event = _event(latest_record(self.instance, key, month))
        if event is None or month is None or artifact:
            return event is not None
        if "" not in (stored or ()):
            return True
        rows = event.metadata.get(PARTITION_ROWS)
        return rows is not None and bool(rows.value)

    def _failed_runs(self) -> dict[dg.AssetKey, set[str]]:
        """The runs whose blocking checks of an asset failed, or did not come to be asked because the run was killed.

        What they made is made again, so that nothing below passes by a check. All checks are asked for at once.
        """
        checks = [
            check
            for key in self.keys
            for check in self.graph.get(key).check_keys
            if self.graph.get(check).blocking
        ]
        found: dict[dg.AssetKey, set[str]] = {key: set() for key in self.keys}
        asked = frozenset(checks)
        log, passed = self.instance.event_log_storage, AssetCheckExecutionRecordStatus.SUCCEEDED
        for check, record in log.get_latest_asset_check_execution_by_key(checks).items():
            # Asked by names of assets and of checks, it answers for every pair of them.
            if check in asked and record.status is not passed:
                found[check.asset_key].add(record.run_id)
        # What passed for another month since says nothing of the month that failed.
        by_month = [check for check in checks if self.graph.get(check).partitions_def is not None]
        for month in log.get_asset_check_partition_info(by_month):
            if month.partition_key and month.latest_execution_status is not passed:
                found[month.check_key.asset_key].add(month.latest_planned_run_id)
        return found

    def _made_by(self, key: dg.AssetKey, month: str | None, runs: set[str]) -> bool:
        record = latest_record(self.instance, key, month) if runs else None
        return record is not None and record.run_id in runs

    def _overlooked(self, key: dg.AssetKey, month: str | None) -> bool:
        """Whether an input changed in a way that Dagster 1.13 does not compare.

        It skips two cases that this graph has: files reported by month (it looks for observations of an external
        asset, and automation sees materialisations only), and an asset without months that reads all months.
        """
        parents = [k for k in self.graph.get(key).parent_keys if self.graph.get(k).is_partitioned]
        if month is not None:
            parents = [k for k in parents if self.graph.get(k).is_external]
        made = latest_record(self.instance, key, month) if parents else None
        event = made.asset_materialization if made else None
        if made is None or event is None:
            return False
        for parent in parents:
            pointer = (event.tags or {}).get(get_input_event_pointer_tag(parent), "")
            seen = int(pointer) if pointer.isdigit() else made.storage_id
            if any(
                version_of(latest_record(self.instance, parent, moved))
                != version_of(latest_record(self.instance, parent, moved, before=seen + 1))
                for moved in self._made_since(parent, seen, month)
            ):
                return True
        return False

    def _made_since(self, key: dg.AssetKey, seen: int, month: str | None) -> set[str]:
        """The months of an asset (or this month, if so) that were made or reported after an event."""
        wanted = dg.AssetRecordsFilter(key, [month] if month else None, after_storage_id=seen)
        found: set[str] = set()
        cursor, more = None, True
        while more:
            result = self.instance.fetch_materializations(wanted, limit=500, cursor=cursor)
            found |= {record.partition_key for record in result.records if record.partition_key}
            cursor, more = result.cursor, result.has_more
        return found

    def _months_of(self, key: dg.AssetKey) -> list[dt.date]:
        path = "/".join(key.path)
        every = (key.path[0] in EVERY_MONTH and path not in BUT_LATEST) or path in ALSO_EVERY_MONTH
        return self.history if every else self.latest

    def batches(self) -> Iterator[Batch]:
        """Batches to run, one after the other; each is planned when the ones before it have been made.

        Whether something further down is out of date shows when what stands above it has been made: equal content
        changes nothing below.
        """
        made: Counter[tuple[dg.AssetKey, dt.date | None]] = Counter()
        while work := self._not_in_vain(self.work(), made):
            batch = self._next(work)
            months = list(months_between(*batch.months)) if batch.months else []
            for key in batch.keys:
                made.update((key, month) for month in (months if work[key] else [None]))
            yield batch

    def _not_in_vain(
        self,
        work: dict[dg.AssetKey, list[dt.date]],
        made: Mapping[tuple[dg.AssetKey, dt.date | None], int],
    ) -> dict[dg.AssetKey, list[dt.date]]:
        """Leave out what is out of date again after having been made twice: a third time would not change that."""
        kept = {
            key: [month for month in months if made.get((key, month), 0) < MOST_OFTEN]
            for key, months in work.items()
            if months or made.get((key, None), 0) < MOST_OFTEN
        }
        return {key: months for key, months in kept.items() if months or not work[key]}

    def _next(self, work: dict[dg.AssetKey, list[dt.date]]) -> Batch:
        """What can share one run: the same months, and nothing that waits for an asset outside of the run."""
        keys: list[dg.AssetKey] = []
        months: tuple[dt.date, dt.date] | None = None
        waits: set[dg.AssetKey] = set()
        for key in self.keys:
            parents = self.graph.get(key).parent_keys
            spans = contiguous(work.get(key, []))
            fits = key in work and not waits & parents and (not spans or months in (None, spans[0]))
            if fits:
                keys.append(key)
                months = months or (spans[0] if spans else None)
            # What lies below an asset with more to make waits for all of it.
            if (key in work and (not fits or len(spans) > 1)) or (
                key not in work and parents & (waits | set(keys))
            ):
                waits.add(key)
        return Batch(tuple(keys), months)


def _selected(graph: Any, selection: str | None) -> set[dg.AssetKey]:
    if selection is None:
        return set(dg.AssetSelection.all().resolve(graph))
    try:
        return set(dg.AssetSelection.from_string(selection).resolve(graph))
    except dg.DagsterError as error:
        raise HmAssetsError(f"--select {selection}: {str(error).splitlines()[0]}") from error


def _event(record: dg.EventLogRecord | None) -> dg.AssetMaterialization | None:
    return record.asset_materialization if record else None


def stored_months(warehouse: Path, tables: Mapping[str, Table]) -> Stored:
    """Tells of an asset what its table holds on disk: "" that there is one, and its months; nothing where it is gone.

    Of a model or another small result the same by its files; None where there are none, as of what is no such thing.
    """

    def stored(key: dg.AssetKey) -> set[str] | None:
        table = tables.get("/".join(key.path))
        if table is None:
            path = artifacts.path_of(warehouse, key.path)
            months = {month.stem for month in path.with_suffix("").glob("*.json")}
            return {""} if path.exists() else months or None
        found = delta.open_table(warehouse, table)
        if found is None:
            return set()
        lost = delta.lost_files(found)
        if not table.monthly:
            return set() if lost else {""}
        months = {part[MONTH] for part in found.partitions()}
        return {"", *(month for month in months if not any(f"{MONTH}={month}/" in file for file in lost))}

    return stored


def history(instance: dg.DagsterInstance, months: Iterable[dt.date], latest: dt.date) -> list[dt.date]:
    """The months to bring up to date: those with data up to `latest`, and later ones that were ingested before.

    What was ingested is in the tables: left as it was while its files changed, it would speak for files that are gone.
    """
    key = dg.AssetKey(["raw", "transactions"])
    ingested = {parse_month(month) for month in instance.get_materialized_partitions(key)}
    wanted = ingested | {month for month in months if month <= latest}
    return list(months_between(min(wanted), max(wanted)))
