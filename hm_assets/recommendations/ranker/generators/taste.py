"""Bestsellers of the kinds of product that a customer buys: a share of the customer's, a share of the kind's."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.popular import sold
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists import rows_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.ranker.best import best_of_rows
from hm_assets.recommendations.ranker.kinds import kind_of
from hm_assets.segments.space import Ints

DAYS = 28
"""Sales of the last so many days."""
HALF_LIFE = 60
PER_KIND = 20
KIND = "product_type_name"


@dataclass(frozen=True)
class Taste:
    """What customers buy (customers x kinds), and what sells of each kind (kinds x articles)."""

    purchases: Purchases
    shares: Any
    sellers: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return rows_of(self.shares, self.purchases.positions(keys)) @ self.sellers


def fit(known: Known) -> Taste:
    """See `Rung`."""
    from scipy import sparse

    bought = known.purchases
    kind, kinds = kind_of(known, KIND)
    shares = sparse.csr_array(
        (weights(bought, HALF_LIFE).astype(np.float32), (bought.customer, kind[bought.article])),
        shape=(len(bought.customers), kinds),
    )
    units = sold(bought, DAYS)
    # Customers buy many kinds: a square root keeps a large kind from taking every place.
    total = np.sqrt(np.maximum(np.bincount(kind, units, kinds), 1.0))
    sales = sparse.csr_array(
        ((units / total[kind]).astype(np.float32), (kind, np.arange(len(kind)))), shape=(kinds, len(kind))
    )
    row, column, value, _ = best_of_rows(sales, PER_KIND)
    return Taste(bought, shares, sparse.csr_array((value, (row, column)), shape=sales.shape))
