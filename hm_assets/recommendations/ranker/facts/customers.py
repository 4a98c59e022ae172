"""What is known of each customer: how lately, how often and how dear they buy. Nothing of who they are.

The last row is that of a stranger, which is where the position -1 points to.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.ranker.best import Singles
from hm_assets.recommendations.ranker.facts import NEVER
from hm_assets.recommendations.ranker.facts.pairs import Pairs
from hm_assets.segments.space import Floats


@dataclass(frozen=True)
class Customers:
    """Columns over the customers of `Purchases`, and one row more (n + 1).

    Attributes
    ----------
    recency
        Days since the last purchase.
    days_bought
        Days with a purchase.
    days_bought_28d
        The same, of the last 28 days.
    usual_gap
        Mean days between two of them; `NEVER` where there is one at most.
    basket
        Mean articles of such a day.
    price
        Mean price of a unit, in the price index; 0 for a stranger.
    repeat_share
        Share of purchases that were of an article bought before.
    """

    recency: Singles
    days_bought: Singles
    days_bought_28d: Singles
    usual_gap: Singles
    basket: Singles
    price: Singles
    repeat_share: Singles


def of(bought: Purchases, pairs: Pairs) -> Customers:
    """Of all customers that are known."""
    count = len(bought.customers)
    width = int(bought.ago.max(initial=0)) + 1
    # Sorted and not hashed, as `np.unique` would: of millions of rows a third of the time.
    days = np.sort(bought.customer.astype(np.int64) * width + bought.ago)
    days = days[np.diff(days, prepend=-1) > 0]
    who, ago = days // width, days % width
    days_bought = np.bincount(who, minlength=count).astype(np.float64)
    lately = np.bincount(who[ago < 28], minlength=count).astype(np.float64)
    starts = np.searchsorted(who, np.arange(count))
    # Days of a customer ascend.
    recency = ago[starts] if count else np.zeros(0)
    longest = ago[np.append(starts[1:], len(ago)) - 1] if count else np.zeros(0)
    purchases = np.bincount(bought.customer, minlength=count)
    units = np.bincount(bought.customer, bought.units, count)
    spend = np.bincount(bought.customer, bought.spend, count)
    articles = np.bincount(pairs.customers, minlength=count)
    gap = np.where(days_bought > 1, (longest - recency) / np.maximum(days_bought - 1, 1), NEVER)
    return Customers(
        _with_stranger(recency, NEVER),
        _with_stranger(days_bought, 0),
        _with_stranger(lately, 0),
        _with_stranger(gap, NEVER),
        _with_stranger(purchases / np.maximum(days_bought, 1), 0),
        _with_stranger(spend / np.maximum(units, 1), 0),
        _with_stranger(1 - articles / np.maximum(purchases, 1), 0),
    )


def _with_stranger(column: Floats, stranger: float) -> Singles:
    return np.append(column, stranger).astype(np.float32)
