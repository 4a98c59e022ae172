"""95 % intervals of means, medians and shares."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Z = 1.959963984540054

Estimate = tuple[float, float | None, float | None]


def mean(values: Floats) -> Estimate:
    """Mean with its normal interval; no interval for fewer than two values."""
    if len(values) < 2:
        return float(values.mean()), None, None
    half = Z * float(values.std(ddof=1)) / math.sqrt(len(values))
    return float(values.mean()), float(values.mean()) - half, float(values.mean()) + half


def median(values: Floats) -> Estimate:
    """Median with the interval of its order statistics (binomial, normal approximation; Conover 1999, 3.2)."""
    ordered = np.sort(values)
    n = len(ordered)
    half = Z * math.sqrt(n) / 2
    low, high = math.floor(n / 2 - half), math.ceil(n / 2 + half)
    if low < 0 or high >= n:
        return float(np.median(ordered)), None, None
    return float(np.median(ordered)), float(ordered[low]), float(ordered[high])


def share(count: int, total: int) -> Estimate:
    """Share with Wilson's interval (1927)."""
    rate = count / total
    centre = (rate + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z / (1 + Z**2 / total) * math.sqrt(rate * (1 - rate) / total + Z**2 / (4 * total**2))
    return rate, max(0.0, centre - half), min(1.0, centre + half)
