"""How good the lists of a week are, per customer who bought in it.

Average precision is Kaggle's: the precisions at the hits, divided by min(bought, places). Others divide by all that was
bought, which gives a perfect list of twelve for somebody who bought thirty 0.4, or by the places.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hm_assets.recommendations.lists import NONE
from hm_assets.segments.space import Bools, Floats, Ints


def hits(lists: Ints, bought: Sequence[npt.NDArray[np.int64]]) -> Bools:
    """Which places of the lists (n x places, article keys; -1: none) name an article that the customer bought."""
    named = [np.asarray(mine, dtype=np.int64) for mine in bought]
    articles, code = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *named]), return_inverse=True)
    if not len(articles):
        return np.zeros(lists.shape, dtype=bool)
    # A customer and an article as one number.
    pairs = np.repeat(np.arange(len(named)), [len(mine) for mine in named]) * len(articles) + code
    place = np.minimum(np.searchsorted(articles, lists), len(articles) - 1)
    known = (articles[place] == lists) & (lists != NONE)
    return np.asarray(known & np.isin(np.arange(len(lists))[:, None] * len(articles) + place, pairs))


def average_precision(hit: Bools, bought: Ints) -> Floats:
    """Per customer, in [0, 1].

    Parameters
    ----------
    hit
        Places that name a bought article (n x places); no article stands twice in a list.
    bought
        Different articles that each bought, 1 or more (n).

    Raises
    ------
    ValueError
        Somebody bought nothing: such a customer cannot be judged.
    """
    if (bought < 1).any():
        raise ValueError("lists are judged on those who bought something in the week")
    places = hit.shape[1]
    precision = np.cumsum(hit, axis=1) / np.arange(1, places + 1)
    return np.asarray((precision * hit).sum(axis=1) / np.minimum(bought, places))


def recall(hit: Bools, bought: Ints) -> Floats:
    """Share of what each bought that stands in the list (n)."""
    return np.asarray(hit.sum(axis=1) / bought)
