"""What a segmentation says of the time after it: the share of a later outcome's variance that the segments explain.

Omega squared (Hays 1963) is eta squared without its optimism: groups drawn by lot get about 0 instead of
(k - 1) / (n - 1), so that partitions with different k can be compared. It may be slightly negative.

A fit on other customers would cut elsewhere, and that moves the figure more than which customers it is measured on. So
the interval takes both: several fits on customers that none of them shares, each measured on the others'.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.space import Floats, Ints

LEVEL = 0.95
CAP_QUANTILE = 0.99


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


def quintiles(values: Floats, learned_from: Floats | None = None) -> Ints:
    """Groups 0-4 by the 20, 40, 60 and 80 % quantiles, as a baseline; equal values share one, so some may be empty.

    The quantiles are those of `learned_from`, or of the values themselves.
    """
    known = values if learned_from is None else learned_from
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    cuts = np.quantile(known, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")
    return np.searchsorted(cuts, values, side="left").astype(np.int64)


def omega_squared(labels: npt.NDArray[np.generic], outcome: Floats) -> float:
    """Bias-corrected share of the variance of `outcome` (n) between the groups of `labels` (n), at most 1.

    0 where there is one group or everybody did the same.

    Raises
    ------
    CannotFit
        As many groups as customers, or an outcome that is not finite.
    """
    return _explained(labels, outcome)[0]


def omega_squared_of(between: float, within: float, n: float, k: int) -> float:
    """From sums of squares between and within k groups of n customers, k < n (Hays 1963)."""
    mean_within = within / (n - k)
    return (between - (k - 1) * mean_within) / (between + within + mean_within)


def later_value(
    placements: Sequence[npt.NDArray[np.generic]], outcome: Floats, folds: Ints | None = None
) -> tuple[float, float, float]:
    """Omega squared, its mean over fits, and the limits of its 95 % interval.

    The variance is that of which customers it was measured on (each one's influence on the mean, Hampel 1974) plus the
    variance between the fits by their number, with Student's quantile for both (Satterthwaite 1946). With a single
    placement the interval knows nothing of how the segments were found, and is too narrow for a clustering.

    Parameters
    ----------
    placements
        Of each fit the labels of all n customers.
    outcome
        What these did later (n).
    folds
        The number of the fit that each customer was learned from (n), which is not measured on them; None where the
        fits saw none of them.

    Raises
    ------
    CannotFit
        See `omega_squared`.
    """
    return _over_fits([placements], outcome, folds)


def later_gain(
    placements: Sequence[npt.NDArray[np.generic]],
    others: Sequence[npt.NDArray[np.generic]],
    outcome: Floats,
    folds: Ints | None = None,
) -> tuple[float, float, float]:
    """Omega squared of `placements` minus that of `others`, and the limits of its 95 % interval; see `later_value`.

    Both are measured on the same customers, so what these have in common is in no interval.
    """
    return _over_fits([placements, others], outcome, folds)


def _over_fits(
    sides: Sequence[Sequence[npt.NDArray[np.generic]]], outcome: Floats, folds: Ints | None
) -> tuple[float, float, float]:
    """Omega squared of the first side, minus that of the second where there is one, with its interval."""
    from scipy.stats import t

    fits, n = len(sides[0]), len(outcome)
    values, influence = np.zeros(fits), np.zeros(n)
    for sign, placements in zip((1, -1), sides, strict=False):
        for fit, labels in enumerate(placements):
            others = np.arange(n) if folds is None else np.flatnonzero(folds != fit)
            value, own = _explained(labels[others], outcome[others])
            values[fit] += sign * value
            influence[others] += sign * own / (len(others) * fits)
    value, seen = float(values.mean()), float((influence**2).sum())
    between = float(values.var(ddof=1)) / fits if fits > 1 else 0.0
    freedom = (fits - 1) * ((seen + between) / between) ** 2 if between > 0 else np.inf
    half = float(t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(seen + between))
    return value, value - half, value + half


def _explained(labels: npt.NDArray[np.generic], outcome: Floats) -> tuple[float, Floats]:
    """Omega squared, and the influence of each row on it (n, with mean 0)."""
    if not np.isfinite(outcome).all():
        raise CannotFit("a later outcome is not finite; who bought nothing has 0")
    found, groups = np.unique(labels, return_inverse=True)
    n, k = len(outcome), len(found)
    if k >= n:
        raise CannotFit(f"{n} customers in {k} segments leave nothing to compare within them")
    centred = outcome - outcome.mean()
    means = np.bincount(groups, centred) / np.bincount(groups)
    of_all, within = centred**2, (centred - means[groups]) ** 2
    total = float(of_all.sum())
    if total <= 1e-12 * n or k == 1:
        return 0.0, np.zeros(n)
    left = float(within.sum()) / total
    value = omega_squared_of(total * (1 - left), left * total, n, k)
    return value, np.asarray((left * of_all - within) * (n / total))
