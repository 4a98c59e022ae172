"""Customers with the same taste: what the nearest of them bought lately, and what a customer bought themself.

Similarity is the cosine of purchases that count less as time passes and less the more customers buy the article
(user-kNN: Herlocker et al., SIGIR 1999); a customer's own purchases are added, as in Hu et al., "Modeling
personalized item frequency information for next-basket recommendation", SIGIR 2020.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.candidates import in_batches, latest, unit_rows, unowned
from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.lists import rows_of, strongest
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Ints


@dataclass(frozen=True)
class Neighbours:
    """Settings; called with what is known, they fit.

    Chosen one at a time on Complete Journey as of 2017-06-04, 07-02 and 08-06 (500 customers each). MAP@12 from .1720
    (half-lives 180 and 60, weight 0.5, 100 neighbours): half-life 90 .1726, weight 0.75 .1722, taste of 90 days .1722,
    200 neighbours .1721. A weight of 2, on tastes by counts, was worse: .1594. Own purchases alone: .1679.

    Attributes
    ----------
    nearest
        Neighbours of a customer.
    references
        Customers among whom they are looked for, at most: those who bought last.
    taste_half_life, half_life
        Days after which a purchase counts half, for similarity and for what is recommended.
    others
        Weight of the neighbours' mean purchases beside the customer's own.
    owned
        Whether what a customer bought before is a candidate; if not, the neighbours alone count.
    """

    nearest: int = 100
    references: int = 20_000
    taste_half_life: float = 180
    half_life: float = 90
    others: float = 0.75
    owned: bool = True

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        bought = known.purchases
        decayed = bought.matrix(weights(bought, self.half_life))
        tastes = _tastes(bought, self.taste_half_life)
        rows = latest(bought, self.references)
        return Fitted(self, bought, decayed, tastes, rows, tastes[rows].T.tocsr(), decayed[rows].tocsr())


@dataclass(frozen=True)
class Fitted:
    """Purchases and tastes (customers x articles, sparse), and those of the n references (positions)."""

    settings: Neighbours
    purchases: Purchases
    decayed: Any
    tastes: Any
    references: Ints
    reference_tastes: Any
    reference_purchases: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return in_batches(self.purchases, keys, self._scored)

    def _scored(self, rows: Ints) -> Any:
        mine = rows_of(self.decayed, rows)
        found = (self._near(rows) @ self.reference_purchases).tocsr()
        if not self.settings.owned:
            return strongest(unowned(found, mine), DEPTH)
        return strongest((found + mine).tocsr(), DEPTH)

    def _near(self, rows: Ints) -> Any:
        """The nearest references of customers (n x references, sparse), their similarities adding up to `others`."""
        from scipy import sparse

        alike = (rows_of(self.tastes, rows) @ self.reference_tastes).tocoo()
        # Nobody is their own neighbour.
        another = self.references[alike.col] != rows[alike.row]
        pairs = (alike.row[another], alike.col[another])
        near = strongest(
            sparse.csr_array((alike.data[another], pairs), shape=alike.shape), self.settings.nearest
        )
        total = np.asarray(near.sum(axis=1)).ravel()
        return sparse.diags_array(self.settings.others / np.where(total > 0, total, 1)) @ near


def _tastes(bought: Purchases, half_life: float) -> Any:
    """Decayed purchases weighed by the rarity of the article, each customer's of length 1 (sparse)."""
    from scipy import sparse

    matrix = bought.matrix(weights(bought, half_life))
    matrix.data = np.log1p(matrix.data)
    buyers = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rarity = np.log((1 + matrix.shape[0]) / (1 + buyers))
    return unit_rows((matrix @ sparse.diags_array(rarity)).tocsr())
