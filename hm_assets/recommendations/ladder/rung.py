"""What a recommender is: it learns from what is known on a day, and scores articles for customers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Floats, Ints

DEPTH = 200
"""Candidates per customer that a recommender gives where it could score every article."""


@dataclass(frozen=True)
class Content:
    """What articles are like, from text and topics alone: keys, ascending (n), and vectors (n x dimensions).

    The product of two vectors is the similarity of their articles; see `ladder/content.py`.
    """

    articles: Ints
    vectors: Floats


@dataclass(frozen=True)
class Known:
    """What is known on a day.

    Attributes
    ----------
    purchases
        Up to the day.
    people
        `customer_key` and `age` (null where unknown) of every customer, whether they bought or not; `segment_id` as of
        the day or before, where there are segments (null or 0: in none).
    catalogue
        `articles/articles`, and nothing of when they were sold.
    seed, threads
        Of what is fitted.
    content
        Of articles that have a text, sold or not; None where nothing is known.
    """

    purchases: Purchases
    people: pa.Table
    catalogue: pa.Table
    seed: int
    threads: int
    content: Content | None = None


class Recommender(Protocol):
    """What a fit leaves."""

    def scores(self, keys: Ints) -> Any:
        """Scores of n customers (keys) for articles: sparse CSR, n x `Purchases.articles`; 0 or nothing: no candidate.

        A customer of whom nothing is known has an empty row, unless the recommender has something for strangers too.
        """


@dataclass(frozen=True)
class Rung:
    """A recommender by name, simplest first.

    `fill`: free places of its lists are taken by the bestsellers of the week. `words`: what it does, for pages.
    """

    name: str
    fit: Callable[[Known], Recommender]
    fill: bool = True
    baseline: bool = False
    words: str = ""
