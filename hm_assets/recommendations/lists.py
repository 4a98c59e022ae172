"""From scores to lists: the best articles of each customer, in a total order, filled where they are too few.

A recommender scores what it has an opinion on, and no more. Equal scores are told apart by the article's key, so a list
does not depend on the order in which something was added up.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools, Floats, Ints

LENGTH = 12
NONE = -1

_BLOCK = 1_000
"""Rows that are cut to their strongest at a time."""


@dataclass(frozen=True)
class Lists:
    """Articles of n customers, best first: positions in `Purchases.articles` (-1: none) and scores (n x length)."""

    articles: Ints
    scores: Floats

    def filled(self, fill: Ints, without: Any = None) -> "Lists":
        """The free places taken by these articles (best first) that are not in the list yet; their score is 0.

        Parameters
        ----------
        fill
            Positions of articles, best first.
        without
            Customers x articles (sparse): what each must not get; see `top`.

        Raises
        ------
        ValueError
            `fill` names an article twice.
        """
        if len(np.unique(fill)) != len(fill):
            raise ValueError("an article stands twice in what the lists are filled with")
        articles, length = self.articles.copy(), self.articles.shape[1]
        count = (articles != NONE).sum(axis=1)
        unwanted = None if without is None else without.tocsc()
        for article in fill:
            free = count < length
            if not free.any():
                break
            if unwanted is not None:
                free[unwanted.indices[unwanted.indptr[article] : unwanted.indptr[article + 1]]] = False
            rows = np.flatnonzero(free)
            rows = rows[~(articles[rows] == article).any(axis=1)]
            articles[rows, count[rows]] = article
            count[rows] += 1
        return Lists(articles, self.scores)


def top(scores: Any, length: int = LENGTH, allowed: Bools | None = None, without: Any = None) -> Lists:
    """The best of each row.

    Parameters
    ----------
    scores
        Customers x articles (sparse CSR); what is not stored, or not above 0, is no candidate.
    length
        Places of a list.
    allowed
        Which articles may be in a list (articles); all if None.
    without
        Customers x articles (sparse): what each must not get, e.g. what they own.
    """
    from scipy import sparse

    scores = scores.tocsr()
    rows = np.repeat(np.arange(scores.shape[0]), np.diff(scores.indptr))
    columns, values = scores.indices.astype(np.int64), scores.data.astype(np.float64)
    kept = values > 0
    if allowed is not None:
        kept &= allowed[columns]
    if without is not None:
        unwanted = without.tocoo()
        width = scores.shape[1]
        kept &= ~np.isin(rows * width + columns, unwanted.row.astype(np.int64) * width + unwanted.col)
    ends = np.append(0, np.cumsum(kept))[scores.indptr]
    # Only the few that a list has room for are put in order.
    few = strongest(sparse.csr_array((values[kept], columns[kept], ends), shape=scores.shape), length)
    rows = np.repeat(np.arange(scores.shape[0]), np.diff(few.indptr))
    order = np.lexsort((few.indices, -few.data, rows))
    place = np.arange(len(rows)) - few.indptr[rows]
    articles = np.full((scores.shape[0], length), NONE, dtype=np.int64)
    best = np.zeros((scores.shape[0], length))
    articles[rows, place] = few.indices[order]
    best[rows, place] = few.data[order]
    return Lists(articles, best)


def strongest(matrix: Any, most: int) -> Any:
    """Of each row (sparse CSR) the highest entries, at most so many; of equal ones those of the first columns."""
    from scipy import sparse

    matrix.sort_indices()
    sizes = np.diff(matrix.indptr)
    keep = np.ones(len(matrix.data), dtype=bool)
    crowded = np.flatnonzero(sizes > most)
    # Rows of similar size together, so that little of a block is empty.
    crowded = crowded[np.argsort(sizes[crowded], kind="stable")]
    for start in range(0, len(crowded), _BLOCK):
        rows = crowded[start : start + _BLOCK]
        width = int(sizes[rows[-1]])
        inside = np.arange(width) < sizes[rows][:, None]
        places = np.minimum(matrix.indptr[rows][:, None] + np.arange(width), len(matrix.data) - 1)
        values = np.where(inside, matrix.data[places], -np.inf)
        last = np.partition(values, width - most, axis=1)[:, [width - most]]
        above, equal = values > last, values == last
        free = most - above.sum(axis=1, keepdims=True)
        chosen = above | (equal & (np.cumsum(equal, axis=1) <= free))
        keep[places[inside]] = chosen[inside]
    ends = np.append(0, np.cumsum(keep))[matrix.indptr]
    return sparse.csr_array((matrix.data[keep], matrix.indices[keep], ends), shape=matrix.shape)


def owned(known: Purchases, rows: Ints) -> Any:
    """Customers x articles (sparse): what these customers (positions, -1 for unknown ones) ever bought."""
    return rows_of(known.matrix(), rows)


def rows_of(matrix: Any, rows: Ints) -> Any:
    """Rows of a sparse matrix (CSR); an empty one for -1."""
    from scipy import sparse

    if not matrix.shape[0]:
        return sparse.csr_array((len(rows), matrix.shape[1]))
    picked = matrix[np.maximum(rows, 0)]
    return (sparse.diags_array((rows >= 0).astype(np.float64)) @ picked).tocsr()
