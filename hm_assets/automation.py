"""When assets are made without a click: one policy for all of them, its sensor, the schedules, and the executor.

The policy asks for an asset (of a month) when the content of one of its inputs moved or its own code did, and
every blocking check above it passed. Each part answers something that was seen to go wrong with `eager()` alone:

- `eager()` asks again when an input was merely made anew with equal content: the data versions are compared instead.
- `eager()` looks at the latest month only, so a corrected old month would never be made again: that clause is dropped.
- `eager()` ignores a blocking check that failed at an earlier tick: the flow is held until it passes. What is asked for
  in the same run is not held for it: a new month has no result before, and in a run a failed check stops what is below.
  A month is held for its own checks: a sound December once let a November through whose rows were refused.
- `eager()` waits for missing inputs, and an asset without months that reads all of them (rejects, a model) would wait
  for months that hold nothing yet: for assets without months that clause is dropped.
- What follows by months from changed lines is asked for at once, as one run in the order of the lineage. A level per
  tick took minutes from a file to its segments, and made an asset twice whose inputs lie on different levels. Content
  that did not change still stops the flow where it matters: between raw and what follows, and around models.
- What cannot be in the same run (months on one side, none on the other) is waited for: `raw/deliveries` once compared
  new files with a table of old lines, and its check failed.
- `eager()` takes an update for the answer to every change before it, also to one that came after the step had read: a
  file that was replaced while its run was at work stayed unread. Such a change is asked for once more.
- A changed input without months (a model, names) asks for the months that were made before, and for no others:
  changed names once asked for the profiles of all months.

The policy follows changes, and a change is seen once: what a run that died left behind, or a step that failed for want
of memory, is asked for again by nobody. The schedules are the net below it: they ask for what is out of date, by the
rule of `hm run`, and hold no list of assets.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import dagster as dg
from dagster._core.storage.tags import AUTOMATION_CONDITION_TAG

from hm_assets import planning
from hm_assets.sources import assets as sources
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.partitions import MONTHS
from hm_assets.warehouse.schema import Table

AC = dg.AutomationCondition

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


def when_inputs_change(
    monthly: bool, along: dg.AssetSelection | None = None, apart: dg.AssetSelection | None = None
) -> dg.AutomationCondition[Any]:
    """Make an asset when an input's content or its own code changed, and every blocking check above it passed.

    `along` are the inputs that an asset follows in the same run; `apart` those that are never in the same run.
    """
    # What the same run made of an input, it has made use of.
    moved: Any = AC.data_version_changed() & ~AC.executed_with_root_target()
    changed: Any = AC.any_deps_match(moved)
    if along is not None:
        changed = changed.ignore(along)
    if monthly and apart is not None:
        changed = changed.ignore(apart) | (AC.any_deps_match(moved).allow(apart) & ~AC.missing())
    if along is not None:
        changed = changed | AC.any_deps_match(AC.will_be_requested()).allow(along)
    asked: Any = (AC.newly_missing() | changed | AC.code_version_changed()).since(_handled(changed))
    if along is not None:
        # What is followed moves in the run that makes the asset too. Dagster knows that of the last month of a run
        # only: for the others, that the asset was made is the answer.
        made = AC.newly_requested() | AC.newly_updated() | AC.initial_evaluation()
        asked = asked | AC.any_deps_match(moved).allow(along).since(made)
    condition: Any = asked & ~AC.any_deps_in_progress() & ~AC.in_progress()
    if monthly:
        condition = condition & ~AC.any_deps_missing()
    if apart is not None:
        # At the next tick such an input is in progress, and is waited for.
        its_inputs_changed: Any = AC.any_deps_match(AC.data_version_changed())
        its_files_changed: Any = AC.any_deps_match(AC.data_version_changed()).ignore(dg.AssetSelection.all())
        asked_too = its_inputs_changed | its_files_changed.since(_handled(its_files_changed))
        condition = condition & ~AC.any_deps_match(asked_too).allow(apart)
    # `all_deps_match` is content with one month of an input; of those that are read none may have failed.
    passed: Any = AC.all_checks_match(AC.check_passed(), blocking_only=True)
    failed: Any = AC.any_checks_match(AC.check_failed(), blocking_only=True)
    if along is None:
        checked: Any = AC.all_deps_match(passed) & ~AC.any_deps_match(failed)
    else:
        # In the same run a failed blocking check stops what lies below; a new month has no result of it before.
        to_be_made = AC.will_be_requested()
        checked = AC.all_deps_match(passed).ignore(along) & ~AC.any_deps_match(failed).ignore(along)
        checked = checked & AC.all_deps_match(passed | to_be_made).allow(along)
        checked = checked & ~AC.any_deps_match(failed & ~to_be_made).allow(along)
    condition = (condition & checked).with_label("when_inputs_change")
    return cast("dg.AutomationCondition[Any]", condition)


def _handled(changed: Any) -> Any:
    """Asked for, and nothing changed since; or made by `hm run`, a schedule or a click, which see what there is."""
    by_others = AC.newly_updated() & ~AC.executed_with_tags(tag_keys={AUTOMATION_CONDITION_TAG})
    return (AC.newly_requested() & ~changed) | by_others | AC.initial_evaluation()


def with_policy(assets: Iterable[Any]) -> Sequence[Any]:
    """Apply the policy to everything that Dagster makes, and say how old what people read may become."""
    assets = list(assets)
    specs = [spec for asset in assets for spec in asset.specs]
    by_month = dg.AssetSelection.assets(*(spec.key for spec in specs if spec.partitions_def is not None))
    without = dg.AssetSelection.assets(*(spec.key for spec in specs if spec.partitions_def is None))
    conditions = {
        True: when_inputs_change(True, along=by_month - dg.AssetSelection.groups(CUT_OFF), apart=without),
        False: when_inputs_change(False, apart=by_month),
    }

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        monthly = spec.partitions_def is not None
        spec = spec.replace_attributes(automation_condition=conditions[monthly])
        return dg.apply_freshness_policy(spec, FRESH) if monthly and spec.group_name in WATCHED else spec

    return [asset.map_asset_specs(apply) for asset in assets]


# Lines that were delivered again unchanged ask for nothing below this stage.
CUT_OFF = "raw"

SENSOR = dg.AutomationConditionSensorDefinition(
    "automation",
    # One sensor for all: what is asked for by two sensors is made before, and again after, what the other one makes.
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    # A tick looks at every asset and month, whether something happened or not: some four seconds of a core. Two of them
    # lie between a file and its segments, for which there are 90 seconds.
    minimum_interval_seconds=20,
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
