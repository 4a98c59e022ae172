"""Articles that the same customers buy: cosine or BM25 similarity of articles, by `implicit`.

Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001; BM25 weights as in Robertson
and Zaragoza, "The Probabilistic Relevance Framework", 2009. An article that two people bought is similar to whatever
else they bought; without a minimum of buyers such accidents fill the lists.
"""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

from hm_assets.recommendations.ladder.candidates import in_batches, most_bought, unowned
from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.rung import DEPTH, Known
from hm_assets.recommendations.lists import rows_of, strongest
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Ints


@dataclass(frozen=True)
class ItemItem:
    """Settings; called with what is known, they fit.

    Tried on Complete Journey as of 2017-07-02 (340 customers): the fewer similar articles, the nearer to repurchase
    and the better (cosine MAP@12 .1300 with 3, .1054 with 8, .0921 with 20, .0878 with 50; BM25 .1176 with 8,
    .1031 with 20).

    Attributes
    ----------
    weighting
        Of purchases before articles are compared.
    nearest
        Similar articles that are kept of each, itself among them.
    articles, buyers
        At most so many articles take part, each with at least so many buyers.
    half_life
        Days after which a purchase counts half.
    owned
        Whether what a customer bought before is a candidate.
    """

    weighting: Literal["cosine", "bm25"] = "cosine"
    nearest: int = 50
    articles: int = 20_000
    buyers: int = 10
    half_life: float = 60
    owned: bool = True

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
        from scipy import sparse

        bought = known.purchases
        width = len(bought.articles)
        history = bought.matrix(weights(bought, self.half_life))
        columns = most_bought(bought, self.articles, self.buyers)
        if not len(columns):
            return Fitted(self, bought, history, sparse.csr_array((width, width)))
        compared = sparse.csr_matrix(bought.matrix()[:, columns])
        # One thread: more than one gives the similar articles in another order.
        recommender = {"cosine": CosineRecommender, "bm25": BM25Recommender}[self.weighting]
        model = recommender(K=self.nearest, num_threads=1)
        with warnings.catch_warnings():
            # It weighs the matrix that it is given, and then warns of the kind of its own result.
            warnings.filterwarnings("ignore", "Method expects CSR input")
            model.fit(compared, show_progress=False)
        found = model.similarity.tocoo()
        pairs = (columns[found.row], columns[found.col])
        return Fitted(self, bought, history, sparse.csr_array((found.data, pairs), shape=(width, width)))


@dataclass(frozen=True)
class Fitted:
    """What customers bought (customers x articles) and how similar articles are (articles x articles), sparse."""

    settings: ItemItem
    purchases: Purchases
    history: Any
    similarity: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return in_batches(self.purchases, keys, self._scored)

    def _scored(self, rows: Ints) -> Any:
        mine = rows_of(self.history, rows)
        found = (mine @ self.similarity).tocsr()
        return strongest(found if self.settings.owned else unowned(found, mine), DEPTH)
