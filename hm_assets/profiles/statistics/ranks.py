"""Do groups differ in rank, whatever the shape of their distributions: Kruskal-Wallis, Cliff's delta.

All of it comes from one table: how often each distinct value occurs in each group. Ties are at their mean rank. The
table is made by one sort; what is resampled is its counts.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.profiles.statistics.moments import Test
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.space import Ints

LEVEL = 0.95
# From where Cliff's delta is small, medium, large: what d = 0.2, 0.5, 0.8 makes of normal distributions (Romano et al.
# 2006).
DELTA = (0.147, 0.33, 0.474)
MOST_RESAMPLED = 10_000


@dataclass(frozen=True)
class Ordinal:
    """Counts of k groups (rows) by distinct value, the values rising (columns)."""

    counts: Floats

    @classmethod
    def of(cls, groups: Ints, values: Floats, k: int) -> "Ordinal":
        """Of `values` (n) in `groups` (n, from 0 to k - 1).

        Raises
        ------
        CannotFit
            Fewer than two groups, an empty one, or one value only.
        """
        distinct, places = np.unique(values, return_inverse=True)
        width = len(distinct)
        counts = np.bincount(groups * width + places.ravel(), minlength=k * width).reshape(k, width)
        if k < 2 or counts.sum(axis=1).min() < 1:
            raise CannotFit("ranks are compared between groups, and each needs a known value")
        if width < 2:
            raise CannotFit("everybody has the same value")
        return cls(counts.astype(np.float64))

    @property
    def sizes(self) -> Floats:
        """Values in each group."""
        return np.asarray(self.counts.sum(axis=1))


def kruskal_wallis(table: Ordinal) -> Test:
    """Kruskal and Wallis (1952), corrected for ties; p by the chi-square distribution."""
    from scipy.stats import chi2

    statistic, df = _h(table.counts), len(table.counts) - 1
    return Test(statistic, df, float(chi2.sf(statistic, df)))


def epsilon_squared(table: Ordinal) -> float:
    """Kelley's epsilon squared of the ranks, (H - k + 1) / (n - k): about 0 for groups drawn by lot.

    Others call it eta squared of H (rstatix), and H / (n - 1), which is never negative, epsilon squared.
    """
    return _epsilon(table.counts)


def cliffs_delta(table: Ordinal) -> Floats:
    """Of each pair (k x k): how much likelier a member of the row's group has more than one of the column's than less.

    1 where all have more, 0 where neither is likelier (Cliff 1993).
    """
    return _deltas(table.counts)


def deltas_to_others(values: Floats, segments: Ints) -> dict[int, float]:
    """Cliff's delta of each segment against all others, -1 to 1; none where one of the two has no known value.

    Parameters
    ----------
    values
        What each customer has (n), NaN where unknown.
    segments
        The segment of each (n).
    """
    known = ~np.isnan(values)
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    # Ties share the mean of their ranks, so that a tie is neither more nor less.
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    ids, mine = np.unique(segments[known], return_inverse=True)
    sizes, sums = np.bincount(mine), np.bincount(mine, weights=ranks)
    others = len(ranks) - sizes
    return {
        int(i): float(2 * (total - n * (n + 1) / 2) / (n * m) - 1)
        for i, n, m, total in zip(ids, sizes.tolist(), others.tolist(), sums, strict=True)
        if m
    }


def brunner_munzel(table: Ordinal, first: int, second: int) -> Test:
    """Whether Cliff's delta of two groups is 0, with unequal variances (Brunner and Munzel 2000).

    Raises
    ------
    CannotFit
        A group with fewer than two values.
    """
    from scipy.stats import t

    sizes = table.sizes[[first, second]]
    if sizes.min() < 2:
        raise CannotFit("a group has one known value; a variance needs two")
    own = table.counts[[first, second]]
    below = np.cumsum(own, axis=1) - own / 2
    # Where each member stands in the other group: the share of it below, of equal ones a half.
    stands = (below[::-1].T / sizes[::-1]).T
    means = (own * stands).sum(axis=1) / sizes
    squares = (own * (stands - means[:, None]) ** 2).sum(axis=1) / (sizes - 1) / sizes
    error = float(np.sqrt(squares.sum()))
    if error <= 0:
        # No value of one group lies among the other's.
        apart = abs(means[0] - 0.5) > 1e-12
        return Test(
            float(np.sign(means[0] - 0.5)) * np.inf if apart else 0.0,
            float(sizes.sum() - 2),
            float(not apart),
        )
    statistic = float((means[0] - 0.5) / error)
    df = float(squares.sum() ** 2 / (squares**2 / (sizes - 1)).sum())
    return Test(statistic, df, float(2 * t.sf(abs(statistic), df)))


def bootstrapped(table: Ordinal, seed: int, resamples: int) -> tuple[Floats, Floats, Floats]:
    """95 % intervals by a bootstrap within groups: of epsilon squared (2), of Cliff's deltas low and high (k x k).

    Groups of more than 10,000 are resampled as 10,000 of them, and the deviations shrink by the root of the share.
    """
    rng = np.random.default_rng(seed)
    sizes = table.sizes
    taken = np.minimum(sizes, MOST_RESAMPLED).astype(np.int64)
    rows = [_some(row, int(most), rng) for row, most in zip(table.counts, taken, strict=True)]
    used = np.unique(np.concatenate([np.flatnonzero(row) for row in rows]))
    base = np.stack([row[used] for row in rows])
    shares = base / taken[:, None]
    shrink = float(np.sqrt(taken.sum() / sizes.sum()))
    narrow = np.sqrt(np.add.outer(1 / sizes, 1 / sizes) / np.add.outer(1 / taken, 1 / taken))
    truth, centre = _epsilon(base, biased=True), _deltas(base)
    epsilons, deltas = np.empty(resamples), np.empty((resamples, *centre.shape))
    for draw in range(resamples):
        counts = np.stack([rng.multinomial(n, p) for n, p in zip(taken, shares, strict=True)]).astype(
            np.float64
        )
        epsilons[draw], deltas[draw] = _epsilon(counts) - truth, _deltas(counts) - centre
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    whole = _deltas(table.counts)
    low, high = (np.clip(whole + narrow * np.quantile(deltas, end, axis=0), -1, 1) for end in ends)
    return _epsilon(table.counts) + shrink * np.quantile(epsilons, ends), low, high


def _some(row: Floats, most: int, rng: np.random.Generator) -> Floats:
    counts = row.astype(np.int64)
    if counts.sum() <= most:
        return row
    members = np.sort(rng.choice(int(counts.sum()), most, replace=False))
    return np.bincount(np.searchsorted(np.cumsum(counts), members, side="right"), minlength=len(row)).astype(
        np.float64
    )


def _h(counts: Floats) -> float:
    sizes, ties = counts.sum(axis=1), counts.sum(axis=0)
    n = float(ties.sum())
    ranks = np.cumsum(ties) - (ties - 1) / 2
    untied = 1 - float((ties**3 - ties).sum()) / (n**3 - n)
    if untied <= 0:
        return 0.0
    deviations = counts @ ranks / sizes - (n + 1) / 2
    return float(12 / (n * (n + 1)) * (sizes @ deviations**2) / untied)


def _epsilon(counts: Floats, biased: bool = False) -> float:
    n, k = float(counts.sum()), len(counts)
    if n <= k:
        return 0.0
    return _h(counts) / (n - 1) if biased else (_h(counts) - k + 1) / (n - k)


def _deltas(counts: Floats) -> Floats:
    shares = counts / counts.sum(axis=1, keepdims=True)
    below = np.cumsum(shares, axis=1) - shares / 2
    return np.asarray(2 * (shares @ below.T) - 1)
