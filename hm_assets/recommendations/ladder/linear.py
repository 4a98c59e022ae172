"""EASE: every article's purchases as a linear function of all others', in closed form.

H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019. The weights B minimise |X - X B|^2 + ridge
|B|^2 with a diagonal of 0; the scores are X B, so B's column is the article that is scored and its row the one that
was bought.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.candidates import in_batches, most_bought, of_some
from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.popular import sold
from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.lists import rows_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.threads import one_thread

WEEK, YEAR = 7, 365


@dataclass(frozen=True)
class Ease:
    """Settings; called with what is known, they fit.

    Chosen on Complete Journey as of 2017-07-02 (340 customers, 2,500 articles). With what is owned the lowest ridge
    tried was best (MAP@12 .1227 at 20, .1097 at 100, .0816 at 500; bought or not .0625); of first-time products 500
    with a half-life of 60 days (.0166, against .0146 at 20). As of 2017-06-11, 07-02 and 07-23 (3,881 customers),
    first-time products: .0137 as they are, .0155 with a trend of 0.5 (without decay .0140 at 0.25, .0146 at 0.75).

    Attributes
    ----------
    articles, buyers
        The most bought take part, each with at least so many buyers: B has so many rows and columns.
    ridge
        Of the sum of squared weights.
    half_life
        Days after which a purchase counts half; the logarithm of 1 + the sum of an article is what X holds.
    owned
        Whether what a customer bought before is a candidate.
    trend
        Power of what an article sells a day this week to what it sells a day in a year, by which its score is
        multiplied: what is new to a customer is often what is in season. 0: not at all.
    """

    articles: int = 5_000
    buyers: int = 3
    ridge: float = 20.0
    half_life: float = 180
    owned: bool = True
    trend: float = 0.0

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        bought = known.purchases
        columns = most_bought(bought, self.articles, self.buyers)
        history = bought.matrix(weights(bought, self.half_life))[:, columns].tocsr()
        history.data = np.log1p(history.data)
        found = ease((history.T @ history).toarray(), self.ridge)
        return Fitted(self, bought, columns, history, found * in_season(bought, self.trend)[columns])


@dataclass(frozen=True)
class Fitted:
    """Histories (customers x m) and weights (m x m) of the m articles that take part (positions), trend included."""

    settings: Ease
    purchases: Purchases
    columns: Ints
    history: Any
    weights: Floats

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return in_batches(self.purchases, keys, self._scored)

    def _scored(self, rows: Ints) -> Any:
        mine = rows_of(self.history, rows)
        # A sparse row times a matrix: each row is added up by itself.
        found = mine @ self.weights
        return of_some(found, self.columns, len(self.purchases.articles), mine, self.settings.owned, DEPTH)


def in_season(bought: Purchases, power: float) -> Floats:
    """What each article sells a day in the last week to what it sells a day in a year, to a power (articles)."""
    days = min(YEAR, int(bought.ago.max(initial=0)) + 1)
    week = min(WEEK, days)
    # One unit a week more in both: what hardly sells is not taken for a trend.
    now, usual = (sold(bought, week) + 1) / week, sold(bought, days) / days + 1 / week
    return np.asarray((now / usual) ** power)


def ease(gram: Floats, ridge: float) -> Floats:
    """The weights B (m x m) of articles whose products are `gram` (X'X, m x m); `ridge` is above 0.

    B's entry (i, j) is what a purchase of i says about j.
    """
    if ridge <= 0:
        raise ValueError(f"the ridge is {ridge}; it must be above 0, else the products may have no inverse")
    from scipy.linalg import lapack

    if not len(gram):
        return np.zeros((0, 0))
    # The matrix is positive definite: by Cholesky it takes a third of the time of any inverse, and one thread gives
    # the same bytes on every machine.
    with one_thread():
        factor, _ = lapack.dpotrf(gram + ridge * np.eye(len(gram)), lower=True)
        half, _ = lapack.dpotri(factor, lower=True)
    inverse = np.tril(half) + np.tril(half, -1).T
    # Each column by its own diagonal: transposed, the scores mean nothing (Steck's equation 8).
    found = np.asarray(inverse / -np.diag(inverse))
    np.fill_diagonal(found, 0.0)
    return found
