"""Which groups differ: all pairs of means, with the error held for all of them together by the studentised range."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.profiles.intervals import Floats
from hm_assets.profiles.statistics.moments import Moments
from hm_assets.segments.fitting import CannotFit

LEVEL = 0.95
# Below these degrees of freedom the quick quantile is not made for it.
SHORTEST = 3


@dataclass(frozen=True)
class Pair:
    """Mean of the first group minus that of the second, with its simultaneous 95 % interval.

    `statistic` is the studentised range q; `p` counts all pairs already, so nothing is to be added to it.
    """

    first: int
    second: int
    difference: float
    low: float
    high: float
    statistic: float
    df: float
    p: float


def tukey_hsd(moments: Moments) -> list[Pair]:
    """Tukey's honest differences, for unequal sizes by Kramer (1956): one variance for all groups.

    Raises
    ------
    CannotFit
        See `Moments.comparable`; or nobody differs within a group.
    """
    moments.comparable()
    df = moments.n - moments.k
    pooled = moments.within / df
    if pooled <= 0:
        raise CannotFit("nobody differs within a group, so there is no variance to compare with")
    pairs = _all(moments.k)
    errors = [math.sqrt(pooled / 2 * (1 / moments.counts[i] + 1 / moments.counts[j])) for i, j in pairs]
    return _compared(moments, pairs, errors, [df] * len(pairs))


def games_howell(moments: Moments) -> list[Pair]:
    """Games and Howell (1976): Tukey's pairs with each pair's own variances, degrees of freedom by Welch.

    Raises
    ------
    CannotFit
        See `Moments.comparable`; or two groups in which nobody differs.
    """
    moments.comparable()
    squared = moments.variances / moments.counts
    pairs = _all(moments.k)
    if any(squared[i] + squared[j] <= 0 for i, j in pairs):
        raise CannotFit("in two groups all values are the same, so there is no variance to compare them by")
    errors = [math.sqrt((squared[i] + squared[j]) / 2) for i, j in pairs]
    below = squared**2 / (moments.counts - 1)
    dfs = [float((squared[i] + squared[j]) ** 2 / (below[i] + below[j])) for i, j in pairs]
    return _compared(moments, pairs, errors, dfs)


def _all(k: int) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(k), 2))


def _compared(
    moments: Moments, pairs: Sequence[tuple[int, int]], errors: Sequence[float], dfs: Sequence[float]
) -> list[Pair]:
    from scipy.stats import studentized_range

    differences: Floats = np.array([moments.means[i] - moments.means[j] for i, j in pairs])
    statistics = np.abs(differences) / np.array(errors)
    # Beyond this many degrees of freedom the normal limit is the same to all digits that matter, and far quicker.
    df = np.where(np.array(dfs) > 1e5, np.inf, np.array(dfs))
    widths = np.array([_quantile(moments.k, float(each)) for each in df]) * np.array(errors)
    p = np.clip(studentized_range.sf(statistics, moments.k, df), 0.0, 1.0)
    columns = (differences, differences - widths, differences + widths, statistics, np.array(dfs), p)
    return [Pair(i, j, *(float(column[row]) for column in columns)) for row, (i, j) in enumerate(pairs)]


def _quantile(k: int, df: float) -> float:
    """The 95 % quantile of the studentised range: Gleason's (1999), right to 1e-4 and a thousand times quicker."""
    from scipy.stats import studentized_range
    from statsmodels.stats.libqsturng import qsturng

    if df < SHORTEST:
        return float(studentized_range.ppf(LEVEL, k, df))
    return float(qsturng(LEVEL, k, df))
