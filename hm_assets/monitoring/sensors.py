"""The sensors that watch: a failed run and a refused landing zone become incidents, once each."""

import datetime as dt
import hashlib
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
    description="Writes an incident when the landing zone cannot be read: once for each reason, not at every tick.",
)
def landing_incidents(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SkipReason:
    reason = refusal.read(warehouse.path)
    cause = hashlib.sha256(reason.encode()).hexdigest() if reason else ""
    if cause == (context.cursor or ""):
        return dg.SkipReason(reason or "the landing zone can be read")
    context.update_cursor(cause)
    if reason is None:
        return dg.SkipReason("the landing zone can be read again")
    incident = Incident(
        kind=incidents.LANDING,
        at=dt.datetime.now(dt.UTC),
        cause=cause,
        faults=(Fault("landing zone", reason),),
        months="",
        not_made=(),
        held_back=("nothing that landed since is taken up; all that was made before stays as it is",),
        documents=incidents.last_good(warehouse.settings.reports_dir),
        to_do=("Do what the sentence above says; the sensor looks again within a minute.",),
    )
    written = incidents.report(warehouse.path, incident, warehouse.settings.incident_webhook)
    return dg.SkipReason(f"{reason} See {written}")


SENSORS = (run_incidents, landing_incidents)
