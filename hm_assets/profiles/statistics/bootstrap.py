"""Bootstrap intervals: of quantiles without drawing, of ratios of few customers by drawing.

The k-th smallest of n values drawn with replacement has a known distribution: it is at most the j-th smallest of the
sample with probability I(j/n; k, n - k + 1), the incomplete beta function (Efron 1979, section 3; Hutson and Ernst
2000). So the bootstrap of a quantile with endlessly many replicates is a formula: no seed, no noise, and one pass over
the distinct values whatever the number of customers.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
CONFIDENCE = 0.95
REPLICATES = 999


class Quantile(NamedTuple):
    """A quantile, the variance of its bootstrap distribution and the 95 % percentile interval."""

    value: float
    variance: float
    low: float
    high: float


def quantile(values: Floats, counts: npt.NDArray[np.int64], level: float) -> Quantile:
    """A quantile of counted values, and its bootstrap.

    Parameters
    ----------
    values
        The distinct values, rising.
    counts
        How many customers have each; at least one in all.
    level
        0.5 for the median. Between two ranks the value is interpolated (numpy's default).
    """
    from scipy.special import betainc, betaincinv

    upto = np.cumsum(counts)
    n = int(upto[-1])
    place = level * (n - 1)
    below, above = (
        values[np.searchsorted(upto, rank, side="right")] for rank in (int(place), int(np.ceil(place)))
    )
    shape = (place + 1, n - place)
    mass = np.diff(betainc(*shape, upto / n), prepend=0.0)
    variance = float(mass @ values**2 - (mass @ values) ** 2)
    ends = n * betaincinv(*shape, np.array([1 - CONFIDENCE, 1 + CONFIDENCE]) / 2)
    low, high = values[np.minimum(np.searchsorted(upto, ends), len(values) - 1)]
    return Quantile(float(below + (place % 1) * (above - below)), max(variance, 0.0), float(low), float(high))


def ratio(top: Floats, bottom: Floats, seed: int) -> tuple[float, float]:
    """The 95 % percentile interval of sum(top) / sum(bottom), customers drawn with replacement.

    For few customers: memory grows with their number times `REPLICATES`. The rows are sorted first, so that neither
    their order nor an id decides which draw they are in. A draw whose bottom is 0 is left out.
    """
    order = np.lexsort((bottom, top))
    n = len(order)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=REPLICATES)
    over, under = weights @ top[order], weights @ bottom[order]
    found = over[under > 0] / under[under > 0]
    low, high = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
