"""95 % intervals of means, medians, shares and ratios.

The interval of a median lies between two of its order statistics, which is also what the bootstrap gives
(`bootstrap.quantile`; a test holds them together). That of a share is Wilson's: a bootstrap of "nobody" or "everybody"
is a single point, and says that it is certain. A ratio of sums has the linearised interval; of few customers, where
that need not hold, the bootstrap's.
"""

import math

import numpy as np
import numpy.typing as npt

from hm_assets.profiles.statistics import bootstrap

Floats = npt.NDArray[np.float64]
Z = 1.959963984540054
FEW = 500

Estimate = tuple[float, float | None, float | None]


def mean(values: Floats) -> Estimate:
    """Mean with its normal interval; no interval for fewer than two values."""
    if len(values) < 2:
        return float(values.mean()), None, None
    half = Z * float(values.std(ddof=1)) / math.sqrt(len(values))
    return float(values.mean()), float(values.mean()) - half, float(values.mean()) + half


def median(values: Floats) -> Estimate:
    """Median with the interval between two of its order statistics; none for fewer than six values.

    The ranks are those of the binomial's normal approximation (Conover 1999, 3.2): the r-th smallest and the r-th
    largest value.
    """
    ordered = np.sort(values)
    rank = round((len(ordered) - Z * math.sqrt(len(ordered))) / 2)
    if rank < 1:
        return float(np.median(ordered)), None, None
    return float(np.median(ordered)), float(ordered[rank - 1]), float(ordered[-rank])


def share(count: int, total: int, z: float = Z) -> Estimate:
    """Share with Wilson's interval (1927), of 95 % or as wide as so many standard deviations."""
    rate = count / total
    centre = (rate + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(rate * (1 - rate) / total + z**2 / (4 * total**2))
    # At 0 and at all the ends meet the rate, but for the last digit of a float.
    return rate, min(rate, max(0.0, centre - half)), max(rate, min(1.0, centre + half))


def ratio(top: Floats, bottom: Floats, seed: int) -> Estimate | None:
    """Sum over sum, with the linearised interval of a ratio of means (Cochran 1977, 2.11).

    Of fewer than `FEW` customers the bootstrap's interval; none of one; no ratio where the bottom is nothing.
    """
    if bottom.sum() <= 0:
        return None
    found = float(top.sum() / bottom.sum())
    if len(top) < 2:
        return found, None, None
    if len(top) < FEW:
        low, high = bootstrap.ratio(top, bottom, seed)
        return found, min(low, found), max(high, found)
    residual: Floats = top - found * bottom
    half = Z * float(residual.std(ddof=1)) / (math.sqrt(len(top)) * float(bottom.mean()))
    return found, found - half, found + half
