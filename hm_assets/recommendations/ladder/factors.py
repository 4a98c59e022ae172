"""Truncated SVD of how much each customer spent on each article, log1p of the amount: a row for comparison, no more.

The original analyses factorise amounts. How much an article costs says little of how much somebody likes it, and what
was not bought counts here as an amount of 0; the ladder shows what that is worth beside models of what was bought.
Cremonesi, Koren and Turrin, "Performance of recommender algorithms on top-n recommendation tasks", RecSys 2010
(PureSVD).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.candidates import in_batches, inner, latest, most_bought, of_some
from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.lists import rows_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import UNITS_PER_MEDIAN_PRICE, Floats, Ints
from hm_assets.warehouse.threads import one_thread


@dataclass(frozen=True)
class Svd:
    """Settings; called with what is known, they fit. They are usual values, not tuned.

    Attributes
    ----------
    factors
        Kept of the decomposition.
    customers, articles
        It is fitted on at most so many: the customers who bought last, the articles that most bought.
    owned
        Whether what a customer bought before is a candidate.
    """

    factors: int = 64
    customers: int = 20_000
    articles: int = 5_000
    owned: bool = True

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        from sklearn.utils.extmath import randomized_svd

        bought = known.purchases
        columns = most_bought(bought, self.articles)
        spent = amounts(bought)[:, columns].tocsr()
        learned = spent[latest(bought, self.customers)]
        rank = min(self.factors, *learned.shape)
        if not rank:
            return Fitted(self, bought, columns, spent, np.zeros((len(columns), 1)))
        with one_thread():
            _, _, right = randomized_svd(learned, rank, random_state=known.seed)
        return Fitted(self, bought, columns, spent, np.ascontiguousarray(right.T, dtype=np.float64))


@dataclass(frozen=True)
class Fitted:
    """Amounts (customers x m) of the m articles that take part (positions), and the articles' factors (m x factors)."""

    settings: Svd
    purchases: Purchases
    columns: Ints
    spent: Any
    factors: Floats

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return in_batches(self.purchases, keys, self._scored)

    def _scored(self, rows: Ints) -> Any:
        mine = rows_of(self.spent, rows)
        found = inner(mine @ self.factors, self.factors)
        return of_some(found, self.columns, len(self.purchases.articles), mine, self.settings.owned, DEPTH)


def amounts(bought: Purchases) -> Any:
    """log(1 + amount) of each customer and article (sparse), in fifteenths of the median price of a unit.

    Raw prices of H&M are near 0.03, where the logarithm is a straight line; the unit is that of `segments/space.py`.
    """
    found = bought.matrix(bought.spend)
    price = float(np.median(bought.spend / bought.units)) if len(bought.spend) else 1.0
    found.data = np.log1p(found.data / (price / UNITS_PER_MEDIAN_PRICE))
    return found
