"""How different the articles of a list are from one another, how little known, and how much of the range is named.

Each can be had for nothing: lists drawn at random have much of all three. They mean something beside the average
precision, beside random lists and beside bestsellers.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import numpy.typing as npt

from hm_assets.recommendations.lists import NONE
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools, Floats, Ints

RECENT = 28
"""Days in which an article was sold that counts as part of the range."""


@dataclass(frozen=True)
class Content:
    """Vectors of articles (n x dimensions, length 1 or 0) in the order of their keys (n, ascending)."""

    keys: Ints
    vectors: npt.NDArray[np.float32]

    def of(self, articles: Ints) -> npt.NDArray[np.float32]:
        """Vectors of articles of any shape; zeros for what has none, and for no article."""
        if not len(self.keys):
            return np.zeros((*articles.shape, 1), dtype=np.float32)
        place = np.minimum(np.searchsorted(self.keys, articles), len(self.keys) - 1)
        known = self.keys[place] == articles
        return np.asarray(np.where(known[..., None], self.vectors[place], np.float32(0)))


@dataclass(frozen=True)
class Range:
    """What was sold up to a day: keys (ascending), bits of self-information, and whether it was sold lately."""

    articles: Ints
    bits: Floats
    recent: Bools

    def places(self, lists: Ints) -> Ints:
        """Position of each listed article, -1 where none is."""
        if not len(self.articles):
            return np.full(lists.shape, NONE)
        place = np.minimum(np.searchsorted(self.articles, lists), len(self.articles) - 1)
        return np.asarray(np.where(self.articles[place] == lists, place, NONE))


def content_of(articles: ibis.Table, embeddings: ibis.Table) -> Content:
    """Vectors of articles: those of their products, from `articles/articles` and `articles/embeddings`."""
    joined = articles.select("article_key", "product_code").inner_join(embeddings, "product_code")
    rows = joined.select("article_key", "vector").order_by("article_key").to_pyarrow()
    vectors = rows["vector"].combine_chunks().flatten().to_numpy().astype(np.float32)
    return Content(rows["article_key"].to_numpy(), vectors.reshape(len(rows), -1 if len(rows) else 1))


def range_of(known: Purchases) -> Range:
    """The range that is known on a day; -log2(share of customers who bought it) is Zhou et al.'s (2010) surprise."""
    first = np.append(True, (np.diff(known.customer) != 0) | (np.diff(known.article) != 0))
    buyers = np.bincount(known.article[first[: len(known.article)]], minlength=len(known.articles))
    sold = np.bincount(known.article[known.ago < RECENT], minlength=len(known.articles))
    return Range(known.articles, -np.log2(np.maximum(buyers, 1) / max(len(known.customers), 1)), sold > 0)


def diversity(lists: Ints, content: Content) -> Floats:
    """1 - mean cosine over the pairs of a list (n); NaN where fewer than two of its articles have a vector."""
    vectors = content.of(lists).astype(np.float64)
    lengths = (vectors**2).sum(axis=2)
    known = (lengths > 0.5).sum(axis=1)
    pairs = known * (known - 1)
    # The squared length of the sum holds every pair twice, and each article with itself.
    both = (vectors.sum(axis=1) ** 2).sum(axis=1) - lengths.sum(axis=1)
    return np.asarray(1 - np.divide(both, pairs, out=np.full(len(lists), np.nan), where=pairs > 0))


def novelty(lists: Ints, sold: Range) -> Floats:
    """Mean self-information of the articles of a list (n), in bits; NaN for an empty one."""
    place = sold.places(lists)
    named = place != NONE
    bits = np.where(named, np.append(sold.bits, 0.0)[place], 0.0).sum(axis=1)
    count = named.sum(axis=1)
    return np.asarray(np.divide(bits, count, out=np.full(len(lists), np.nan), where=count > 0))
