"""How far two samples lie apart, from counts: KS with its ties, PSI, Wasserstein, chi-square, and what chance makes.

Chance is what two samples of one population would show: all customers of both are thrown together and dealt out anew,
so many to each, which for counts is a multivariate hypergeometric draw. Equal values stay equal in every draw, so the p
of the Kolmogorov-Smirnov statistic is right with ties; its usual formula is for continuous data and, on counts of
purchases, far too large. A customer who is in both samples makes them more alike than two samples are, so that p and
limits are on the careful side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.monitoring.counting import STEP, Cells
from hm_assets.segments.space import Floats, Ints

Counted = npt.NDArray[Any]

DRAWS, MORE, MOST_DRAWS = 999, 5_000, 60_000
ENOUGH_HITS = 10
NULL_LEVEL = 0.95
PSI_GROUPS = 10
# A chance that `bound` puts below this needs no draws.
BEYOND_DOUBT = 1e-5
FEWEST_EXPECTED = 5.0


@dataclass(frozen=True)
class Distance:
    """Two samples compared. What does not exist for the kind of feature is None.

    Attributes
    ----------
    psi, psi_null
        Population stability index over tenths of the reference (or over categories), and the 95 % limit of chance.
    ks
        The largest difference of the two distribution functions, 0-1.
    wasserstein, wasserstein_null
        Mean distance by which values moved, in standard deviations of the reference, and the 95 % limit of chance.
    chi_square
        Pearson's statistic of the table sample x category.
    p
        Chance that two samples of one population differ as much by `ks`, or by `chi_square`.
    shift, low, high
        Mean of the new minus mean of the reference in its standard deviations, with the 95 % interval of two samples.
    """

    psi: float
    psi_null: float
    p: float
    ks: float | None = None
    wasserstein: float | None = None
    wasserstein_null: float | None = None
    chi_square: float | None = None
    shift: float | None = None
    low: float | None = None
    high: float | None = None


def of_numbers(reference: Cells, now: Cells, rng: np.random.Generator) -> Distance:
    """Compare two samples of a number, counted in cells that are `counting.STEP` apart.

    Parameters
    ----------
    reference, now
        Cell -> customers; at least one customer in each.
    rng
        Of the draws.
    """
    cells = sorted({*reference, *now})
    values = np.array(cells, dtype=np.float64) * STEP
    before, after = _aligned(reference, now, cells)
    mean, sd = _moments(values, before)
    new_mean, new_sd = _moments(values, after)
    # Where everybody was alike there is no unit: the grid's own stands in.
    unit = sd if sd > 0 else 1.0
    both = before + after
    groups = _tenths(before)
    n, m = int(before.sum()), int(after.sum())

    def apart(drawn: Counted) -> Floats:
        """Differences of the two distribution functions (draws x cells)."""
        upto = np.cumsum(drawn, axis=-1)
        return np.asarray(np.abs(upto / m - (np.cumsum(both) - upto) / n))

    def ks(drawn: Counted) -> Floats:
        return np.asarray(apart(drawn).max(axis=-1))

    def wasserstein(drawn: Counted) -> Floats:
        return np.asarray((apart(drawn)[..., :-1] * np.diff(values)).sum(axis=-1) / unit)

    def psi(drawn: Counted) -> Floats:
        return _psi(np.add.reduceat(both - drawn, groups, axis=-1), np.add.reduceat(drawn, groups, axis=-1))

    drawn = _draws(both, m, DRAWS, rng)
    statistic = float(ks(after))
    se = float(np.hypot(sd / np.sqrt(n), new_sd / np.sqrt(m))) / unit
    shift = (new_mean - mean) / unit
    most = bound(statistic, n, m)
    return Distance(
        psi=float(psi(after)),
        psi_null=_limit(psi(drawn)),
        p=most if most < BEYOND_DOUBT else _p(both, m, ks, statistic, drawn, rng),
        ks=statistic,
        wasserstein=float(wasserstein(after)),
        wasserstein_null=_limit(wasserstein(drawn)),
        shift=shift,
        low=shift - 1.96 * se,
        high=shift + 1.96 * se,
    )


def of_categories(reference: Cells, now: Cells, rng: np.random.Generator) -> Distance:
    """Compare two samples of a category.

    The p is that of the chi-square distribution where every category expects five customers; rarer ones are put
    together for it. Where that leaves less than two it is of draws, which never show less than one in `MOST_DRAWS`.
    """
    from scipy.stats import chi2

    cells = sorted({*reference, *now})
    before, after = _aligned(reference, now, cells)
    psi, psi_drawn = float(_psi(before, after)), _draws(before + after, int(after.sum()), DRAWS, rng)
    psi_null = _limit(_psi(before + after - psi_drawn, psi_drawn))
    together = _with_rare_ones_together(before, after)
    plenty = len(together[0]) > 1
    before, after = together if plenty else (before, after)
    both, m = before + after, int(after.sum())
    expected = both * (m / both.sum())
    other = both - expected

    def chi_square(drawn: Counted) -> Floats:
        return np.asarray(((drawn - expected) ** 2 * (1 / expected + 1 / other)).sum(axis=-1))

    statistic = float(chi_square(after))
    return Distance(
        psi=psi,
        psi_null=psi_null,
        p=float(chi2.sf(statistic, len(both) - 1))
        if plenty
        else _p(both, m, chi_square, statistic, psi_drawn, rng),
        chi_square=statistic,
    )


def _with_rare_ones_together(before: Ints, after: Ints) -> tuple[Ints, Ints]:
    """The counts with the rarest categories as one, so that each expects five customers in both samples."""
    both = before + after
    least = FEWEST_EXPECTED * both.sum() / min(before.sum(), after.sum())
    order = np.argsort(both, kind="stable")
    rare = int((both < least).sum())
    if rare and both[order[:rare]].sum() < least:
        rare += 1  # with the next one they are enough

    def merged(counts: Ints) -> Ints:
        kept = counts[order[rare:]]
        return np.append(kept, counts[order[:rare]].sum()) if rare else kept

    return merged(before), merged(after)


def bound(ks: float, n: int, m: int) -> float:
    """A bound on the chance that samples of n and m from one distribution differ by `ks` or more.

    Ties only make the statistic smaller, so what holds for continuous data bounds it: e exp(-2 ks^2 nm / (n + m)) (Wei
    and Dudley 2012, Statistics and Probability Letters 82). Too careful to test with; enough to save draws.
    """
    return float(min(1.0, np.exp(1 - 2 * ks**2 * n * m / (n + m))))


def _p(
    both: Ints,
    size: int,
    statistic: Callable[[Counted], Floats],
    observed: float,
    drawn: Counted,
    rng: np.random.Generator,
) -> float:
    """The share of draws that reach what was observed, drawing on until ten do (Besag and Clifford 1991)."""
    draws, hits = 0, 0
    while True:
        hits += int((statistic(drawn) >= observed * (1 - 1e-9)).sum())
        draws += len(drawn)
        if hits >= ENOUGH_HITS or draws >= MOST_DRAWS:
            return (hits + 1) / (draws + 1)
        drawn = _draws(both, size, MORE, rng)


def _draws(both: Ints, size: int, draws: int, rng: np.random.Generator) -> Floats:
    return np.asarray(
        rng.multivariate_hypergeometric(both, size, size=draws, method="marginals"), dtype=np.float64
    )


def _aligned(reference: Cells, now: Cells, cells: list[int] | list[str]) -> tuple[Ints, Ints]:
    before, after = (
        np.array([side.get(cell, 0) for cell in cells], dtype=np.int64) for side in (reference, now)
    )
    if not before.sum() or not after.sum():
        raise ValueError("two samples with at least one customer each are needed")
    return before, after


def _moments(values: Floats, counts: Ints) -> tuple[float, float]:
    mean = float(counts @ values / counts.sum())
    return mean, float(np.sqrt(counts @ (values - mean) ** 2 / counts.sum()))


def _tenths(counts: Ints) -> Ints:
    """Where the reference's tenths begin among the cells; a cell with more than a tenth is a group of its own."""
    upto = np.cumsum(counts) / counts.sum()
    ends = np.searchsorted(upto, np.arange(1, PSI_GROUPS) / PSI_GROUPS - 1e-12) + 1
    return np.unique(np.concatenate([[0], ends[ends < len(counts)]]))


def _psi(before: Counted, after: Counted) -> Floats:
    """Sum of differences of shares times the logarithm of their ratio; half a customer more in each group."""
    groups = before.shape[-1]
    old = (before + 0.5) / (before.sum(axis=-1, keepdims=True) + 0.5 * groups)
    new = (after + 0.5) / (after.sum(axis=-1, keepdims=True) + 0.5 * groups)
    return np.asarray(((new - old) * np.log(new / old)).sum(axis=-1))


def _limit(drawn: Counted) -> float:
    return float(np.quantile(drawn, NULL_LEVEL))
