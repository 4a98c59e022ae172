"""What measured campaigns make of the assumption: Bayes' rule on the share of leavers who are kept.

Assumed is Beta(alpha, beta) (`HM_CAMPAIGN_ALPHA`, `HM_CAMPAIGN_BETA`): of those who would not have ordered, this share
does. A campaign with a holdout measures it: if a share l of the holdout does not order, (1 - share) l of the treated
do not. The difference of the two, leaving of the treated minus (1 - share) x leaving of the holdout, is normal around 0
for the true share (Fieller 1954), so it gives a likelihood of the share; campaigns multiply theirs. The posterior is
worked out on a grid and told as the Beta of the same mean and variance, for the settings to take.
"""

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
POINTS: Final = 20_001
FEWEST: Final = 5  # customers of an arm
CHI_SQUARE_95: Final = 3.841458820694124


class Counts(NamedTuple):
    """Customers of a campaign's arms in a segment, and how many of them ordered."""

    treated: int
    treated_ordered: int
    holdout: int
    holdout_ordered: int

    @property
    def tells(self) -> bool:
        """Whether enough of each arm left for their ratio to say something."""
        return min(self.treated - self.treated_ordered, self.holdout - self.holdout_ordered) >= FEWEST


class Belief(NamedTuple):
    """A Beta distribution of the share: its parameters, its mean, and its 95 % interval."""

    alpha: float
    beta: float
    mean: float
    low: float
    high: float


class Measured(NamedTuple):
    """What campaigns alone say: the likeliest share and its 95 % interval; below 0 the campaign drove people away."""

    value: float
    low: float
    high: float


def belief(alpha: float, beta: float) -> Belief:
    """A Beta distribution with its mean and interval."""
    from scipy.stats import beta as distribution

    low, high = distribution.ppf([0.025, 0.975], alpha, beta)
    return Belief(alpha, beta, alpha / (alpha + beta), float(low), float(high))


def quantile(alpha: float, beta: float, share: float) -> float:
    """A quantile of the same."""
    from scipy.stats import beta as distribution

    return float(distribution.ppf(share, alpha, beta))


def measured(campaigns: Sequence[Counts]) -> Measured | None:
    """The likeliest share and its likelihood-ratio interval; None without a campaign that tells."""
    campaigns = [each for each in campaigns if each.tells]
    if not campaigns:
        return None
    wide = np.linspace(-3, 1, POINTS)
    near = wide[_plausible(wide, campaigns)]
    grid = np.linspace(near[0] - 1e-3, min(near[-1] + 1e-3, 1.0), POINTS)
    heights = _log_likelihood(grid, campaigns)
    kept = grid[_plausible(grid, campaigns)]
    return Measured(float(grid[heights.argmax()]), float(kept[0]), float(kept[-1]))


def update(prior: Belief, campaigns: Sequence[Counts]) -> Belief:
    """The belief after these campaigns; the prior where none of them tells."""
    campaigns = [each for each in campaigns if each.tells]
    if not campaigns:
        return prior
    # Never at 0 or 1, where a Beta's logarithm is none.
    grid = (np.arange(POINTS) + 0.5) / POINTS
    heights = (
        (prior.alpha - 1) * np.log(grid)
        + (prior.beta - 1) * np.log1p(-grid)
        + _log_likelihood(grid, campaigns)
    )
    weights = np.exp(heights - heights.max())
    weights /= weights.sum()
    mean = float(weights @ grid)
    variance = float(weights @ (grid - mean) ** 2)
    size = mean * (1 - mean) / variance - 1
    return belief(mean * size, (1 - mean) * size)


def _variance(ordered: int, customers: int) -> float:
    """Of a share, with half a customer added on either side: nobody, or everybody, is not known for certain."""
    share = (ordered + 0.5) / (customers + 1)
    return share * (1 - share) / customers


def _plausible(grid: Floats, campaigns: Sequence[Counts]) -> Any:
    heights = _log_likelihood(grid, campaigns)
    return 2 * (heights.max() - heights) <= CHI_SQUARE_95


def _log_likelihood(grid: Floats, campaigns: Sequence[Counts]) -> Floats:
    found = np.zeros_like(grid)
    for each in campaigns:
        mine, theirs = 1 - each.treated_ordered / each.treated, 1 - each.holdout_ordered / each.holdout
        parts = (_variance(each.treated_ordered, each.treated), _variance(each.holdout_ordered, each.holdout))
        variance = parts[0] + (1 - grid) ** 2 * parts[1]
        found -= (mine - (1 - grid) * theirs) ** 2 / (2 * variance) + np.log(2 * math.pi * variance) / 2
    return found
