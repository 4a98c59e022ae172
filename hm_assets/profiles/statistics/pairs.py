"""Which groups differ: all pairs of means, with the error held for all of them together by the studentised range."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.profiles.statistics import studentised_range
from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.profiles.statistics.moments import Moments
from hm_assets.segments.fitting import CannotFit

LEVEL = 0.95


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
    differences: Floats = np.array([moments.means[i] - moments.means[j] for i, j in pairs])
    statistics, df = np.abs(differences) / np.array(errors), np.array(dfs)
    widths = studentised_range.quantile(LEVEL, moments.k, df) * np.array(errors)
    p = studentised_range.sf(statistics, moments.k, df)
    columns = (differences, differences - widths, differences + widths, statistics, df, p)
    return [Pair(i, j, *(float(column[row]) for column in columns)) for row, (i, j) in enumerate(pairs)]
