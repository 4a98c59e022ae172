"""What a segmentation says of the time after it: the share of a later outcome's variance that the segments explain.

Omega squared (Hays 1963) is eta squared without its optimism: groups drawn by lot get about 0 instead of
(k - 1) / (n - 1), so that partitions with different k can be compared. It may be slightly negative.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.space import Floats, Ints, sample

LEVEL = 0.95
CAP_QUANTILE = 0.99
MOST_RESAMPLED = 50_000


def outcomes(later_spend: Floats, unit: float) -> dict[str, Floats]:
    """Three views of what n customers spent later (n, 0 for nothing): each n.

    Parameters
    ----------
    later_spend
        In the unit of prices, not negative.
    unit
        What a logarithm counts money in (`space.UNITS_PER_MEDIAN_PRICE` of these are a median price), above 0.
    """
    cap = np.quantile(later_spend, CAP_QUANTILE) if len(later_spend) else 0.0
    return {
        "bought": (later_spend > 0).astype(np.float64),
        "log_spend": np.log1p(later_spend / unit),
        # Where less than 1 % buy, the quantile is 0 and would make everybody equal.
        "capped_spend": np.minimum(later_spend, cap) if cap > 0 else later_spend.astype(np.float64),
    }


def quintiles(values: Floats) -> Ints:
    """Groups 0-4 by the 20, 40, 60 and 80 % quantiles, as a baseline; equal values share one, so some may be empty."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    cuts = np.quantile(values, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")
    return np.searchsorted(cuts, values, side="left").astype(np.int64)


def omega_squared(labels: npt.NDArray[np.generic], outcome: Floats) -> float:
    """Bias-corrected share of the variance of `outcome` (n) between the groups of `labels` (n), at most 1.

    0 where there is one group or everybody did the same.

    Raises
    ------
    CannotFit
        As many groups as customers, or an outcome that is not finite.
    """
    groups = _groups(labels, outcome)
    return _omega_squared(groups, outcome - outcome.mean(), np.ones(len(outcome)))


def later_value(
    labels: npt.NDArray[np.generic], outcome: Floats, seed: int, resamples: int = 500
) -> tuple[float, float, float]:
    """Omega squared and the limits of its 95 % bootstrap interval over customers.

    The interval covers which customers were seen, with the segmentation given; not how it was found. Above 50,000
    customers the deviations are learned on 50,000 of them and scaled by the root of the share.

    Raises
    ------
    CannotFit
        See `omega_squared`.
    """
    value = omega_squared(labels, outcome)
    deviations = _deviations([labels], outcome, seed, resamples)[:, 0]
    return _interval(value, deviations)


def difference(
    labels_a: npt.NDArray[np.generic],
    labels_b: npt.NDArray[np.generic],
    outcome: Floats,
    seed: int,
    resamples: int = 500,
) -> tuple[float, float, float]:
    """Omega squared of a minus that of b with its 95 % interval, both on the same resampled customers (paired).

    Raises
    ------
    CannotFit
        See `omega_squared`.
    """
    value = omega_squared(labels_a, outcome) - omega_squared(labels_b, outcome)
    deviations = _deviations([labels_a, labels_b], outcome, seed, resamples)
    return _interval(value, deviations[:, 0] - deviations[:, 1])


def _groups(labels: npt.NDArray[np.generic], outcome: Floats) -> Ints:
    if not np.isfinite(outcome).all():
        raise CannotFit("a later outcome is not finite; who bought nothing has 0")
    found, groups = np.unique(labels, return_inverse=True)
    if len(found) >= len(outcome):
        raise CannotFit(
            f"{len(outcome)} customers in {len(found)} segments leave nothing to compare within them"
        )
    return np.asarray(groups, dtype=np.int64)


def _between(groups: Ints, centred: Floats, weights: Floats) -> tuple[float, float, float, int]:
    """n, sum of squares in all and between groups, and the number of groups that have a member."""
    counts = np.bincount(groups, weights)
    sums = np.bincount(groups, weights * centred)
    n, total = float(counts.sum()), float(sums.sum())
    of_all = float((weights * centred**2).sum()) - total**2 / n
    seen = counts > 0
    between = float((sums[seen] ** 2 / counts[seen]).sum()) - total**2 / n
    return n, of_all, between, int(seen.sum())


def _omega_squared(groups: Ints, centred: Floats, weights: Floats) -> float:
    n, of_all, between, k = _between(groups, centred, weights)
    if of_all <= 1e-12 * n or k == 1:
        return 0.0
    within_mean = max(of_all - between, 0.0) / (n - k) if n > k else 0.0
    return (between - (k - 1) * within_mean) / (of_all + within_mean)


def _eta_squared(groups: Ints, centred: Floats) -> float:
    n, of_all, between, _ = _between(groups, centred, np.ones(len(centred)))
    return 0.0 if of_all <= 1e-12 * n else between / of_all


def _deviations(
    partitions: Sequence[npt.NDArray[np.generic]], outcome: Floats, seed: int, resamples: int
) -> Floats:
    """How far omega squared of resampled customers lies from the truth, resamples x partitions.

    The customers at hand are the population of a bootstrap, and its true share is their eta squared.
    """
    rng = np.random.default_rng(seed)
    rows = sample(len(outcome), MOST_RESAMPLED, rng)
    n = len(rows)
    centred = outcome[rows] - outcome[rows].mean()
    groupings = [_groups(labels[rows], centred) for labels in partitions]
    truth = [_eta_squared(groups, centred) for groups in groupings]
    found = np.empty((resamples, len(partitions)))
    for draw in range(resamples):
        weights = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        found[draw] = [_omega_squared(groups, centred, weights) for groups in groupings]
    return np.asarray((found - truth) * np.sqrt(n / len(outcome)))


def _interval(value: float, deviations: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(deviations, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return value, value + float(low), value + float(high)
