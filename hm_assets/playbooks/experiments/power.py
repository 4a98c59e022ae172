"""How small an effect a holdout can show: the test of two proportions (Fleiss, Levin and Paik 2003, chapter 4).

Two-sided, normal approximation, the standard error of the null from the pooled share. The gain is always meant upward.
"""

import math
from statistics import NormalDist
from typing import Final

ALPHA: Final = 0.05
TARGET: Final = 0.8
MOST: Final = 1 << 40  # customers; more than there are people
STEPS: Final = 60  # halvings: exact to 1e-18

_normal = NormalDist()


def power(base: float, gain: float, treated: int, holdout: int, alpha: float = ALPHA) -> float:
    """Chance that the test sees a gain.

    Parameters
    ----------
    base
        Share of the holdout that does it, in [0, 1].
    gain
        By how much the share of the treated is higher; the sum is at most 1.
    treated, holdout
        Customers, at least 1 each.
    alpha
        Two-sided level.

    Returns
    -------
    float
        In [0, 1]; `alpha` where there is no gain.
    """
    raised = min(base + gain, 1.0)
    pooled = (base * holdout + raised * treated) / (holdout + treated)
    null = math.sqrt(pooled * (1 - pooled) * (1 / holdout + 1 / treated))
    true = math.sqrt(base * (1 - base) / holdout + raised * (1 - raised) / treated)
    if null == 0:
        return alpha  # everybody does it, or nobody, in both arms
    limit = _normal.inv_cdf(1 - alpha / 2) * null
    if true == 0:
        return float(abs(raised - base) > limit)
    upper, lower = (raised - base - limit) / true, (raised - base + limit) / true
    return _normal.cdf(upper) + _normal.cdf(-lower)


def detectable_gain(
    base: float, treated: int, holdout: int, alpha: float = ALPHA, target: float = TARGET
) -> float | None:
    """The smallest gain that is seen with the target's chance (minimum detectable effect); None where none is."""
    low, high = 0.0, 1 - base
    if power(base, high, treated, holdout, alpha) < target:
        return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        if power(base, middle, treated, holdout, alpha) < target:
            low = middle
        else:
            high = middle
    return high


def customers_needed(
    base: float, gain: float, holdout_share: float, alpha: float = ALPHA, target: float = TARGET
) -> int | None:
    """The fewest customers in both arms together with which the gain is seen; None where no number is enough."""

    def enough(customers: int) -> bool:
        holdout = round(customers * holdout_share)
        treated = customers - holdout
        return min(holdout, treated) >= 1 and power(base, gain, treated, holdout, alpha) >= target

    if gain <= 0:
        return None
    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
