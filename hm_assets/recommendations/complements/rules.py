"""Rules of baskets: of those that hold the antecedent, how many hold the consequent too, and whether that is chance.

Support, confidence and lift are the textbook's (Agrawal, Imielinski and Swami 1993). Whether it is chance is judged by
`adjusted_lift`, baskets with both over those expected (`pairs.py`). A customer who buys the same two things each week
is one customer: counts are divided by their design effect, the sum of squares of the customers' counts over their sum
(Rao and Scott 1992), and compared with a Poisson count, whose upper tail is the widest of all sums of rare events.
False discoveries are held over all pairs of items that lie in baskets enough (Benjamini and Hochberg 1995): a pair
that was never seen together was tested too.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from hm_assets.recommendations.complements.baskets import Baskets
from hm_assets.recommendations.complements.pairs import Pairs
from hm_assets.segments.space import Bools, Floats, Ints

FALSE_DISCOVERIES = 0.05
FEWEST_BASKETS, FEWEST_CUSTOMERS = 10, 5
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Rules:
    """r rules, each pair of items in both directions, in the order of antecedent and confidence, highest first.

    Attributes
    ----------
    antecedent, consequent
        What is looked up in `Baskets.items` (r).
    baskets, customers
        With both (r).
    support, confidence, lift
        Baskets with both over all, over those with the antecedent; confidence over the share with the consequent (r).
    adjusted_lift, low, high
        Baskets with both over those expected, and its 95 % interval (r).
    p_adjusted
        Of finding as many or more by chance, for all pairs that were tested (r).
    tested
        Pairs tested.
    """

    antecedent: Ints
    consequent: Ints
    baskets: Ints
    customers: Ints
    support: Floats
    confidence: Floats
    lift: Floats
    adjusted_lift: Floats
    low: Floats
    high: Floats
    p_adjusted: Floats
    tested: int

    def of(self, rows: Bools) -> "Rules":
        """Only these."""
        taken = {name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return Rules(**taken, tested=self.tested)


def rules(baskets: Baskets, found: Pairs, fewest_customers: int = FEWEST_CUSTOMERS) -> Rules:
    """The rules that are no chance, among pairs of `fewest_customers` or more."""
    from scipy.special import gammainc

    effect = found.squares / np.maximum(found.both, 1)
    with np.errstate(divide="ignore"):
        lift = np.where(found.expected > 0, found.both / found.expected, np.inf)
    # The upper tail of a Poisson count, carried on to counts that are not whole.
    p = np.where(found.expected > 0, gammainc(found.both / effect, found.expected / effect), 0.0)
    adjusted = benjamini_hochberg(p, found.tested)
    kept = (adjusted <= FALSE_DISCOVERIES) & (found.customers >= fewest_customers) & np.isfinite(lift)
    half = np.exp(Z * np.sqrt(effect / np.maximum(found.both, 1)))
    both_ways = np.concatenate([np.flatnonzero(kept)] * 2)
    n = int(kept.sum())
    a = np.where(np.arange(2 * n) < n, found.first[both_ways], found.second[both_ways])
    b = np.where(np.arange(2 * n) < n, found.second[both_ways], found.first[both_ways])
    both, counts = found.both[both_ways], baskets.with_item
    confidence = both / counts[a]
    order = np.lexsort((b, -confidence, a))
    a, b, both, confidence, chosen = a[order], b[order], both[order], confidence[order], both_ways[order]
    return Rules(
        antecedent=baskets.items[a],
        consequent=baskets.items[b],
        baskets=both,
        customers=found.customers[chosen],
        support=both / max(baskets.count, 1),
        confidence=confidence,
        lift=confidence * baskets.count / counts[b],
        adjusted_lift=lift[chosen],
        low=(lift / half)[chosen],
        high=(lift * half)[chosen],
        p_adjusted=adjusted[chosen],
        tested=found.tested,
    )


def benjamini_hochberg(p: Floats, tested: int) -> Floats:
    """Adjusted p of those that were computed (m), when `tested` were tested; the others count as 1."""
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, len(p) + 1)
    rising = np.minimum.accumulate((p[order] * tested / rank)[::-1])[::-1]
    found = np.empty(len(p))
    found[order] = np.minimum(rising, 1.0)
    return found
