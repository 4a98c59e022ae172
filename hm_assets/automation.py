"""When assets are made without a click: one policy for all of them, its sensor, the schedules, and the executor.

The policy asks for an asset (of a month) when the content of one of its inputs moved or its own code did, and
every blocking check above it passed. Each part answers something that was seen to go wrong with `eager()` alone:

- `eager()` asks again when an input was merely made anew with equal content: the data versions are compared instead.
- `eager()` looks at the latest month only, so a corrected old month would never be made again: that clause is dropped.
- `eager()` ignores a blocking check that failed at an earlier tick: `all_deps_blocking_checks_passed` holds the flow.

- `eager()` waits for missing inputs, and an asset without months that reads all of them (rejects, a model) would wait
  for months that hold nothing yet: for assets without months that clause is dropped.

The policy follows changes, and a change is seen once: what a run that died left behind, or a step that failed for want
of memory, is asked for again by nobody. The schedules are the net below it: they ask for what is out of date, by the
rule of `hm run`, and hold no list of assets.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import dagster as dg

from hm_assets import runs
from hm_assets.sources import assets as sources
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.schema import Table

AC = dg.AutomationCondition

# Their monthly tables and documents are those that people read, and the files that all begins with. A table without
# months may rightly stay as it is for a year; a month comes every month.
WATCHED = ("raw", "explore", "profiles", "recommendations", "playbooks")
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


def when_inputs_change(monthly: bool) -> dg.AutomationCondition[Any]:
    """Make an asset when an input's content or its own code changed, and every blocking check above it passed."""
    condition: Any = (
        AC.eager()
        .without(AC.in_latest_time_window())
        .replace("any_deps_updated", AC.any_deps_match(AC.data_version_changed()) | AC.code_version_changed())
    )
    if not monthly:
        condition = condition.without(~AC.any_deps_missing())
    condition = (condition & AC.all_deps_blocking_checks_passed()).with_label("when_inputs_change")
    return cast("dg.AutomationCondition[Any]", condition)


def with_policy(assets: Iterable[Any]) -> Sequence[Any]:
    """Apply the policy to everything that Dagster makes, and say how old what people read may become."""

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        monthly = spec.partitions_def is not None
        spec = spec.replace_attributes(automation_condition=when_inputs_change(monthly))
        return dg.apply_freshness_policy(spec, FRESH) if monthly and spec.group_name in WATCHED else spec

    return [asset.map_asset_specs(apply) for asset in assets]


SENSOR = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    # A change goes down one level of the graph per tick.
    minimum_interval_seconds=10,
    description="Makes what changed inputs ask for; see hm_assets/automation.py.",
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
        stored = runs.stored_months(warehouse, tables)
        try:
            batch = _first_batch(repository.asset_graph, context.instance, stored, selection)
        except HmAssetsError as error:
            return dg.SkipReason(str(error))
        if batch is None:
            return dg.SkipReason("everything is up to date")
        return dg.RunRequest(asset_selection=list(batch.keys), tags=runs.tags_of(batch))

    return ask


def _first_batch(
    graph: Any, instance: dg.DagsterInstance, stored: runs.Stored, selection: str | None
) -> runs.Batch | None:
    """What can be made now of all that is out of date; the policy takes what lies below it, else the next cycle."""
    offered = {parse_month(key) for key in MONTHS.get_partition_keys()}
    there = {parse_month(month) for month in stored(dg.AssetKey(["raw", "transactions"])) or ()} & offered
    told = {parse_month(month) for month in instance.get_materialized_partitions(sources.TRANSACTIONS.key)}
    if not told & offered:
        raise HmAssetsError("nothing has landed yet; `hm run` or the landing sensor begins")
    latest = max(there or told & offered)
    history = [month for month in runs.history(instance, told | there, latest) if month in offered]
    planner = runs.Planner(graph, instance, history, [latest], selection, stored)
    return next(planner.batches(), None)


# A fork server starts a step in half the time of a new interpreter; two steps at once fit in 24 GB.
EXECUTOR = dg.multiprocess_executor.configured({"max_concurrent": 2, "start_method": {"forkserver": {}}})
