"""From scores of many articles to the best few of each customer, in bytes that do not depend on who else is scored.

BLAS adds in another order for another number of rows. Scores are therefore made of sparse products, each row of which
is added up by itself, and of `inner`, which adds one factor after the other.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from hm_assets.recommendations.lists import strongest
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints

BATCH = 1_000
"""Customers whose scores are in memory at a time where a recommender scores every article."""

_CACHED_ROWS = 16


def unowned(scores: Any, bought: Any) -> Any:
    """Scores (sparse CSR) without the articles that each row bought."""
    return (scores - scores.multiply(bought > 0)).tocsr()


def inner(left: Floats, right: Floats) -> Floats:
    """Products of the rows of two matrices (n x factors, m x factors), n x m, added up factor by factor."""
    columns = np.ascontiguousarray(right.T)
    found = np.zeros((len(left), len(right)))
    # Few rows at a time stay in the cache while all factors pass.
    for start in range(0, len(left), _CACHED_ROWS):
        part = found[start : start + _CACHED_ROWS]
        for factor, values in enumerate(columns):
            part += left[start : start + _CACHED_ROWS, [factor]] * values
    return found


def unit_rows(matrix: Any) -> Any:
    """Each row (sparse CSR) divided by its length; an empty one stays empty."""
    from scipy import sparse

    length = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    return (sparse.diags_array(1 / np.where(length > 0, length, 1)) @ matrix).tocsr()


def in_batches(purchases: Purchases, keys: Ints, score: Callable[[Ints], Any]) -> Any:
    """Scores (sparse CSR) of customers (keys): `score` takes the positions of some of them, -1 for strangers."""
    from scipy import sparse

    rows = purchases.positions(keys)
    if not len(rows):
        return sparse.csr_array((0, len(purchases.articles)))
    parts = [score(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
    return sparse.vstack(parts, format="csr")


def of_some(dense: Floats, columns: Ints, width: int, mine: Any, owned: bool, most: int) -> Any:
    """The best of dense scores as sparse ones (n x width).

    Parameters
    ----------
    dense
        Scores of n customers for some articles (n x m); what is not above 0 is no candidate.
    columns
        The positions of these articles, ascending (m).
    width
        Articles altogether.
    mine
        What each customer bought of these articles (sparse, n x m).
    owned
        Whether that may be among the candidates.
    most
        Candidates per customer.
    """
    from scipy import sparse

    if not owned:
        dense = np.where(mine.toarray() > 0, 0.0, dense)
    best = strongest(sparse.csr_array(np.maximum(dense, 0.0)), most)
    return sparse.csr_array((best.data, columns[best.indices], best.indptr), shape=(len(dense), width))


def most_bought(purchases: Purchases, most: int, buyers: int = 1) -> Ints:
    """Positions of the articles that most customers bought, at most so many, of at least so many buyers; ascending."""
    count = np.diff(purchases.matrix().tocsc().indptr)
    order = np.lexsort((np.arange(len(count)), -count))[:most]
    return np.sort(order[count[order] >= buyers])


def latest(purchases: Purchases, most: int) -> Ints:
    """Positions of the customers who bought last, at most so many, ascending; of equal days the lowest keys."""
    if not len(purchases.customers):
        return np.empty(0, dtype=np.int64)
    starts = np.searchsorted(purchases.customer, np.arange(len(purchases.customers)))
    ago = np.minimum.reduceat(purchases.ago, starts)
    order = np.lexsort((np.arange(len(ago)), ago))
    return np.sort(order[:most])
