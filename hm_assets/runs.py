"""Runs of `hm run`: making a batch, its steps as they go, what came of it, and the end of runs that were killed.

Everything is recorded on the warehouse's instance, so the UI shows the same runs.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from hm_assets.monitoring.faults import asset_of, faults_of
from hm_assets.planning import Batch
from hm_assets.warehouse import lock
from hm_assets.warehouse.errors import WarehouseError

# Marks the runs of this command, which end with its process.
MADE_BY = {"hm_assets/made_by": "hm run"}
AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]

STARTED, SUCCEEDED, FAILED = "started", "succeeded", "failed"
_OF_STEPS = {
    dg.DagsterEventType.STEP_START: STARTED,
    dg.DagsterEventType.STEP_SUCCESS: SUCCEEDED,
    dg.DagsterEventType.STEP_FAILURE: FAILED,
}
POLL_SECONDS = 0.5


def execute(
    defs: dg.Definitions, instance: dg.DagsterInstance, batch: Batch, run_id: str
) -> dg.ExecuteInProcessResult:
    """Make a batch in this process, as one run on the instance."""
    job = defs.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=list(batch.keys),
        tags=MADE_BY | batch.tags,
        raise_on_error=False,
        run_id=run_id,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def steps(instance: dg.DagsterInstance, run_id: str, done: threading.Event) -> Iterator[tuple[str, str]]:
    """The steps of a run as they start and end, until it is `done`: name, and `STARTED`, `SUCCEEDED` or `FAILED`."""
    cursor: str | None = None
    last = False
    while not last:
        last = done.is_set()  # asked first: what comes before it is read below
        found = instance.get_records_for_run(run_id, cursor=cursor, of_type=set(_OF_STEPS))
        cursor = found.cursor
        for record in found.records:
            event = record.event_log_entry.dagster_event
            if event is not None and event.step_key:
                yield event.step_key, _OF_STEPS[event.event_type]
        if not last:
            done.wait(POLL_SECONDS)


def end_lost(instance: dg.DagsterInstance, tags: Mapping[str, str]) -> list[str]:
    """Tell Dagster of the runs whose process is no more that they failed, and return them; `tags` say which to look at.

    For whoever knows that none of them is alive. A run that seems to go on for ever would hold the daemon's queue.
    """
    lost = instance.get_runs(dg.RunsFilter(tags=dict(tags), statuses=AT_WORK))
    for run in lost:
        instance.report_run_failed(
            run, "The process of this run is gone: it was killed, or the machine stopped."
        )
    return [run.run_id for run in lost]


def end_all_lost(warehouse: Path) -> None:
    """Before a daemon starts: end the runs that an earlier one left when it was killed, unless somebody is at work."""
    with (
        contextlib.suppress(WarehouseError),
        lock.alone(warehouse, "hm ui", longest_wait=0.0),
        dg.DagsterInstance.get() as instance,
    ):
        end_lost(instance, {})


def notices(result: dg.ExecuteInProcessResult) -> list[str]:
    """What a user should hear of the rows that were read: how many were refused, how many ids were mended."""
    found = {}
    for event in result.all_events:
        if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            metadata = event.step_materialization_data.materialization.metadata
            for name, words in (
                ("refused_rows", "rows refused, see raw/rejects"),
                ("repaired_ids", "article ids had lost leading zeros; they have them again"),
            ):
                if name in metadata and metadata[name].value:
                    found[event.step_key, name] = (
                        f"{asset_of(event.step_key)}: {metadata[name].value:,} {words}"
                    )
    return list(found.values())


def faults(result: dg.ExecuteInProcessResult) -> list[str]:
    """What went wrong, one line each; see `monitoring/faults.py`."""
    # A check of several months says the same for each of them.
    return list(dict.fromkeys(str(fault) for fault in faults_of(result.all_events)))
