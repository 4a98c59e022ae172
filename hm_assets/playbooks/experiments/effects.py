"""What a campaign changed: a difference of two arms with its interval, plain and with CUPED.

Shares by Newcombe's hybrid score interval (1998, method 10), amounts by Welch's, and either again after CUPED (Deng,
Xu, Kohavi and Walker 2013): what a customer spent before the campaign explains part of what they do after it, and is
taken off. The coefficient is the one that makes the variance of the difference smallest, so it is never above the
plain one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
LEVEL: Final = 0.95
Z: Final = NormalDist().inv_cdf(0.5 + LEVEL / 2)


@dataclass(frozen=True)
class Effect:
    """Treated minus held out.

    Attributes
    ----------
    treated, holdout
        Customers.
    treated_mean, holdout_mean
        Of the outcome; with CUPED adjusted to the same spend before.
    difference, low, high
        With its 95 % interval.
    error
        Standard error of the difference.
    p
        Two-sided chance of such a difference where there is none.
    """

    treated: int
    holdout: int
    treated_mean: float
    holdout_mean: float
    difference: float
    low: float
    high: float
    error: float
    p: float


def of_shares(treated: Floats, holdout: Floats) -> Effect | None:
    """Of outcomes that are 0 or 1; None where an arm is empty."""
    if not len(treated) or not len(holdout):
        return None
    mine, theirs = float(treated.mean()), float(holdout.mean())
    (my_low, my_high), (their_low, their_high) = wilson(treated), wilson(holdout)
    low = mine - theirs - math.hypot(mine - my_low, their_high - theirs)
    high = mine - theirs + math.hypot(my_high - mine, theirs - their_low)
    error = math.sqrt(mine * (1 - mine) / len(treated) + theirs * (1 - theirs) / len(holdout))
    pooled = (treated.sum() + holdout.sum()) / (len(treated) + len(holdout))
    null = math.sqrt(pooled * (1 - pooled) * (1 / len(treated) + 1 / len(holdout)))
    p = 1.0 if null == 0 else 2 * NormalDist().cdf(-abs(mine - theirs) / null)
    return Effect(len(treated), len(holdout), mine, theirs, mine - theirs, low, high, error, p)


def of_means(treated: Floats, holdout: Floats) -> Effect | None:
    """Of amounts (Welch 1947); None where an arm has fewer than two customers."""
    if min(len(treated), len(holdout)) < 2:
        return None
    parts = [float(arm.var(ddof=1)) / len(arm) for arm in (treated, holdout)]
    error, difference = math.sqrt(sum(parts)), float(treated.mean() - holdout.mean())
    if error == 0:
        reach, p = 0.0, float(difference == 0)
    else:
        from scipy.stats import t

        freedom = sum(parts) ** 2 / sum(
            part**2 / (len(arm) - 1) for part, arm in zip(parts, (treated, holdout), strict=True)
        )
        reach = float(t.ppf(0.5 + LEVEL / 2, freedom)) * error
        p = float(2 * t.sf(abs(difference) / error, freedom))
    return Effect(
        len(treated),
        len(holdout),
        float(treated.mean()),
        float(holdout.mean()),
        difference,
        difference - reach,
        difference + reach,
        error,
        p,
    )


def with_cuped(
    treated: Floats, holdout: Floats, treated_before: Floats, holdout_before: Floats
) -> Effect | None:
    """The same of outcomes without what the spend before explains; None as `of_means`.

    Parameters
    ----------
    treated, holdout
        The outcome of each customer.
    treated_before, holdout_before
        What each had spent before the campaign, in the same order.
    """
    if min(len(treated), len(holdout)) < 2:
        return None
    arms = ((treated, treated_before), (holdout, holdout_before))
    together = sum(float(np.cov(after, before)[0, 1]) / len(after) for after, before in arms)
    alone = sum(float(before.var(ddof=1)) / len(before) for _, before in arms)
    slope = together / alone if alone > 0 else 0.0
    middle = float(np.concatenate([treated_before, holdout_before]).mean())
    return of_means(*(after - slope * (before - middle) for after, before in arms))


def over_strata(parts: Sequence[Effect], weights: Sequence[float]) -> Effect:
    """The difference of everybody from those of segments, each with its share of the customers (Zou and Donner 2008).

    Segments may hold out other shares: arms that are pooled as they are would then compare other mixes of customers.

    Parameters
    ----------
    parts
        At least one.
    weights
        Positive; they are divided by their sum.
    """
    shares = np.asarray(weights, dtype=np.float64) / sum(weights)
    difference, mine, theirs = (
        float(shares @ np.array([getattr(part, name) for part in parts]))
        for name in ("difference", "treated_mean", "holdout_mean")
    )
    below, above, error = (
        math.hypot(*(w * reach for w, reach in zip(shares, reaches, strict=True)))
        for reaches in (
            [part.difference - part.low for part in parts],
            [part.high - part.difference for part in parts],
            [part.error for part in parts],
        )
    )
    p = float(difference == 0) if error == 0 else 2 * NormalDist().cdf(-abs(difference) / error)
    return Effect(
        sum(part.treated for part in parts),
        sum(part.holdout for part in parts),
        mine,
        theirs,
        difference,
        difference - below,
        difference + above,
        error,
        p,
    )


def wilson(outcomes: Floats) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927)."""
    return wilson_of(float(outcomes.sum()), len(outcomes))


def wilson_of(count: float, customers: int) -> tuple[float, float]:
    """The same from counts; of nobody it is everything."""
    if customers == 0:
        return 0.0, 1.0
    share, more = count / customers, Z**2 / customers
    middle = (share + more / 2) / (1 + more)
    reach = Z / (1 + more) * math.sqrt(share * (1 - share) / customers + more / (4 * customers))
    return max(0.0, middle - reach), min(1.0, middle + reach)
