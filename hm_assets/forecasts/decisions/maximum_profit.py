"""Expected maximum profit of a ranking (EMPC; Verbraken, Verbeke and Baesens 2013), and the share contacted for it.

For each acceptance gamma the best part of the ranking is contacted; the mean over gamma is the measure. The best cut
lies on the convex hull of the ROC curve, whose pieces are what isotonic regression finds (Fawcett and Niculescu-Mizil
2007): blocks with a share q of leavers. A block pays from the gamma on at which its profit is 0, and the integral over
a beta density has a closed form. Cuts are best in hindsight, for every model alike: it compares rankings and promises
no profit.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hm_assets.forecasts.decisions.campaign import Campaign
from hm_assets.segments.space import Bools, Floats


@dataclass(frozen=True)
class Ranking:
    """Customers (n) from the likeliest leaver down; equal scores form one group, which `starts` begin."""

    order: npt.NDArray[np.int64]
    left: Floats
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, leaves: Floats, left: Bools) -> "Ranking":
        """Sort scores (n, high = leaves) with what happened."""
        order = np.argsort(-leaves, kind="stable")
        ranked = leaves[order]
        starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])) if len(order) else order
        return cls(order, left[order].astype(np.float64), starts)


def expected_maximum_profit(
    ranking: Ranking, campaign: Campaign, weights: Floats | None = None
) -> tuple[float, float]:
    """Profit per customer in mean orders, and the share of customers contacted; NaN of nobody.

    Parameters
    ----------
    ranking
        Customers (n).
    campaign
        Its assumptions; with a value of no more than the incentive nobody is worth contacting, and both are 0.
    weights
        How often each counts (n), in the order that the ranking was made from.
    """
    from scipy.optimize import isotonic_regression
    from scipy.special import betainc

    if not len(ranking.left):
        return float("nan"), float("nan")
    counted = np.ones(len(ranking.left)) if weights is None else weights[ranking.order]
    share = np.add.reduceat(counted, ranking.starts)
    leavers = np.add.reduceat(counted * ranking.left, ranking.starts)
    known = share > 0
    share, leavers = share[known], leavers[known]
    q = isotonic_regression(leavers / share, weights=share, increasing=False).x
    share = share / share.sum()
    gained, lost = campaign.value - campaign.incentive, campaign.incentive + campaign.contact
    if gained <= 0:
        return 0.0, 0.0
    # The gamma from which on a block pays.
    pays = np.divide(lost * (1 - q) + campaign.contact * q, gained * q, out=np.ones_like(q), where=q > 0)
    pays = np.minimum(pays, 1.0)
    above = 1 - betainc(campaign.alpha, campaign.beta, pays)
    gamma_above = campaign.acceptance * (1 - betainc(campaign.alpha + 1, campaign.beta, pays))
    profit = gained * q * gamma_above - (campaign.contact * q + lost * (1 - q)) * above
    return float((share * profit).sum()), float((share * above).sum())
