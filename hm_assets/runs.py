"""`hm run`: which assets and months are missing or out of date, in which order, and making them.

What is out of date is Dagster's own answer, the one that the UI shows as "unsynced"; nothing else is made.
Everything is recorded on the warehouse's instance, so the UI shows the same runs.
"""

import datetime as dt
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import dagster as dg
from dagster._core.definitions.data_version import (
    CachingStaleStatusResolver,
    StaleStatus,
    get_input_event_pointer_tag,
)
from dagster._core.loader import LoadingContext
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from hm_assets.warehouse.calendar import contiguous, parse_month
from hm_assets.warehouse.errors import HmAssetsError

# A plain run makes these for every month; what stands below them is made for the latest month.
EVERY_MONTH = ("raw", "customers", "articles", "features", "segments")
# An asset that is out of date again after having been made twice is not going to change that by a third time.
MOST_OFTEN = 2


@dataclass(frozen=True)
class Batch:
    """Assets that one Dagster run makes, for one range of months (None where none of them is monthly)."""

    keys: tuple[dg.AssetKey, ...]
    months: tuple[dt.date, dt.date] | None


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


def set_home(warehouse: Path) -> Path:
    """Name the warehouse's own Dagster instance to this process and its children, unless DAGSTER_HOME names one."""
    if "DAGSTER_HOME" in os.environ:
        return Path(os.environ["DAGSTER_HOME"])
    home = (warehouse / ".dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        with resources.as_file(resources.files("hm_assets").joinpath("dagster.yaml")) as template:
            shutil.copy(template, home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


class Planner:
    """Finds what is missing or out of date among selected assets and months."""

    def __init__(
        self,
        defs: dg.Definitions,
        instance: dg.DagsterInstance,
        history: Sequence[dt.date],
        latest: Sequence[dt.date],
        selection: str | None = None,
    ) -> None:
        """Months of the history are asked of the stages of `EVERY_MONTH`, `latest` of the others."""
        self.graph = defs.resolve_asset_graph()
        self.instance = instance
        self.history, self.latest = list(history), list(latest)
        selected = dg.AssetSelection.all() if selection is None else dg.AssetSelection.from_string(selection)
        keys = selected.resolve(self.graph)
        self.keys = [
            key
            for level in self.graph.toposorted_asset_keys_by_level
            for key in sorted(level)
            if key in keys and self.graph.get(key).is_executable
        ]
        if not self.keys:
            raise HmAssetsError(f"--select {selection}: no asset matches; `hm run --help` shows the syntax")

    def work(self, keys: Sequence[dg.AssetKey] | None = None) -> dict[dg.AssetKey, list[dt.date]]:
        """The assets to make, in order, with their months (empty where an asset is not monthly)."""
        resolver = CachingStaleStatusResolver(self.instance, self.graph, _Loading(self.instance))
        found: dict[dg.AssetKey, list[dt.date]] = {}
        for key in self.keys if keys is None else keys:
            if not self.graph.get(key).is_partitioned:
                if resolver.get_status(key) is not StaleStatus.FRESH or self._overlooked(key, None):
                    found[key] = []
                continue
            months = [
                month
                for month in self._months_of(key)
                if resolver.get_status(key, month.isoformat()) is not StaleStatus.FRESH
                or self._overlooked(key, month.isoformat())
            ]
            if months:
                found[key] = months
        return found

    def _overlooked(self, key: dg.AssetKey, month: str | None) -> bool:
        """Whether an input changed in a way that Dagster 1.13 does not compare.

        It skips two cases that this graph has: files reported by month (it looks for observations of an external
        asset, and automation sees materialisations only), and an asset without months that reads all months.
        """
        parents = [k for k in self.graph.get(key).parent_keys if self.graph.get(k).is_partitioned]
        if month is not None:
            parents = [k for k in parents if self.graph.get(k).is_external]
        made = self._latest(key, month) if parents else None
        event = made.asset_materialization if made else None
        if made is None or event is None:
            return False
        for parent in parents:
            pointer = (event.tags or {}).get(get_input_event_pointer_tag(parent), "")
            seen = int(pointer) if pointer.isdigit() else made.storage_id
            if any(
                _version(self._latest(parent, moved))
                != _version(self._latest(parent, moved, before=seen + 1))
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

    def _latest(
        self, key: dg.AssetKey, month: str | None, before: int | None = None
    ) -> dg.EventLogRecord | None:
        wanted = dg.AssetRecordsFilter(key, [month] if month else None, before_storage_id=before)
        records = self.instance.fetch_materializations(wanted, limit=1).records
        return records[0] if records else None

    def _months_of(self, key: dg.AssetKey) -> list[dt.date]:
        return self.history if key.path[0] in EVERY_MONTH else self.latest

    def batches(self) -> Iterator[Batch]:
        """Batches to run, one after the other; each is planned when the ones before it have been made.

        Whether something further down is out of date shows when what stands above it has been made: equal content
        changes nothing below.
        """
        made: Counter[dg.AssetKey] = Counter()
        while work := {key: months for key, months in self.work().items() if made[key] < MOST_OFTEN}:
            batch = self._next(work)
            made.update(batch.keys)
            yield batch

    def _next(self, work: dict[dg.AssetKey, list[dt.date]]) -> Batch:
        """What can share one run: the same months, and nothing that waits for an asset outside of the run."""
        keys: list[dg.AssetKey] = []
        months: tuple[dt.date, dt.date] | None = None
        waits: set[dg.AssetKey] = set()
        for key in self.keys:
            parents = self.graph.get(key).parent_keys
            span = contiguous(work[key])[0] if work.get(key) else None
            fits = key in work and not waits & parents and (span is None or months in (None, span))
            if fits:
                keys.append(key)
                months = months or span
            elif key in work or parents & (waits | set(keys)):
                waits.add(key)
        return Batch(tuple(keys), months)


def _version(record: dg.EventLogRecord | None) -> str | None:
    event = record.asset_materialization if record else None
    return (event.tags or {}).get("dagster/data_version") if event else None


def history(instance: dg.DagsterInstance, months: Iterable[dt.date], latest: dt.date) -> list[dt.date]:
    """The months to bring up to date: those with data up to `latest`, and later ones that were ingested before.

    What was ingested is in the tables: left as it was while its files changed, it would speak for files that are gone.
    """
    ingested = instance.get_materialized_partitions(dg.AssetKey(["raw", "transactions"]))
    return sorted({m for m in months if m <= latest} | {parse_month(m) for m in ingested})


def execute(
    defs: dg.Definitions, instance: dg.DagsterInstance, batch: Batch, run_id: str
) -> dg.ExecuteInProcessResult:
    """Make a batch in this process, as one run on the instance."""
    tags = {}
    if batch.months is not None:
        first, last = (month.isoformat() for month in batch.months)
        tags = {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}
    job = defs.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=list(batch.keys),
        tags=tags,
        raise_on_error=False,
        run_id=run_id,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def faults(result: dg.ExecuteInProcessResult) -> list[str]:
    """What went wrong, one line each: the innermost message of a failed step, or the checks that did not pass."""
    found = []
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None:
                message = error.message.strip()
                found.append(f"{_asset_name(event.step_key)}: {message.removeprefix(_class_prefix(message))}")
    return found


def _asset_name(step_key: str | None) -> str:
    return (step_key or "run").replace("__", "/", 1)


def _class_prefix(message: str) -> str:
    """`hm_assets.warehouse.errors.LandingError: ` and the like, which says nothing to a reader."""
    head, colon, _ = message.partition(": ")
    return head + colon if head.startswith("hm_assets.") and " " not in head else ""
