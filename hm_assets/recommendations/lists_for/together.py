"""Which articles were bought together on one day: of each article the twenty most frequent partners."""

from dataclasses import dataclass

import numpy as np

from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools, Ints

DAYS = 90
PARTNERS = 20
LEAST = 5
"""Days of customers on which both were bought, for it to be said."""


@dataclass(frozen=True)
class Together:
    """Partners of each article (positions), most often bought together first; those of article i are in a slice.

    `ends[i]` to `ends[i + 1]` is the slice of `partner`, and of `times` (days of customers with both, in the last 90
    days).
    """

    ends: Ints
    partner: Ints
    times: Ints


def together(purchases: Purchases, wanted: Bools) -> Together:
    """Partners of the wanted articles (articles)."""
    from scipy import sparse

    recent = purchases.ago < DAYS
    article = purchases.article[recent].astype(np.int64)
    day_of_customer = purchases.customer[recent].astype(np.int64) * DAYS + purchases.ago[recent]
    days, basket = np.unique(day_of_customer, return_inverse=True)
    width = len(purchases.articles)
    # Whole numbers: their sums are the same in any order.
    bought = sparse.csr_array(
        (np.ones(len(article), dtype=np.int32), (basket, article)), shape=(len(days), width)
    )
    chosen = np.flatnonzero(wanted)
    pairs = (bought.T.tocsr()[chosen] @ bought).tocoo()
    row, column, times = (part.astype(np.int64) for part in (chosen[pairs.row], pairs.col, pairs.data))
    kept = (times >= LEAST) & (row != column)
    row, column, times = row[kept], column[kept], times[kept]
    order = np.lexsort((column, -times, row))
    row, column, times = row[order], column[order], times[order]
    kept = np.arange(len(row)) - np.searchsorted(row, row) < PARTNERS
    row, column, times = row[kept], column[kept], times[kept]
    return Together(np.searchsorted(row, np.arange(width + 1)), column, times)
