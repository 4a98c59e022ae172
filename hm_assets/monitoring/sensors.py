"""The sensors that watch: a failed run and a refused landing zone become incidents, once each."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from hm_assets.monitoring import incidents
from hm_assets.monitoring.faults import Fault, faults_of
from hm_assets.monitoring.incidents import Incident
from hm_assets.raw import refusal
from hm_assets.warehouse.resources import Warehouse

# To post one to a webhook that is away takes 19 of the 60 seconds that Dagster gives a tick.
MOST_AT_ONCE = 2
TOLD = {
    dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.STEP_FAILURE,
}


@dg.run_failure_sensor(
    name="run_incidents",
    # `hm run` makes assets in its own process, which Dagster counts to no code location.
    monitor_all_code_locations=True,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes an incident for every run that fails, and posts it to HM_INCIDENT_WEBHOOK.",
)
def run_incidents(context: dg.RunFailureSensorContext, warehouse: dg.ResourceParam[Warehouse]) -> None:
    repository = context.repository_def
    graph = repository.asset_graph if repository else None
    incident = of_run(context.instance, context.dagster_run, graph, warehouse)
    written = incidents.report(warehouse.path, incident, warehouse.settings.incident_webhook)
    if written:
        context.log.warning(f"{incident.title}. See {written}")


def of_run(instance: dg.DagsterInstance, run: dg.DagsterRun, graph: Any, warehouse: Warehouse) -> Incident:
    """The incident of a failed run; `graph` is the asset graph, from which follows what lies below."""
    entries = instance.all_logs(run.run_id, of_type=TOLD)
    events = [entry.dagster_event for entry in entries if entry.dagster_event is not None]
    planned = _keys(events, "ASSET_MATERIALIZATION_PLANNED")
    made = _keys(events, "ASSET_MATERIALIZATION")
    faults = tuple(faults_of(events))
    failed = {dg.AssetKey.from_user_string(fault.asset) for fault in faults if "/" in fault.asset}
    record = instance.get_run_record_by_id(run.run_id)
    ended = (record.end_time if record else None) or 0.0
    return Incident(
        kind=incidents.RUN,
        at=dt.datetime.fromtimestamp(ended, dt.UTC),
        cause=run.run_id,
        faults=faults,
        months=_months(run.tags),
        not_made=_names(planned - made),
        held_back=_names(_below(graph, failed | (planned - made)) - planned),
        documents=incidents.last_good(warehouse.settings.reports_dir),
        to_do=incidents.advice(faults, run.run_id),
    )


def _keys(events: Iterable[dg.DagsterEvent], kind: str) -> set[dg.AssetKey]:
    return {event.asset_key for event in events if event.event_type_value == kind and event.asset_key}


def _names(keys: Iterable[dg.AssetKey]) -> tuple[str, ...]:
    return tuple(sorted(key.to_user_string() for key in keys))


def _months(tags: Any) -> str:
    first = tags.get(ASSET_PARTITION_RANGE_START_TAG) or tags.get(PARTITION_NAME_TAG) or ""
    last = tags.get(ASSET_PARTITION_RANGE_END_TAG) or first
    return first[:7] if first == last else f"{first[:7]} to {last[:7]}"


def _below(graph: Any, keys: set[dg.AssetKey]) -> set[dg.AssetKey]:
    found: set[dg.AssetKey] = set()
    waiting = [key for key in keys if graph is not None and graph.has(key)]
    while waiting:
        children = graph.get(waiting.pop()).child_keys - found
        found |= children
        waiting += children
    return found


@dg.sensor(
    name="landing_incidents",
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes an incident for the landing zone, or a file of it, that cannot be read: once for each file and "
    "reason; and notes in it when that is mended.",
)
def landing_incidents(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SkipReason:
    told, now = _told(context.cursor), dt.datetime.now(dt.UTC)
    refused = {_cause(each): each for each in refusal.read(warehouse.path)}
    still, words = {cause: name for cause, name in told.items() if cause in refused}, []
    if any(not each.file for each in refused.values()):
        # As long as the folder is refused, nothing is known of its files.
        still = told
    for cause in [cause for cause in refused if cause not in told][:MOST_AT_ONCE]:
        incident = of_landing(refused[cause], cause, now, warehouse)
        incidents.report(warehouse.path, incident, warehouse.settings.incident_webhook)
        still = {**still, cause: incident.name}
        words.append(f"{refused[cause].reason} See {warehouse.path / incidents.FOLDER / incident.name}.md")
    for cause in sorted(told.keys() - still.keys()):
        incidents.mend(warehouse.path, told[cause], now)
        words.append(f"{told[cause]} is mended")
    context.update_cursor(json.dumps(still, sort_keys=True))
    words += [f"{each.reason} It was told before" for cause, each in refused.items() if cause in told]
    return dg.SkipReason("; ".join(words) or "all files of the landing zone can be read")


def _told(cursor: str | None) -> dict[str, str]:
    """The incidents whose cause is still there: cause -> name."""
    return dict(json.loads(cursor)) if cursor and cursor.startswith("{") else {}


def _cause(refused: refusal.Refusal) -> str:
    return hashlib.sha256(f"{refused.file}\n{refused.reason}".encode()).hexdigest()


def of_landing(refused: refusal.Refusal, cause: str, now: dt.datetime, warehouse: Warehouse) -> Incident:
    """The incident of a landing zone that cannot be read, or of a file of it."""
    of_zone = "nothing that landed since is taken up; all that was made before stays as it is"
    of_file = (
        f"{refused.file} counts as what it was when it could last be read, a new file not at all; all other files are "
        "taken up"
    )
    return Incident(
        kind=incidents.LANDING,
        at=now,
        cause=cause,
        faults=(Fault(refused.file or "The landing zone", refused.reason),),
        months="",
        not_made=(),
        held_back=(of_file if refused.file else of_zone,),
        documents=incidents.last_good(warehouse.settings.reports_dir),
        to_do=("Do what the sentence above says; the sensor looks again within a minute.",),
    )


SENSORS = (run_incidents, landing_incidents)
