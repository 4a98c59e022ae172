"""The rows of what the segments were made of: how much of it lies between them, beside what slicing a cloud would give.

No p-value: an algorithm that was told to make groups differ in something makes them differ in it. What can be asked is
whether they differ more than those that the same algorithm makes of customers without groups: the same marginals and
rank correlations (a Gaussian copula, `segments/measures/null.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.profiles.statistics.explained import bootstrapped
from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.profiles.statistics.moments import Moments
from hm_assets.profiles.validity import words
from hm_assets.profiles.validity.differences import ALL
from hm_assets.profiles.validity.effort import Effort
from hm_assets.profiles.validity.facts import CONSTRUCTION, FACTS, Fact, tier_of
from hm_assets.profiles.validity.past import Past
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.measures import later, null
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Coordinate, stratified

TEST = "by_construction"


def rows(
    past: Past, values: Mapping[str, npt.NDArray[Any]], effort: Effort, facts: Sequence[Fact] = FACTS
) -> list[dict[str, Any]]:
    """One row per axis of the space, as the algorithm saw it, and per fact that shares a source with it.

    Parameters
    ----------
    past
        The segments of the judged day.
    values
        The facts of its customers (`reading.facts_of`); unknown ones are filled with the median, as the space does.
    effort
        Resamples of the intervals; fits without structure, and customers of each.
    facts
        What is compared beside the axes.
    """
    columns = _columns(past, values, facts)
    called = {fact.name: fact.words for fact in facts}
    nothing = _without_structure(past, np.column_stack(list(columns.values())), effort)
    found = []
    for place, (name, column) in enumerate(columns.items()):
        head = {"fact": name, "test": TEST, "subject": ALL, "n": len(column)}
        try:
            effect, low, high = bootstrapped(past.groups, column, past.seed, effort.resamples)
            Moments.of(past.groups, column, past.k).comparable()
        except CannotFit as error:
            found.append({**head, "verdict": f"not measured: {error}"})
            continue
        beside = None if nothing is None else float(nothing[place])
        found.append(
            {
                **head,
                **{"effect_name": "omega_squared", "effect": effect, "low": low, "high": high},
                "null_effect": beside,
                "null_runs": None if nothing is None else effort.null_fits,
                "verdict": words.by_construction(called.get(name, name), effect, low, beside),
            }
        )
    return found


def axis_name(axis: Coordinate) -> str:
    """What the rows call an axis: its column, with the level of a category."""
    return axis.column if axis.level is None else f"{axis.column} = {axis.level}"


def _columns(past: Past, values: Mapping[str, npt.NDArray[Any]], facts: Sequence[Fact]) -> dict[str, Floats]:
    """The axes first, in the order of the space, then the facts that are made of the same."""
    space = past.people.space
    found = {axis_name(axis): past.people.points[:, i] for i, axis in enumerate(space.coordinates)}
    for fact in facts:
        if (
            fact.kind != "category"
            and tier_of(fact, space) == CONSTRUCTION
            and fact.name not in space.columns
        ):
            column = values[fact.name]
            known = column[np.isfinite(column)]
            found[fact.name] = np.where(np.isfinite(column), column, np.median(known) if len(known) else 0.0)
    return found


def _without_structure(past: Past, columns: Floats, effort: Effort) -> Floats | None:
    """Mean omega squared per column where the same algorithm slices draws without groups; None if it refuses.

    The algorithm learns from a draw of what it learned from, and slices a draw of the judged customers, whose other
    columns rise and fall with the axes as theirs do.
    """
    axes = past.people.points.shape[1]
    fit = past.tried.algorithm.fit(past.people.space)
    rng = np.random.default_rng(past.seed)
    data = past.tried.data
    learned = data.take(stratified(data.points, effort.null_fit_customers, past.seed))
    judged = columns[stratified(past.people.points, effort.null_fit_customers, past.seed)]
    found = []
    for run in range(effort.null_fits):
        try:
            model = fit(null.like(learned, "copula", rng), past.tried.k, past.seed + run).model
        except CannotFit:
            return None
        drawn = null.gaussian_copula(judged, rng)
        labels = nearest(model, drawn[:, :axes])
        try:
            found.append([later.omega_squared(labels, column) for column in drawn.T])
        except CannotFit:
            return None
    return np.asarray(np.mean(found, axis=0)) if found else None
