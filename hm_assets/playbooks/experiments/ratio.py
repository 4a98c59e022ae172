"""The sample-ratio alarm: were as many of the held out as of the treated told of in the results?

Who was assigned to which arm is known, so the question is whether rows got lost in one arm more than in the other: a
chi-square test of arm against told or lost (Fabijan et al. 2019), Fisher's exact test where an expected number is below
five. Where rows are lost in one arm only, what is left cannot be compared, whatever its difference says.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

LIMIT: Final = 0.001
"""Alarm below this chance: one false alarm in a thousand campaigns whose rows are lost alike in both arms."""
FEWEST_EXPECTED: Final = 5


class Ratio(NamedTuple):
    """Customers that were assigned and that the results tell of, and the chance of as uneven a loss."""

    treated: int
    treated_told: int
    holdout: int
    holdout_told: int
    p: float

    @property
    def alarm(self) -> bool:
        """Whether the arms cannot be compared."""
        return self.p < LIMIT


def over_strata(parts: Sequence[Ratio]) -> Ratio:
    """The same of several segments together (Mantel and Haenszel 1959), each with what is expected of itself.

    Where segments hold out other shares and lose other shares of their rows, the sums of both are uneven though no
    segment is. Of one segment, or where an expected number is below five, it is `ratio` of the sums.
    """
    together = ratio(
        sum(part.treated for part in parts),
        sum(part.treated_told for part in parts),
        sum(part.holdout for part in parts),
        sum(part.holdout_told for part in parts),
    )
    uneven = variance = 0.0
    expected = np.zeros(4)
    for part in parts:
        customers, told = part.treated + part.holdout, part.treated_told + part.holdout_told
        if customers > 1:
            shares = np.array([told, customers - told]) / customers
            expected += np.outer([part.treated, part.holdout], shares).ravel()
            uneven += part.holdout_told - part.holdout * told / customers
            spread = part.treated * part.holdout * told * (customers - told)
            variance += spread / (customers**2 * (customers - 1))
    if len(parts) == 1 or expected.min() < FEWEST_EXPECTED:
        return together
    return together._replace(p=2 * NormalDist().cdf(-abs(uneven) / math.sqrt(variance)))


def ratio(treated: int, treated_told: int, holdout: int, holdout_told: int) -> Ratio:
    """Test it; where nothing was lost, or nobody is in an arm, nothing is uneven and p is 1."""
    counts = np.array([[treated_told, treated - treated_told], [holdout_told, holdout - holdout_told]])
    p = 1.0
    if counts.sum(axis=0).all() and counts.sum(axis=1).all():
        from scipy.stats import chi2_contingency, fisher_exact

        expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
        if expected.min() < FEWEST_EXPECTED:
            p = float(fisher_exact(counts).pvalue)
        else:
            p = float(chi2_contingency(counts, correction=False).pvalue)
    return Ratio(treated, treated_told, holdout, holdout_told, p)
