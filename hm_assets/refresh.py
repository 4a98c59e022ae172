"""When an asset (of a month) is made anew: the condition of the refresh policy, in one pass over its inputs.

It asks for an asset when the content of one of its inputs moved or its own code did, and every blocking check above it
passed. Each part answers something that was seen to go wrong with Dagster's `eager()`:

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

The clauses are conditions of our own and not a tree of Dagster's operators. That tree had a node for each clause and
each input: a tick took five seconds of a core when nothing had happened, read and wrote 0.4 MB as its memory, and told
up to 35 MB of why. Dagster evaluates conditions of one's own in the code server only, which is what
`use_user_code_server` of the sensor is for.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import dagster as dg
from dagster._core.asset_graph_view.entity_subset import EntitySubset
from dagster._core.asset_graph_view.serializable_entity_subset import SerializableEntitySubset
from dagster._core.definitions.assets.graph.asset_graph import executable_in_same_run
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionResolvedStatus
from dagster._core.storage.dagster_run import RunRecord
from dagster._core.storage.tags import AUTOMATION_CONDITION_TAG

Context: TypeAlias = dg.AutomationContext[dg.AssetKey]
Result: TypeAlias = dg.AutomationResult[dg.AssetKey]
Subset: TypeAlias = EntitySubset[dg.AssetKey]
"""The months of an asset, or an asset without months as a whole; none, some or all of it."""
Keys: TypeAlias = frozenset[dg.AssetKey]
Question: TypeAlias = Callable[[Context, dg.AssetKey], Awaitable[Subset]]

CODE_CHANGED: dg.AutomationCondition[Any] = dg.AutomationCondition.code_version_changed()


def when_inputs_change(
    monthly: bool, along: Keys = frozenset(), apart: Keys = frozenset()
) -> dg.AutomationCondition[Any]:
    """Make an asset when an input's content or its own code changed, and every blocking check above it passed.

    `along` are the inputs that an asset follows in the same run; `apart` those that are never in the same run.
    """
    condition: Any = Changed(monthly, along, apart) & NothingUnderWay()
    if monthly:
        condition = condition & InputsThere()
    condition = condition & InputsSettled(apart) & ChecksPassed(along)
    return cast("dg.AutomationCondition[Any]", condition.with_label("when_inputs_change"))


@dataclass(frozen=True)
class Changed(dg.AutomationCondition[dg.AssetKey]):
    """An input or the code changed, or what was there is gone, and the asset was not asked for or made since."""

    monthly: bool
    along: Keys
    apart: Keys

    @property
    def children(self) -> Sequence[dg.AutomationCondition[Any]]:
        """What remembers the code version."""
        return [CODE_CHANGED]

    async def evaluate(self, context: Context) -> Result:  # type: ignore[override]
        """See the class. What it remembers: what is missing, what is asked for, and what of it by what it follows."""
        code = await context.for_child_condition(
            CODE_CHANGED, child_indices=[0], candidate_subset=context.candidate_subset
        ).evaluate_async()
        inputs = _inputs(context, context.key)
        asked_too = _union(context, (_asked_for_now(context, key) for key in inputs & self.along))
        memory = _memory(context)
        waits = memory is None or not (memory[1].is_empty and memory[2].is_empty)
        if waits or not (_nothing_happened(context) and code.true_subset.is_empty and asked_too.is_empty):
            memory = await self._moved_on(context, memory, inputs, asked_too, code.true_subset)
        assert memory is not None
        return dg.AutomationResult(
            context,
            memory[1].compute_union(memory[2]),
            child_results=[code],
            structured_cursor=[each.convert_to_serializable_subset() for each in memory],
        )

    async def _moved_on(
        self, context: Context, memory: Sequence[Subset] | None, inputs: Keys, asked_too: Subset, code: Subset
    ) -> Sequence[Subset]:
        key, nothing = context.key, context.get_empty_subset()
        made, by_others = await _made(context, key)
        if memory is None:
            # What was there before the policy is as it should be.
            memory = [await _missing(context), nothing, nothing]
            if context.previous_temporal_context is None:
                return memory
        was_missing, asked, followed = memory
        # To ask what is missing takes a query for each table.
        as_before = made.is_empty and _same_day(context) and not _never_made(context)
        missing = was_missing if as_before else await _missing(context)
        apart = inputs & self.apart if self.monthly else frozenset()
        changed = await _of_inputs(context, inputs - self.along - apart, _moved)
        of_months_made = await _of_inputs(context, apart, _moved)
        changed = changed.compute_union(of_months_made.compute_difference(missing)).compute_union(asked_too)
        # What is followed moves in the run that makes the asset too. Dagster knows that of the last month of a run
        # only: for the others, that the asset was made is the answer.
        moved_along = await _of_inputs(context, inputs & self.along, _moved)
        requested = context.get_previous_requested_subset(key) or nothing
        handled = requested.compute_difference(changed).compute_union(by_others)
        of_itself = missing.compute_difference(was_missing).compute_union(code)
        return [
            missing,
            asked.compute_union(changed).compute_union(of_itself).compute_difference(handled),
            followed.compute_union(moved_along).compute_difference(requested.compute_union(made)),
        ]


@dataclass(frozen=True)
class NothingUnderWay(dg.AutomationCondition[dg.AssetKey]):
    """No run or backfill is at work on the asset or one of its inputs."""

    async def evaluate(self, context: Context) -> Result:  # type: ignore[override]
        """See the class."""
        found = context.candidate_subset
        if not found.is_empty:
            found = found.compute_difference(await _under_way(context, context.key))
            below = await _of_inputs(context, _inputs(context, context.key), _under_way)
            found = found.compute_difference(below)
        return dg.AutomationResult(context, found)


@dataclass(frozen=True)
class InputsThere(dg.AutomationCondition[dg.AssetKey]):
    """All that is read was made, or is asked for in the same run."""

    async def evaluate(self, context: Context) -> Result:  # type: ignore[override]
        """See the class."""
        view, candidates = context.asset_graph_view, context.candidate_subset

        async def missing(context: Context, key: dg.AssetKey) -> Subset:
            read = candidates.compute_mapped_subset(key, direction="up")
            absent = await view.compute_missing_subset(key=key, from_subset=read)
            return absent.compute_difference(_asked_for_now(context, key))

        if not candidates.is_empty:
            absent = await _of_inputs(context, _inputs(context, context.key), missing)
            candidates = candidates.compute_difference(absent)
        return dg.AutomationResult(context, candidates)


@dataclass(frozen=True)
class InputsSettled(dg.AutomationCondition[dg.AssetKey]):
    """No input that is made in another run is about to be asked for; at the next tick such an input is in progress."""

    apart: Keys

    async def evaluate(self, context: Context) -> Result:  # type: ignore[override]
        """See the class. What it remembers: the inputs whose files changed since they were last made."""
        memory = _memory(context) or []
        if not memory and _nothing_happened(context):
            return dg.AutomationResult(context, context.candidate_subset)
        waiting = {subset.key: subset for subset in memory}
        found, kept = context.candidate_subset, []
        for key in sorted(_inputs(context, context.key) & self.apart):
            asked_for, files = await self._asked_for(context, key, waiting.get(key))
            found = found.compute_difference(_below(context, asked_for.compute_union(files)))
            if not files.is_empty:
                kept.append(files.convert_to_serializable_subset())
        return dg.AutomationResult(context, found, structured_cursor=kept)

    async def _asked_for(
        self, context: Context, key: dg.AssetKey, waiting: Subset | None
    ) -> tuple[Subset, Subset]:
        """What of an input its own inputs ask for at this tick, and what its files ask for since it was last made."""
        view = context.asset_graph_view
        nothing = view.get_empty_subset(key=key)
        asked_for, files = nothing, nothing
        for above in _inputs(context, key):
            changed = await _changed(context, above)
            if not changed.is_empty:
                below = changed.compute_mapped_subset(key, direction="down")
                asked_for = asked_for.compute_union(below)
                if not context.asset_graph.get(above).is_materializable:
                    files = files.compute_union(below)
        requested = context.get_previous_requested_subset(key) or nothing
        _, by_others = await _made(context, key)
        handled = requested.compute_difference(files).compute_union(by_others)
        return asked_for, (waiting or nothing).compute_union(files).compute_difference(handled)


@dataclass(frozen=True)
class ChecksPassed(dg.AutomationCondition[dg.AssetKey]):
    """Each input has passed its blocking checks, of every month that is read; see the module for what is followed."""

    along: Keys

    async def evaluate(self, context: Context) -> Result:  # type: ignore[override]
        """See the class."""
        view, found = context.asset_graph_view, context.candidate_subset
        candidates = found
        for key in _inputs(context, context.key) if not candidates.is_empty else ():
            read = candidates.compute_mapped_subset(key, direction="up")
            passed, failed = read, view.get_empty_subset(key=key)
            for check in context.asset_graph.get(key).check_keys:
                if not context.asset_graph.get(check).blocking:
                    continue
                of_check = read.compute_mapped_subset(check, direction="down")
                good, bad = [
                    (
                        await view.compute_subset_with_status(key=check, status=status, from_subset=of_check)
                    ).compute_mapped_subset(key, direction="up")
                    for status in (
                        AssetCheckExecutionResolvedStatus.SUCCEEDED,
                        AssetCheckExecutionResolvedStatus.FAILED,
                    )
                ]
                passed = passed.compute_intersection(good)
                failed = failed.compute_union(read.compute_intersection(bad))
            if key in self.along:
                # In the same run a failed check stops what lies below; a new month has no result of it before.
                to_be_made = _asked_for_now(context, key)
                passed, failed = passed.compute_union(to_be_made), failed.compute_difference(to_be_made)
            # Of the months that are read one passed, and none failed: those that hold nothing yet have no result.
            found = found.compute_intersection(_below(context, passed))
            found = found.compute_difference(_below(context, failed))
        return dg.AutomationResult(context, found)


def _inputs(context: Context, key: dg.AssetKey) -> Keys:
    return frozenset(context.asset_graph.get(key).parent_keys)


def _nothing_happened(context: Context) -> bool:
    """Since the last tick: no event at all, and no day began."""
    return context.previous_max_storage_id == context.max_storage_id and _same_day(context)


def _same_day(context: Context) -> bool:
    """No day began since the last tick, which may bring a month."""
    before = context.previous_evaluation_time
    return before is not None and before.date() == context.evaluation_time.date()


def _never_made(context: Context) -> bool:
    """No month of the asset is there, or none any more: its history can only be deleted as a whole."""
    record = context.asset_graph_view.get_inner_queryer_for_back_compat().get_asset_record(context.key)
    return record is None or record.asset_entry.last_materialization_record is None


async def _missing(context: Context) -> Subset:
    return await context.asset_graph_view.compute_missing_subset(
        key=context.key, from_subset=context.candidate_subset
    )


def _memory(context: Context) -> Sequence[Subset] | None:
    """What a condition remembered at the last tick; nothing where the months of an asset are others now."""
    kept: list[SerializableEntitySubset[Any]] | None = context.get_structured_cursor(as_type=list)
    found = [context.asset_graph_view.get_subset_from_serializable_subset(each) for each in kept or ()]
    return None if kept is None or None in found else cast("list[Subset]", found)


def _below(context: Context, subset: Subset) -> Subset:
    """What of the asset reads this of an input."""
    if subset.is_empty:
        return context.get_empty_subset()
    return subset.compute_mapped_subset(context.key, direction="down")


def _union(context: Context, of_inputs: Iterable[Subset]) -> Subset:
    found = context.get_empty_subset()
    for subset in of_inputs:
        found = found.compute_union(_below(context, subset))
    return found


async def _of_inputs(context: Context, keys: Keys, question: Question) -> Subset:
    """What of the asset reads what the question finds of its inputs."""
    return _union(context, [await question(context, key) for key in keys])


async def _changed(context: Context, key: dg.AssetKey) -> Subset:
    """What has other content than at the last tick."""
    view, before = context.asset_graph_view, context.previous_temporal_context
    if before is None:
        return view.get_empty_subset(key=key)
    return await view.compute_data_version_changed_since_temporal_context_subset(
        key=key, temporal_context=before
    )


async def _moved(context: Context, key: dg.AssetKey) -> Subset:
    """The same without what a run made that made the asset too: it has made use of it."""
    changed = await _changed(context, key)
    if changed.is_empty:
        return changed

    def made_the_asset_too(record: RunRecord) -> bool:
        return context.key != key and context.key in (record.dagster_run.asset_selection or ())

    in_use = await context.asset_graph_view.compute_latest_run_matches_subset(changed, made_the_asset_too)
    return changed.compute_difference(in_use)


async def _made(context: Context, key: dg.AssetKey) -> tuple[Subset, Subset]:
    """What was made since the last tick; and of it by `hm run`, a schedule or a click, which see what there is."""
    view, before = context.asset_graph_view, context.previous_temporal_context
    if before is None:
        return view.get_empty_subset(key=key), view.get_empty_subset(key=key)
    made = await view.compute_updated_since_temporal_context_subset(key=key, temporal_context=before)
    if made.is_empty:
        return made, made
    by_automation = await view.compute_latest_run_matches_subset(
        made, lambda record: AUTOMATION_CONDITION_TAG in record.dagster_run.tags
    )
    return made, made.compute_difference(by_automation)


def _asked_for_now(context: Context, key: dg.AssetKey) -> Subset:
    """What of an input is asked for at this tick, in the run that the asset would be in."""
    graph, asked_for = context.asset_graph, context.request_subsets_by_key.get(key)
    if asked_for is None or not executable_in_same_run(graph, context.key, key):
        return context.asset_graph_view.get_empty_subset(key=key)
    return cast("Subset", asked_for)


async def _under_way(context: Context, key: dg.AssetKey) -> Subset:
    view = context.asset_graph_view
    everything = view.get_full_subset(key=key)
    runs = await view.compute_run_in_progress_subset(key=key, from_subset=everything)
    backfills = await view.compute_backfill_in_progress_subset(key=key, from_subset=everything)
    return runs.compute_union(backfills)
