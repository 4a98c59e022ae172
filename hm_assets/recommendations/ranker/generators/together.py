"""What was bought on one day with articles of one's own: counts of pairs, cosine, pairs of one basket left out."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists import rows_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.ranker.best import best_of_rows
from hm_assets.segments.space import Ints

DAYS = 120
"""Baskets of the last so many days."""
HALF_LIFE = 30
LEAST = 2
"""Baskets that a pair must have been in."""
PARTNERS = 30
LARGEST = 100
"""A basket of more articles is a reseller's or a stock-up: it pairs everything with everything."""


@dataclass(frozen=True)
class Together:
    """Partners of each article (articles x articles), and what customers bought lately (customers x articles)."""

    purchases: Purchases
    recent: Any
    partners: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return rows_of(self.recent, self.purchases.positions(keys)) @ self.partners


def fit(known: Known) -> Together:
    """See `Rung`."""
    from scipy import sparse

    bought = known.purchases
    width = len(bought.articles)
    recent = bought.ago < DAYS
    worth = np.where(recent, weights(bought, HALF_LIFE), 0.0).astype(np.float32)
    mine = bought.matrix(worth)
    mine.eliminate_zeros()
    customer, article = bought.customer[recent].astype(np.int64), bought.article[recent]
    _, basket, size = np.unique(customer * DAYS + bought.ago[recent], return_inverse=True, return_counts=True)
    usual = size[basket] <= LARGEST
    baskets = sparse.csr_array(
        (np.ones(usual.sum(), dtype=np.float32), (basket[usual], article[usual])), shape=(len(size), width)
    )
    counts = sparse.csr_array(baskets.T @ baskets)
    sold = counts.diagonal()
    one = np.repeat(np.arange(width), np.diff(counts.indptr))
    kept = (counts.data >= LEAST) & (counts.indices != one)
    counts.data = np.where(
        kept, counts.data / np.sqrt(np.maximum(sold[one] * sold[counts.indices], 1)), 0.0
    ).astype(np.float32)
    row, column, value, _ = best_of_rows(counts, PARTNERS)
    partners = sparse.csr_array((value, (row, column)), shape=(width, width))
    return Together(bought, mine, partners)
