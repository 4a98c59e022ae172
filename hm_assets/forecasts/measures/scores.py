"""AUC, average precision, Brier score and calibration of probabilities, each with a bootstrap interval over customers.

All measures take weights, so a resample of customers is a draw of how often each one counts: nothing is sorted again.
The interval knows which customers there were, not which day was judged. A constant prediction has an AUC of 0.5.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from hm_assets.segments.space import Floats, Ints

BINS = 10
LEVEL = 0.95
THRESHOLDED = "f1_weighted"
# The size of an error, to which noise adds: a resample has the noise of the sample and its own, so its draws lie too
# high, and at 1,000 customers often above the estimate. The upper end is theirs, the lower one as far below the
# estimate. Where calibration is next to perfect it may still lie above the truth.
REFLECTED = ("ece",)
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """A value and the limits of its 95 % interval; None where it is not defined (nobody, or everybody, ordered)."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Judged:
    """Predictions (n, ascending) with outcomes, as the measures want them: sorted once."""

    p: Floats
    y: Floats
    ends: Ints
    bins: Ints

    @classmethod
    def of(cls, p: Floats, y: Bools) -> "Judged":
        """Sort them; equal predictions form one group, which `ends` bound, and share one of the ten `bins`."""
        order = np.argsort(p, kind="stable")
        p, outcome = p[order], y[order].astype(np.float64)
        ends = np.flatnonzero(np.append(p[1:] != p[:-1], True)) if len(p) else np.zeros(0, dtype=np.int64)
        middle = (np.append(0, ends[:-1] + 1) + ends) / 2
        groups = np.repeat(np.arange(len(ends)), np.diff(np.append(-1, ends)))
        return cls(
            p, outcome, ends, np.minimum((middle * BINS / max(len(p), 1)).astype(np.int64), BINS - 1)[groups]
        )


Measure = Callable[[Judged, Floats], float]
"""(predictions and outcomes, weight of each) -> value; NaN where it is not defined."""


def auc(judged: Judged, weights: Floats) -> float:
    """Chance that one who ordered was predicted above one who did not, ties counting half (Mann-Whitney)."""
    good = np.cumsum(judged.y * weights)[judged.ends]
    bad = np.cumsum((1 - judged.y) * weights)[judged.ends]
    if not len(good) or good[-1] == 0 or bad[-1] == 0:
        return float("nan")
    below = np.append(0.0, bad[:-1])
    gained = np.diff(np.append(0.0, good))
    return float((gained * (below + bad) / 2).sum() / (good[-1] * bad[-1]))


def average_precision(judged: Judged, weights: Floats) -> float:
    """Mean precision at each one who ordered, the likeliest first; ties as one step (as scikit-learn has it)."""
    good = np.append(0.0, np.cumsum(judged.y * weights)[judged.ends])
    every = np.append(0.0, np.cumsum(weights)[judged.ends])
    if len(good) < 2 or good[-1] == 0:
        return float("nan")
    above, counted = good[-1] - good[:-1], every[-1] - every[:-1]
    precision = np.divide(above, counted, out=np.zeros_like(above), where=counted > 0)
    return float((precision * np.diff(good)).sum() / good[-1])


def brier(judged: Judged, weights: Floats) -> float:
    """Mean squared difference of probability and outcome (Brier 1950)."""
    return float(np.average((judged.p - judged.y) ** 2, weights=weights)) if len(judged.p) else float("nan")


def calibration_error(judged: Judged, weights: Floats) -> float:
    """Mean difference of predicted and true share over ten groups of equal size by prediction (ECE), by their size."""
    if not len(judged.p):
        return float("nan")
    missed = np.bincount(judged.bins, (judged.p - judged.y) * weights, minlength=BINS)
    return float(np.abs(missed).sum() / weights.sum())


def mean_error(judged: Judged, weights: Floats) -> float:
    """Mean probability minus the true share."""
    return float(np.average(judged.p - judged.y, weights=weights)) if len(judged.p) else float("nan")


MEASURES: Mapping[str, Measure] = {
    "auc": auc,
    "average_precision": average_precision,
    "brier": brier,
    "ece": calibration_error,
    "mean_error": mean_error,
}


def f1_weighted(judged: Judged, weights: Floats, threshold: float) -> float:
    """F1 of who orders and of who does not, by their shares; an order is expected from `threshold` on."""
    expected = judged.p >= threshold
    share = float((judged.y * weights).sum()), float(((1 - judged.y) * weights).sum())
    hit, quiet = (judged.y * weights)[expected].sum(), ((1 - judged.y) * weights)[~expected].sum()
    called = float(weights[expected].sum())
    f1 = 2 * hit / max(share[0] + called, 1e-12), 2 * quiet / max(2 * share[1] + share[0] - called, 1e-12)
    total = share[0] + share[1]
    return (share[0] * f1[0] + share[1] * f1[1]) / total if total else float("nan")


def best_threshold(p: Floats, y: Bools) -> float:
    """The threshold with the highest weighted F1 on what a model learned from, in the middle between two probabilities.

    0.5 where nobody, or everybody, ordered; the lowest of those that are as good.
    """
    if not len(y) or y.all() or not y.any():
        return 0.5
    judged = Judged.of(p, y)
    values = judged.p[judged.ends]
    # From 0, between any two neighbours, and above all of them.
    places = np.concatenate([[0.0], (values[:-1] + values[1:]) / 2, [(1 + values[-1]) / 2]])
    below = np.append(0, judged.ends + 1)
    good, every = float(judged.y.sum()), float(len(y))
    hit = good - np.append(0.0, np.cumsum(judged.y))[below]
    quiet = below - (good - hit)
    called = every - below
    f1 = 2 * hit / (good + called), 2 * quiet / (every - good + every - called)
    return float(places[np.argmax(good * f1[0] + (every - good) * f1[1])])


def measured(
    p: Floats, y: Bools, resamples: int, seed: int, threshold: float | None = None
) -> dict[str, Measured]:
    """Every measure of probabilities (n) and outcomes (n), with the interval of `resamples` draws of n customers.

    With a threshold, which must not have been chosen on these outcomes, `f1_weighted` too.
    """
    measures = dict(MEASURES)
    if threshold is not None:
        measures[THRESHOLDED] = partial(f1_weighted, threshold=threshold)
    judged = Judged.of(p, y)
    rng = np.random.default_rng(seed)
    n = len(p)
    drawn = [
        np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        for _ in range(resamples if n else 0)
    ]
    found = {}
    for name, measure in measures.items():
        values = np.array([measure(judged, weights) for weights in drawn])
        values = values[~np.isnan(values)]
        value = measure(judged, np.ones(n))
        if np.isnan(value) or not len(values):
            found[name] = Measured(None if np.isnan(value) else value, None, None)
        else:
            low, high = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
            if name in REFLECTED:
                high = max(high, value)
                low = max(2 * value - high, 0.0)
            found[name] = Measured(value, float(low), float(high))
    return found
