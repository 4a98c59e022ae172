"""Articles like those that a customer bought lately, by their texts and topics, among what sells now.

Similarity is a mean of two cosines: of the texts' TF-IDF (by their truncated SVD, `articles/embeddings`) and of the
topic mixes (`articles/topics`). A customer's profile is the sum of the vectors of what they bought, each counting
less as time passes (Lops, de Gemmis and Semeraro, "Content-based recommender systems", 2011). All colours of a
product have one text.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.recommendations.ladder.candidates import in_batches, unowned
from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.ladder.popular import sold
from hm_assets.recommendations.ladder.rung import DEPTH, Content, Known
from hm_assets.recommendations.lists import rows_of, strongest
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.threads import one_thread

TOPIC_SHARE = 0.5
"""Of the similarity, the part of the topics; the rest is the texts'."""

_SIMILAR_ROWS = 500
_DECIMALS = 6


@dataclass(frozen=True)
class ByContent:
    """Settings; called with what is known, they fit. They are usual values, not tuned.

    Attributes
    ----------
    half_life, history
        Days after which a purchase counts half in the profile, and after which it does not count.
    window
        Days: an article sold in them can be recommended.
    articles, nearest
        At most so many articles, the best sellers of the window, are candidates, and so many of each article
        that are like it.
    owned
        Whether what a customer bought before is a candidate.
    """

    half_life: float = 30
    history: int = 90
    window: int = 28
    articles: int = 5_000
    nearest: int = 50
    owned: bool = True

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        bought = known.purchases
        late = bought.ago < self.history
        profiles = bought.matrix(np.where(late, weights(bought, self.half_life), 0.0))
        profiles.eliminate_zeros()
        similarity = self._similarity(known, np.unique(bought.article[late]))
        return Fitted(self, bought, profiles, bought.matrix(), similarity)

    def _similarity(self, known: Known, rows: Ints) -> Any:
        """How alike these articles (positions) are to what sells (articles x articles, sparse)."""
        from scipy import sparse

        bought = known.purchases
        width = len(bought.articles)
        vectors = _of_articles(bought, known.content)
        told = (vectors != 0).any(axis=1)
        units = np.where(told, sold(bought, self.window), 0.0)
        order = np.lexsort((np.arange(width), -units))[: self.articles]
        candidates = np.sort(order[units[order] > 0])
        # The colours of a product have one vector, which is compared once.
        kinds, kind = np.unique(vectors[rows], axis=0, return_inverse=True)
        found = [sparse.csr_array((0, len(candidates)))]
        # The blocks are of articles and the same whoever is scored, so BLAS gives the same bytes on one thread.
        with one_thread():
            for start in range(0, len(kinds), _SIMILAR_ROWS):
                alike = kinds[start : start + _SIMILAR_ROWS] @ vectors[candidates].T
                # Articles with the same text are equally alike, also in the last digit.
                alike = np.maximum(np.round(alike, _DECIMALS), 0.0)
                found.append(strongest(sparse.csr_array(alike), self.nearest))
        best = sparse.vstack(found, format="csr")[kind.ravel()].tocoo()
        return sparse.csr_array((best.data, (rows[best.row], candidates[best.col])), shape=(width, width))


@dataclass(frozen=True)
class Fitted:
    """Profiles and all that was bought (customers x articles), how alike articles are (articles x articles), sparse."""

    settings: ByContent
    purchases: Purchases
    profiles: Any
    bought: Any
    similarity: Any

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        return in_batches(self.purchases, keys, self._scored)

    def _scored(self, rows: Ints) -> Any:
        found = (rows_of(self.profiles, rows) @ self.similarity).tocsr()
        if not self.settings.owned:
            found = unowned(found, rows_of(self.bought, rows))
        return strongest(found, DEPTH)


def content(topics: pa.Table, products: pa.Table, topic_share: float = TOPIC_SHARE) -> Content:
    """Vectors of articles.

    Parameters
    ----------
    topics
        `articles/topics`: `article_key`, `product_code`, `topic_1` ... (null beyond the number of topics).
    products
        `articles/embeddings`: `product_code`, `vector`.
    topic_share
        See `TOPIC_SHARE`.

    Raises
    ------
    ValueError
        A product of the topics has no embedding: the two tables are of different days.
    """
    topics, products = topics.sort_by("article_key"), products.sort_by("product_code")
    codes = np.array(products["product_code"].to_pylist(), dtype=object)
    wanted = np.array(topics["product_code"].to_pylist(), dtype=object)
    places = np.searchsorted(codes, wanted) if len(codes) else np.zeros(len(wanted), dtype=np.int64)
    missing = wanted[places >= len(codes)] if len(codes) else wanted
    places = np.minimum(places, max(len(codes) - 1, 0))
    if len(missing) or (codes[places] != wanted).any():
        lost = missing[0] if len(missing) else wanted[codes[places] != wanted][0]
        raise ValueError(
            f"product {lost} has topics but no embedding; make articles/embeddings and articles/topics again"
        )
    keys = topics["article_key"].to_numpy().astype(np.int64)
    if not len(keys):
        return Content(keys, np.zeros((0, 1)))
    names = [
        name for name in topics.column_names if name.startswith("topic_") and topics[name].null_count == 0
    ]
    mixes = np.column_stack([topics[name].to_numpy() for name in names])
    texts = np.array(products["vector"].to_pylist(), dtype=np.float64)[places]
    return Content(
        keys, np.hstack([np.sqrt(1 - topic_share) * _unit(texts), np.sqrt(topic_share) * _unit(mixes)])
    )


def _unit(vectors: Floats) -> Floats:
    length = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.where(length > 0, length, 1))


def _of_articles(bought: Purchases, found: Content | None) -> Floats:
    """A vector of each article that was sold, zeros where nothing is known of it (articles x dimensions)."""
    if found is None or not len(found.articles):
        return np.zeros((len(bought.articles), 1))
    place = np.minimum(np.searchsorted(found.articles, bought.articles), len(found.articles) - 1)
    known = found.articles[place] == bought.articles
    return np.where(known[:, None], found.vectors[place], 0.0)
