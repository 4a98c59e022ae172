"""A list for variety: maximal marginal relevance (Carbonell and Goldstein 1998)."""

import numpy as np

from hm_assets.recommendations.lists import LENGTH, NONE, Lists
from hm_assets.recommendations.measures.variety import Content
from hm_assets.segments.space import Floats, Ints

BATCH = 2_000


def varied(candidates: Lists, content: Content, variety: float, length: int = LENGTH) -> Ints:
    """The list (n x length, article keys; -1: none) that trades relevance for variety, article by article.

    The next one has the highest (1 - variety) * relevance - variety * likeness, its highest cosine (or 0) to what is in
    the list already. Relevance is the score as a share of the customer's best one. Of equal ones the better candidate
    is taken.

    Parameters
    ----------
    candidates
        Article keys, best first (-1: none), and their scores (n x candidates).
    content
        Vectors of the articles; what has none is like nothing.
    variety
        From 0 (as the scores have it) to 1 (the best article, then what is least like the list).
    length
        Places of the list.

    Raises
    ------
    ValueError
        `variety` lies outside of 0 to 1.
    """
    if not 0 <= variety <= 1:
        raise ValueError(f"variety is {variety}; it goes from 0 (as the scores have it) to 1")
    n = len(candidates.articles)
    parts = [
        _varied(
            candidates.articles[start : start + BATCH],
            candidates.scores[start : start + BATCH],
            content,
            variety,
            length,
        )
        for start in range(0, n, BATCH)
    ]
    return np.concatenate(parts) if parts else np.empty((0, length), dtype=np.int64)


def _varied(articles: Ints, scores: Floats, content: Content, variety: float, length: int) -> Ints:
    vectors = content.of(articles)
    best = scores.max(axis=1, keepdims=True)
    relevance = np.divide(scores, best, out=np.zeros(scores.shape), where=best > 0)
    rows = np.arange(len(articles))
    free, nearest = articles != NONE, np.zeros(articles.shape)
    found = np.full((len(articles), length), NONE, dtype=np.int64)
    for place in range(min(length, articles.shape[1])):
        worth = np.where(free, (1 - variety) * relevance - variety * nearest, -np.inf)
        taken = worth.argmax(axis=1)
        left = free[rows, taken]
        found[left, place] = articles[rows, taken][left]
        free[rows, taken] = False
        # Row by row, so that a customer's list does not hang on the batch.
        cosine = np.einsum("ncd,nd->nc", vectors, vectors[rows, taken], dtype=np.float64)
        nearest = np.maximum(nearest, cosine)
    return found
