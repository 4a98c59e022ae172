"""Which model of value leads: the best on past days, if it is really better than last year’s spend carried on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.measures.value_scores import JudgedValue, Measure, capture, gini
from hm_assets.forecasts.value.back_test import Judged, Said
from hm_assets.forecasts.value.models import CATALOGUE, NAIVE
from hm_assets.segments.space import Floats

PLAIN = "last year’s spend carried on"
# Draws of customers for the error of a difference.
RESAMPLES = 50


@dataclass(frozen=True)
class Choice:
    """The model to take, and why, in words."""

    name: str
    why: str


def choose(judged: Sequence[Judged], seed: int) -> Choice:
    """The simplest model within one standard error of the best of those that are better than the naive one, or that.

    Better is one whose mean squared error at 90 days is smaller by more than two standard errors of the difference over
    the same customers, and that does not rank them worse: neither Gini nor what the top tenth captures is lower by more
    than two standard errors. Squared errors are smallest for an expectation (Gneiting 2011), absolute ones for a
    median: these would reward to promise half of what comes.

    Raises
    ------
    ValueError
        No past day was judged.
    """
    if not judged:
        raise ValueError("no past day has been judged")
    # A model that could not be fitted on one of the days is not taken.
    names = [model.name for model in CATALOGUE if all((model.name, LONGEST) in day.said for day in judged)]
    error = {name: _mean_error(judged, name) for name in names}
    spent = float(np.mean([day.spent(LONGEST).mean() for day in judged if day.rows.num_rows] or [0.0]))
    told = _Words(error, spent)
    lead = f"Spend of 90 days on {len(judged)} past days (root mean squared errors): "
    against = {name: _against(judged, name, told, seed) for name in names if name != NAIVE}
    # Who is not better than the naive one keeps nobody else from leading.
    better = [name for name, why in against.items() if why is None]
    if not better:
        best = min(names, key=error.__getitem__)
        why = "; nothing that was tried is better" if best == NAIVE else f"; {told.of(best)}, {against[best]}"
        return Choice(NAIVE, lead + told.of(NAIVE, PLAIN) + why)
    best = min(better, key=error.__getitem__)
    taken = next(name for name in better if error[name] - error[best] <= _gain(judged, name, best)[1])
    words = f"{lead}{told.of(taken)}, {told.of(NAIVE, PLAIN)}: better beyond two standard errors"
    simpler = "" if taken == best else f"; {told.of(best)} is within one standard error, and less simple"
    return Choice(taken, words + simpler)


def _against(judged: Sequence[Judged], name: str, told: "_Words", seed: int) -> str | None:
    """What speaks against a model, beside the naive one; None where nothing does."""
    gain, noise = _gain(judged, NAIVE, name)
    if gain <= 2 * noise:
        return "which is not better beyond two standard errors"
    for measure, said in ((gini, "Gini"), (capture, "share of spend in the top tenth")):
        lost, noise_of_rank = _lost(judged, name, measure, seed)
        if lost > 2 * noise_of_rank:
            return f"but ranks customers worse: {said} is lower by {lost:.3f}"
    return None


@dataclass(frozen=True)
class _Words:
    error: Mapping[str, float]
    spent: float

    def of(self, name: str, said: str | None = None) -> str:
        """A model with its root mean squared error."""
        shown = name if said is None else f"{name} ({said})"
        off = f"{100 * self.error[name] ** 0.5 / self.spent:.1f} %" if self.spent > 0 else "nothing"
        return f"{shown} is off by {off} of the mean spend"


def _mean_error(judged: Sequence[Judged], name: str) -> float:
    return float(np.mean([_errors(day, name).mean() if day.rows.num_rows else 0.0 for day in judged]))


def _errors(day: Judged, name: str) -> Floats:
    return np.asarray((day.said[name, LONGEST].value - day.spent(LONGEST)) ** 2)


def _gain(judged: Sequence[Judged], one: str, other: str) -> tuple[float, float]:
    """How much smaller the other's mean squared error is, and the standard error of that over customers."""
    means, variances = [0.0], [0.0]
    for day in judged:
        difference = _errors(day, one) - _errors(day, other)
        if len(difference):
            means.append(float(difference.mean()))
            variances.append(float(difference.var()) / len(difference))
    return sum(means) / len(judged), float(np.sqrt(sum(variances))) / len(judged)


def _lost(judged: Sequence[Judged], name: str, measure: Measure, seed: int) -> tuple[float, float]:
    """How much less a model has than the naive one, mean over days, and the bootstrap error of that over customers."""
    lost, variances = [], []
    for day in judged:
        spent = day.spent(LONGEST)
        if not len(spent) or spent.sum() <= 0:
            continue
        both = [_judged(day.said[one, LONGEST], spent) for one in (NAIVE, name)]
        rng = np.random.default_rng(seed)
        ones = np.ones(len(spent))
        draws = [
            np.bincount(rng.integers(0, len(spent), len(spent)), minlength=len(spent)).astype(np.float64)
            for _ in range(RESAMPLES)
        ]
        lost.append(_difference(measure, both, ones))
        variances.append(float(np.nanvar([_difference(measure, both, weights) for weights in draws])))
    return (float(np.mean(lost)), float(np.sqrt(sum(variances)) / len(lost))) if lost else (0.0, 0.0)


def _judged(said: Said, spent: Floats) -> JudgedValue:
    return JudgedValue.of(said.value, said.low, said.high, spent)


def _difference(measure: Measure, both: list[JudgedValue], weights: Floats) -> float:
    one, other = (measure(each, weights[each.order]) for each in both)
    return one - other
