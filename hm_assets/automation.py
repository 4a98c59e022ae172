"""When assets are made without a click: one policy for all of them, its sensor, and the executor.

The policy asks for an asset (of a month) when the content of one of its inputs moved or its own code did, and
every blocking check above it passed. Each part answers something that was seen to go wrong with `eager()` alone:

- `eager()` asks again when an input was merely made anew with equal content: the data versions are compared instead.
- `eager()` looks at the latest month only, so a corrected old month would never be made again: that clause is dropped.
- `eager()` ignores a blocking check that failed at an earlier tick: `all_deps_blocking_checks_passed` holds the flow.

- `eager()` waits for missing inputs, and an asset without months that reads all of them (rejects, a model) would wait
  for months that hold nothing yet: for assets without months that clause is dropped.
- What follows by months from changed lines is asked for at once, as one run in the order of the lineage. A level per
  tick took minutes from a file to its segments, and made an asset twice whose inputs lie on different levels. Content
  that did not change still stops the flow where it matters: between raw and what follows, and around models.
- What cannot be in the same run (months on one side, none on the other) is waited for: `raw/deliveries` once compared
  new files with a table of old lines, and its check failed.
- A changed input without months (a model, names) asks for the months that were made before, and for no others:
  changed names once asked for the profiles of all months.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import dagster as dg

AC = dg.AutomationCondition


def when_inputs_change(
    monthly: bool, along: dg.AssetSelection | None = None, apart: dg.AssetSelection | None = None
) -> dg.AutomationCondition[Any]:
    """Make an asset when an input's content or its own code changed, and every blocking check above it passed.

    `along` are the inputs that an asset follows in the same run; `apart` those that are never in the same run.
    """
    # What the same run made of an input, it has made use of.
    moved: Any = AC.data_version_changed() & ~AC.executed_with_root_target()
    changed: Any = AC.any_deps_match(moved)
    if monthly and apart is not None:
        changed = AC.any_deps_match(moved).ignore(apart) | (
            AC.any_deps_match(moved).allow(apart) & ~AC.missing()
        )
    if along is not None:
        changed = changed | AC.any_deps_match(AC.will_be_requested()).allow(along)
    condition: Any = (
        AC.eager()
        .without(AC.in_latest_time_window())
        .replace("any_deps_updated", changed | AC.code_version_changed())
    )
    if not monthly:
        condition = condition.without(~AC.any_deps_missing())
    if apart is not None:
        # At the next tick such an input is in progress, and `eager()` waits for it.
        its_inputs_changed = AC.any_deps_match(AC.data_version_changed())
        condition = condition & ~AC.any_deps_match(its_inputs_changed).allow(apart)
    condition = (condition & AC.all_deps_blocking_checks_passed()).with_label("when_inputs_change")
    return cast("dg.AutomationCondition[Any]", condition)


def with_policy(assets: Iterable[Any]) -> Sequence[Any]:
    """Apply the policy to everything that Dagster makes."""
    assets = list(assets)
    specs = [spec for asset in assets for spec in asset.specs]
    by_month = dg.AssetSelection.assets(*(spec.key for spec in specs if spec.partitions_def is not None))
    without = dg.AssetSelection.assets(*(spec.key for spec in specs if spec.partitions_def is None))
    conditions = {
        True: when_inputs_change(True, along=by_month - dg.AssetSelection.groups(CUT_OFF), apart=without),
        False: when_inputs_change(False, apart=by_month),
    }

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(automation_condition=conditions[spec.partitions_def is not None])

    return [asset.map_asset_specs(apply) for asset in assets]


# Lines that were delivered again unchanged ask for nothing below this stage.
CUT_OFF = "raw"

SENSOR = dg.AutomationConditionSensorDefinition(
    "automation",
    # One sensor for all: what is asked for by two sensors is made before, and again after, what the other one makes.
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Makes what changed inputs ask for; see hm_assets/automation.py.",
)

# A fork server starts a step in half the time of a new interpreter; two steps at once fit in 24 GB.
EXECUTOR = dg.multiprocess_executor.configured({"max_concurrent": 2, "start_method": {"forkserver": {}}})


def executor(depth: str) -> dg.ExecutorDefinition:
    """Processes for real work, which give their memory back; a quick run's steps are shorter than the start of one."""
    return dg.in_process_executor if depth == "quick" else EXECUTOR
