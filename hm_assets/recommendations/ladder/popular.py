"""Bestsellers: what sold most units in the last seven days, for everybody."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.weeks import DAYS
from hm_assets.segments.space import Floats, Ints


@dataclass(frozen=True)
class Popular:
    """The same scores (articles) for everybody."""

    everybody: Floats

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return same_for(len(keys), self.everybody)


def fit(known: Known) -> Popular:
    """See `Rung`."""
    return Popular(sold(known.purchases, DAYS))


def sold(purchases: Purchases, days: int) -> Floats:
    """Units of each article in the last so many days (articles)."""
    recent = purchases.ago < days
    return np.bincount(
        purchases.article[recent], purchases.units[recent], minlength=len(purchases.articles)
    ).astype(np.float64)


def best(scores: Floats, count: int = DEPTH) -> Ints:
    """Articles (positions) by score above 0, best first; equal ones by key."""
    order = np.lexsort((np.arange(len(scores)), -scores))[:count]
    return np.asarray(order[scores[order] > 0], dtype=np.int64)


def same_for(customers: int, scores: Floats) -> Any:
    """These scores for each of so many customers (sparse CSR), the best 200 of them."""
    from scipy import sparse

    columns = np.sort(best(scores))
    values = np.tile(scores[columns], customers)
    ends = np.arange(customers + 1) * len(columns)
    return sparse.csr_array((values, np.tile(columns, customers), ends), shape=(customers, len(scores)))
