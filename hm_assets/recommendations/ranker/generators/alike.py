"""What similar customers buy: cosine of purchases that count less as time passes (user-kNN; Herlocker et al. 1999).

Similarity is measured to peers, the latest buyers: with a million customers each need not be compared with each.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists import rows_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.ranker.best import best_of_rows
from hm_assets.segments.space import Ints

DAYS = 365
"""Purchases of the last so many days make two customers alike."""
HALF_LIFE = 60
PEERS = 20_000
NEIGHBOURS = 60
MOST = 150
"""Articles of a peer, those that count most."""


@dataclass(frozen=True)
class Alike:
    """Customers' tastes (customers x articles, rows of length 1), those of peers, and what peers bought.

    Attributes
    ----------
    purchases
        What the keys of customers mean.
    tastes
        Customers x articles.
    peers
        Positions of the peers among the customers.
    bought
        Peers x articles: their purchases, each counting less as time passes.
    """

    purchases: Purchases
    tastes: Any
    peers: Ints
    bought: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`: the neighbours' purchases, each neighbour counting as far as alike."""
        rows = self.purchases.positions(keys)
        similar = rows_of(self.tastes, rows) @ self.tastes[self.peers].T
        who, peer, value, _ = best_of_rows(similar, NEIGHBOURS + 1)
        # Nobody is their own neighbour.
        other = self.peers[peer] != rows[who]
        from scipy import sparse

        nearest = sparse.csr_array((value[other], (who[other], peer[other])), shape=similar.shape)
        return nearest @ self.bought


def fit(known: Known) -> Alike:
    """See `Rung`. Articles that everybody buys say little about taste: they count by their inverse frequency."""
    from scipy import sparse

    bought = known.purchases
    worth = np.where(bought.ago < DAYS, weights(bought, HALF_LIFE), 0.0)
    decayed = bought.matrix(worth.astype(np.float32))
    decayed.eliminate_zeros()
    buyers = np.bincount(decayed.indices, minlength=decayed.shape[1])
    rarity = np.log((1 + decayed.shape[0]) / (1 + buyers)).astype(np.float32)
    tastes = decayed.copy()
    tastes.data = np.sqrt(tastes.data) * rarity[tastes.indices]
    length = np.sqrt(np.bincount(_rows(tastes), tastes.data.astype(np.float64) ** 2, tastes.shape[0]))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    tastes.data = (tastes.data * scale[_rows(tastes)]).astype(np.float32)
    peers = latest(bought, PEERS)
    row, column, value, _ = best_of_rows(decayed[peers], MOST)
    kept = sparse.csr_array((value, (row, column)), shape=(len(peers), decayed.shape[1]))
    return Alike(bought, tastes, peers, kept)


def latest(bought: Purchases, count: int) -> Ints:
    """Positions of those who bought last, at most so many, ascending; equally late ones by how much they bought."""
    last = np.full(len(bought.customers), np.iinfo(np.int32).max, dtype=np.int64)
    np.minimum.at(last, bought.customer, bought.ago)
    often = np.bincount(bought.customer, minlength=len(bought.customers))
    order = np.lexsort((np.arange(len(last)), -often, last))
    return np.sort(order[:count])


def _rows(matrix: Any) -> Ints:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
