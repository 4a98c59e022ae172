"""Candidates: what all generators propose to each customer, once each, with score and place in every one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.rung import Known, Recommender
from hm_assets.recommendations.ranker.best import Singles, best_of_rows
from hm_assets.recommendations.ranker.generators import Generator
from hm_assets.segments.space import Ints


@dataclass(frozen=True)
class Candidates:
    """Pairs of customer and article in the order of both (n).

    Attributes
    ----------
    rows
        Which of the asked customers, from 0 (n).
    articles
        Positions in `Purchases.articles` (n).
    scores
        Of each generator, divided by the customer's best; 0 where it does not propose the pair (n).
    ranks
        Place in each generator, from 1; one more than it proposes at most where it does not (n).
    """

    rows: Ints
    articles: Ints
    scores: Mapping[str, Singles]
    ranks: Mapping[str, Singles]


def fitted(known: Known, generators: Sequence[Generator]) -> dict[str, Recommender]:
    """The generators as of a day."""
    return {generator.name: generator.fit(known) for generator in generators}


def pool(
    models: Mapping[str, Recommender],
    generators: Sequence[Generator],
    keys: Ints,
    width: int,
    without: Any = None,
) -> Candidates:
    """What they propose.

    Parameters
    ----------
    models, generators
        See `fitted`.
    keys
        Customers.
    width
        Articles that are known.
    without
        Customers x articles (sparse): what is left out before the best are taken, e.g. what they own.
    """
    found = []
    for generator in generators:
        scores = models[generator.name].scores(keys)
        if without is not None:
            scores = left_out(scores, without)
        row, article, value, place = best_of_rows(scores, generator.depth)
        best = np.zeros(len(keys), dtype=np.float32)
        np.maximum.at(best, row, value)
        found.append((row * width + article, value / best[row], place + 1))
    pairs = np.unique(np.concatenate([keyed for keyed, _, _ in found]))
    scores, ranks = {}, {}
    for generator, (keyed, value, place) in zip(generators, found, strict=True):
        at = np.searchsorted(pairs, keyed)
        scores[generator.name] = _placed(len(pairs), at, value, 0)
        ranks[generator.name] = _placed(len(pairs), at, place, generator.depth + 1)
    return Candidates(pairs // max(width, 1), pairs % max(width, 1), scores, ranks)


def left_out(scores: Any, without: Any) -> Any:
    """Scores (customers x articles, sparse) without the pairs that stand in another such matrix."""
    return scores - scores.multiply(without > 0)


def _placed(length: int, at: Ints, values: Any, otherwise: float) -> Singles:
    column = np.full(length, otherwise, dtype=np.float32)
    column[at] = values
    return column
