"""Factors of customers and articles from what was bought and what was not, by alternating least squares, by `implicit`.

Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.candidates import in_batches, inner, latest, most_bought, of_some
from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.lists import rows_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.threads import one_thread


@dataclass(frozen=True)
class Als:
    """Settings; called with what is known, they fit.

    On Complete Journey as of 2017-07-02 (200 customers) the higher the confidence the worse: MAP@12
    .0621 with 1, .0433 with 5.

    Attributes
    ----------
    factors, iterations, regularisation
        Of the factorisation.
    confidence
        That a purchase adds to the 1 of an article that was not bought (alpha of the paper).
    customers, articles
        It is fitted on at most so many: the customers who bought last, the articles that most bought.
    half_life
        Days after which a purchase counts half.
    owned
        Whether what a customer bought before is a candidate.
    """

    factors: int = 64
    iterations: int = 10
    regularisation: float = 1.0
    confidence: float = 1.0
    customers: int = 20_000
    articles: int = 5_000
    half_life: float = 180
    owned: bool = True

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        from implicit.cpu.als import AlternatingLeastSquares
        from scipy import sparse

        bought = known.purchases
        columns = most_bought(bought, self.articles)
        history = bought.matrix(weights(bought, self.half_life))[:, columns].tocsr()
        if not len(columns):
            return Fitted(self, bought, columns, history, None)
        # Made inside too: it looks at BLAS's threads when it is made, and warns of more than one.
        with one_thread():
            model = AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.regularisation,
                alpha=self.confidence,
                iterations=self.iterations,
                num_threads=1,
                random_state=known.seed,
            )
            learned = history[latest(bought, self.customers)].astype(np.float32)
            model.fit(sparse.csr_matrix(learned), show_progress=False)
        return Fitted(self, bought, columns, history, model)


@dataclass(frozen=True)
class Fitted:
    """Histories (customers x m) of the m articles that take part (positions), and `implicit`'s model of them."""

    settings: Als
    purchases: Purchases
    columns: Ints
    history: Any
    model: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return in_batches(self.purchases, keys, self._scored)

    def _scored(self, rows: Ints) -> Any:
        mine = rows_of(self.history, rows)
        found = (
            inner(self._customers(mine), np.asarray(self.model.item_factors, dtype=np.float64))
            if self.model
            else mine.toarray()
        )
        return of_some(found, self.columns, len(self.purchases.articles), mine, self.settings.owned, DEPTH)

    def _customers(self, mine: Any) -> Floats:
        """Factors of customers by what they bought, learned from or not (n x factors)."""
        from scipy import sparse

        with one_thread():
            found = self.model.recalculate_user(
                np.arange(mine.shape[0]), sparse.csr_matrix(mine.astype(np.float32))
            )
        return np.asarray(found, dtype=np.float64)
