"""When assets are made without a click: one policy for all of them, its sensor, and the executor.

The policy asks for an asset (of a month) when the content of one of its inputs moved or its own code did, and
every blocking check above it passed. Each part answers something that was seen to go wrong with `eager()` alone:

- `eager()` asks again when an input was merely made anew with equal content: the data versions are compared instead.
- `eager()` looks at the latest month only, so a corrected old month would never be made again: that clause is dropped.
- `eager()` ignores a blocking check that failed at an earlier tick: `all_deps_blocking_checks_passed` holds the flow.

- `eager()` waits for missing inputs, and an asset without months that reads all of them (rejects, a model) would wait
  for months that hold nothing yet: for assets without months that clause is dropped.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import dagster as dg

AC = dg.AutomationCondition


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
    """Apply the policy to everything that Dagster makes."""

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        condition = when_inputs_change(monthly=spec.partitions_def is not None)
        return spec.replace_attributes(automation_condition=condition)

    return [asset.map_asset_specs(apply) for asset in assets]


SENSOR = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    # A change goes down one level of the graph per tick.
    minimum_interval_seconds=10,
    description="Makes what changed inputs ask for; see hm_assets/automation.py.",
)

# A fork server starts a step in half the time of a new interpreter; two steps at once fit in 24 GB.
EXECUTOR = dg.multiprocess_executor.configured({"max_concurrent": 2, "start_method": {"forkserver": {}}})
