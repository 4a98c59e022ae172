"""How good predicted spend was: error, order, concentration and total, each with a bootstrap interval over customers.

All measures take weights, so a resample of customers is a draw of how often each one counts: nothing is sorted again.
The interval knows which customers there were, not which day was judged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.measures.scores import LEVEL, Measured
from hm_assets.segments.space import Floats, Ints

TENTHS = 10


@dataclass(frozen=True)
class JudgedValue:
    """Predictions with outcomes (n, ascending by prediction) and what the measures need, sorted once.

    Attributes
    ----------
    order
        Their places before they were sorted: a weight of a customer belongs to her in whatever order.
    said, low, high, spent
        Predicted, the limits of its interval, and true.
    ends
        Last place of each group of equal predictions.
    by_spent, spent_ends
        The same customers by true spend, and the groups of equal spend.
    """

    order: Ints
    said: Floats
    low: Floats
    high: Floats
    spent: Floats
    ends: Ints
    by_spent: Ints
    spent_ends: Ints

    @classmethod
    def of(cls, said: Floats, low: Floats, high: Floats, spent: Floats) -> "JudgedValue":
        """Sort them."""
        order = np.argsort(said, kind="stable")
        said, low, high, spent = said[order], low[order], high[order], spent[order]
        by_spent = np.argsort(spent, kind="stable")
        return cls(order, said, low, high, spent, _ends(said), by_spent, _ends(spent[by_spent]))


Measure = Callable[[JudgedValue, Floats], float]
"""(predictions and outcomes, weight of each in their order) -> value; NaN where it is not defined."""


def mean_absolute_error(judged: JudgedValue, weights: Floats) -> float:
    """In the unit of spend."""
    return _mean(np.abs(judged.said - judged.spent), weights)


def root_mean_squared_error(judged: JudgedValue, weights: Floats) -> float:
    """In the unit of spend."""
    return float(np.sqrt(_mean((judged.said - judged.spent) ** 2, weights)))


def spearman(judged: JudgedValue, weights: Floats) -> float:
    """Rank correlation of predicted and true spend, ties at their middle rank; NaN where one is the same for all."""
    one = _ranks(weights, judged.ends)
    other = np.empty(len(one))
    other[judged.by_spent] = _ranks(weights[judged.by_spent], judged.spent_ends)
    one, other = one - _mean(one, weights), other - _mean(other, weights)
    spread = np.sqrt((weights * one**2).sum() * (weights * other**2).sum())
    return float((weights * one * other).sum() / spread) if spread > 0 else float("nan")


def gini(judged: JudgedValue, weights: Floats) -> float:
    """Gini of true spend in the order of the prediction, by that in its own order: 1 = perfect, 0 = by lot."""
    best = _area(judged.spent[judged.by_spent], weights[judged.by_spent], judged.spent_ends)
    return _area(judged.spent, weights, judged.ends) / best if best > 0 else float("nan")


def capture(judged: JudgedValue, weights: Floats) -> float:
    """Share of true spend of the tenth of customers with the highest prediction; those at its edge count in part."""
    total = (weights * judged.spent).sum()
    if total <= 0:
        return float("nan")
    count, money = _groups(weights, judged.ends), _groups(weights * judged.spent, judged.ends)
    above = np.cumsum(count[::-1])[::-1] - count
    inside = np.clip(weights.sum() / TENTHS - above, 0, count)
    share = np.divide(inside, count, out=np.zeros_like(count), where=count > 0)
    return float((money * share).sum() / total)


def total_ratio(judged: JudgedValue, weights: Floats) -> float:
    """Predicted by true total."""
    total = (weights * judged.spent).sum()
    return float((weights * judged.said).sum() / total) if total > 0 else float("nan")


def coverage(judged: JudgedValue, weights: Floats) -> float:
    """Share of customers whose spend lies within their interval, limits included."""
    return _mean(((judged.low <= judged.spent) & (judged.spent <= judged.high)).astype(np.float64), weights)


MEASURES: Mapping[str, Measure] = {
    "mae": mean_absolute_error,
    "rmse": root_mean_squared_error,
    "spearman": spearman,
    "gini": gini,
    "top_10_capture": capture,
    "total_ratio": total_ratio,
    "coverage_80": coverage,
}


def measured(
    said: Floats, low: Floats, high: Floats, spent: Floats, resamples: int, seed: int
) -> dict[str, Measured]:
    """Every measure of n customers, with the interval of `resamples` draws of n customers."""
    judged, rng, n = JudgedValue.of(said, low, high, spent), np.random.default_rng(seed), len(said)
    drawn = [
        np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        for _ in range(resamples if n else 0)
    ]
    found = {}
    for name, measure in MEASURES.items():
        value = measure(judged, np.ones(n))
        values = np.array([measure(judged, weights[judged.order]) for weights in drawn])
        values = values[~np.isnan(values)]
        if np.isnan(value):
            found[name] = Measured(None, None, None)
        elif not len(values):
            found[name] = Measured(value, None, None)
        else:
            limits = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
            found[name] = Measured(value, float(limits[0]), float(limits[1]))
    return found


def tenths(said: Floats, spent: Floats) -> list[tuple[int, float, float]]:
    """(customers, mean predicted, mean true) of ten groups of equal size, lowest first; no empty one."""
    order = np.argsort(said, kind="stable")
    groups = [group for group in np.array_split(order, TENTHS) if len(group)]
    return [(len(group), float(said[group].mean()), float(spent[group].mean())) for group in groups]


def _mean(values: Floats, weights: Floats) -> float:
    return float((weights * values).sum() / weights.sum()) if len(values) else float("nan")


def _ends(ascending: Floats) -> Ints:
    return (
        np.flatnonzero(np.append(ascending[1:] != ascending[:-1], True))
        if len(ascending)
        else np.zeros(0, np.int64)
    )


def _groups(values: Floats, ends: Ints) -> Floats:
    """Sums of values by group of equals."""
    return np.diff(np.append(0.0, np.cumsum(values)[ends]))


def _ranks(weights: Floats, ends: Ints) -> Floats:
    """Middle rank of each, equals alike."""
    count = _groups(weights, ends)
    middle = np.cumsum(count) - count / 2
    return np.repeat(middle, np.diff(np.append(-1, ends)))


def _area(spent: Floats, weights: Floats, ends: Ints) -> float:
    """Gini coefficient of the curve of cumulated spend over customers in the given order, ties as one step."""
    if not len(spent):
        return 0.0
    money, count = _groups(weights * spent, ends), _groups(weights, ends)
    total = money.sum()
    if total <= 0:
        return 0.0
    reached = np.append(0.0, np.cumsum(money) / total)
    return float(1 - (count / count.sum() * (reached[1:] + reached[:-1])).sum())
