"""When assets are made without a click: one policy for all of them, its sensor, the schedules, and the executor.

What the policy asks for, and why each of its clauses is there, stands in `refresh.py`. It follows changes, and a change
is seen once: what a run that died left behind, or a step that failed for want of memory, is asked for again by nobody.
The schedules are the net below it: they ask for what is out of date, by the rule of `hm run`, and hold no list of
assets.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from hm_assets import planning
from hm_assets.refresh import when_inputs_change
from hm_assets.sources import assets as sources
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.schema import Table

# Their monthly tables and documents are those that people read, and the files that all begins with. A table without
# months may rightly stay as it is for a year; a month comes every month.
WATCHED = ("raw", "explore", "profiles", "forecasts", "recommendations", "playbooks")
FRESH = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(days=45), warn_window=dt.timedelta(days=35))
# A run that was killed can stand as under way for ever; nothing takes longer than this.
LONGEST_RUN = dt.timedelta(days=1)
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def with_policy(assets: Iterable[Any]) -> Sequence[Any]:
    """Apply the policy to everything that Dagster makes, and say how old what people read may become."""
    assets = list(assets)
    specs = [spec for asset in assets for spec in asset.specs]
    by_month = frozenset(spec.key for spec in specs if spec.partitions_def is not None)
    without = frozenset(spec.key for spec in specs if spec.partitions_def is None)
    raw = frozenset(spec.key for spec in specs if spec.group_name == CUT_OFF)
    conditions = {
        True: when_inputs_change(True, along=by_month - raw, apart=without),
        False: when_inputs_change(False, apart=by_month),
    }

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        monthly = spec.partitions_def is not None
        spec = spec.replace_attributes(automation_condition=conditions[monthly])
        return dg.apply_freshness_policy(spec, FRESH) if monthly and spec.group_name in WATCHED else spec

    return [asset.map_asset_specs(apply) for asset in assets]


# As long as the daemon keeps its own.
EVALUATIONS_KEPT = dt.timedelta(days=30)
# Lines that were delivered again unchanged ask for nothing below this stage.
CUT_OFF = "raw"


class Automation(dg.AutomationConditionSensorDefinition):
    """The automation's sensor. It tidies up what Dagster leaves behind when the code server evaluates conditions."""

    def evaluate_tick(self, context: dg.SensorEvaluationContext) -> Any:
        """As Dagster does it; logs are kept of ticks that asked for something, and evaluations for a while."""
        found = super().evaluate_tick(context)
        if not found.run_requests and context.log_key:
            context.instance.compute_log_manager.delete_logs(log_key=context.log_key)
        if found.automation_condition_evaluations and context.instance.schedule_storage:
            now = max(each.end_timestamp or 0.0 for each in found.automation_condition_evaluations)
            before = now - EVALUATIONS_KEPT.total_seconds()
            context.instance.schedule_storage.purge_asset_evaluations(before)
        return found


SENSOR = Automation(
    "automation",
    # One sensor for all: what is asked for by two sensors is made before, and again after, what the other one makes.
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    # Conditions of one's own are known there only.
    use_user_code_server=True,
    # Half a second of a core when nothing happened, one when something did. Two ticks lie between a file and its
    # segments, for which there are 90 seconds.
    minimum_interval_seconds=10,
    description="Makes what changed inputs ask for; see hm_assets/refresh.py.",
)

OUT_OF_DATE = dg.define_asset_job(
    "out_of_date",
    dg.AssetSelection.all(),
    description="What the schedules ask for; see hm_assets/automation.py.",
)


def schedules(warehouse: Path, tables: Mapping[str, Table]) -> list[dg.ScheduleDefinition]:
    """The monthly cycle and the weekly one."""
    # After a month's end there are five mornings: what one of them starts, the next one finds made or begins anew.
    return [
        cycle("monthly_cycle", "0 5 1-5 * *", None, warehouse, tables),
        cycle("weekly_recommendations", "0 4 * * 1", "group:recommendations", warehouse, tables),
    ]


def cycle(
    name: str, cron: str, selection: str | None, warehouse: Path, tables: Mapping[str, Table]
) -> dg.ScheduleDefinition:
    """A schedule (UTC) that asks for what is out of date in a selection, and for nothing where all is fresh."""

    @dg.schedule(
        name=name,
        cron_schedule=cron,
        job=OUT_OF_DATE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Asks for what is missing or out of date in {selection or 'the whole graph'}.",
    )
    def ask(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        repository = context.repository_def
        assert repository is not None
        since = context.scheduled_execution_time - LONGEST_RUN
        busy = dg.RunsFilter(statuses=UNDER_WAY, updated_after=since)
        if context.instance.get_runs_count(busy):
            return dg.SkipReason("a run is under way; what it leaves is asked for next time")
        stored = planning.stored_months(warehouse, tables)
        try:
            batch = _first_batch(repository.asset_graph, context.instance, stored, selection)
        except HmAssetsError as error:
            return dg.SkipReason(str(error))
        if batch is None:
            return dg.SkipReason("everything is up to date")
        return dg.RunRequest(asset_selection=list(batch.keys), tags=batch.tags)

    return ask


def _first_batch(
    graph: Any, instance: dg.DagsterInstance, stored: planning.Stored, selection: str | None
) -> planning.Batch | None:
    """What can be made now of all that is out of date; the policy takes what lies below it, else the next cycle."""
    offered = {parse_month(key) for key in MONTHS.get_partition_keys()}
    on_disk = stored(dg.AssetKey(["raw", "transactions"])) or set()
    there = {parse_month(month) for month in on_disk - {""}} & offered
    told = {parse_month(month) for month in instance.get_materialized_partitions(sources.TRANSACTIONS.key)}
    if not told & offered:
        raise HmAssetsError("nothing has landed yet; `hm run` or the landing sensor begins")
    latest = max(there or told & offered)
    history = [month for month in planning.history(instance, told | there, latest) if month in offered]
    planner = planning.Planner(graph, instance, history, [latest], selection, stored)
    return next(planner.batches(), None)


# A fork server starts a step in half the time of a new interpreter. Two runs go on at once, a step of each: at full
# scale one takes up to 8 GB, and DuckDB gives it every core.
EXECUTOR = dg.multiprocess_executor.configured({"max_concurrent": 1, "start_method": {"forkserver": {}}})


def executor(depth: str, engine: str) -> dg.ExecutorDefinition:
    """Processes for real work, which give their memory back; a quick run's steps are shorter than the start of one.

    On Spark all steps share a session, which is a process of its own and takes longer to start than most of them.
    """
    return dg.in_process_executor if depth == "quick" or engine == "spark" else EXECUTOR
