"""Omega squared with a bootstrap interval over customers."""

import numpy as np

from hm_assets.segments.measures.later import omega_squared, omega_squared_of
from hm_assets.segments.space import Floats, Ints, sample

LEVEL = 0.95
MOST_RESAMPLED = 50_000


def bootstrapped(groups: Ints, values: Floats, seed: int, resamples: int) -> tuple[float, float, float]:
    """Omega squared of `values` (n) by `groups` (n), and the limits of its 95 % interval.

    The customers at hand are the population of the bootstrap (Efron 1979), whose true share is their eta squared. Above
    50,000 customers the deviations are learned on 50,000 of them and scaled by the root of the share.

    Raises
    ------
    CannotFit
        As many groups as customers, or a value that is not finite.
    """
    value = omega_squared(groups, values)
    rng = np.random.default_rng(seed)
    rows = sample(len(values), MOST_RESAMPLED, rng)
    n, mine = len(rows), np.unique(groups[rows], return_inverse=True)[1]
    centred = values[rows] - values[rows].mean()
    truth = _shares(mine, centred, np.ones(n))[0]
    drawn = (np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64) for _ in range(resamples))
    deviations = np.array([_shares(mine, centred, weights)[1] for weights in drawn]) - truth
    low, high = np.quantile(deviations * np.sqrt(n / len(values)), ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return value, value + float(low), value + float(high)


def _shares(groups: Ints, centred: Floats, weights: Floats) -> tuple[float, float]:
    """Eta squared and omega squared of weighted customers; 0 where all are alike or in one group."""
    counts, sums = np.bincount(groups, weights), np.bincount(groups, weights * centred)
    n, total = float(counts.sum()), float(sums.sum())
    seen = counts > 0
    k = int(seen.sum())
    of_all = float((weights * centred**2).sum()) - total**2 / n
    if of_all <= 1e-12 * n or k == 1:
        return 0.0, 0.0
    between = float((sums[seen] ** 2 / counts[seen]).sum()) - total**2 / n
    within = max(of_all - between, 0.0)
    return between / of_all, omega_squared_of(between, within, n, k) if n > k else between / of_all
