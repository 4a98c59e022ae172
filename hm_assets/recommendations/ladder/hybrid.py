"""The weighted hybrid: several recommenders' places in one score, with weights that were best in the week before.

A place counts 1 / (20 + place) of the recommender's weight (reciprocal rank fusion: Cormack, Clarke and Buettcher,
SIGIR 2009), so that scores of different kinds can be added. The weights are searched one after the other on the seven
days before the day, with everything fitted on what was known before those, and never see a later line.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.rung import Known, Recommender
from hm_assets.recommendations.lists import top
from hm_assets.recommendations.measures.ranking import average_precision, hits
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.weeks import DAYS
from hm_assets.segments.space import Floats, Ints

SMOOTHING = 20
GRID = (0.0, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True)
class Hybrid:
    """Settings; called with what is known, they fit.

    Attributes
    ----------
    parts
        What is mixed; the first has weight 1.
    depth
        Places of each that count.
    customers
        At most so many of those who bought in the week before decide on the weights.
    rounds
        Times that every weight is searched.
    """

    parts: tuple[Callable[[Known], Recommender], ...]
    depth: int = 50
    customers: int = 1_000
    rounds: int = 2

    def __call__(self, known: Known) -> "Fitted":
        """See `Rung`."""
        return Fitted(self, [fit(known) for fit in self.parts], self._tuned(known))

    def _tuned(self, known: Known) -> Floats:
        """A weight of each part."""
        equal = np.ones(len(self.parts))
        week = known.purchases.of_last(DAYS)
        before = known.purchases.known_on(known.purchases.as_of - dt.timedelta(days=DAYS))
        if not len(week.customers) or not len(before.customers):
            return equal
        keys, bought = _sampled(week, self.customers)
        # Segments are as of the day; a week before they were not known.
        people = known.people.select([c for c in known.people.column_names if c != "segment_id"])
        earlier = replace(known, purchases=before, people=people)
        ranks = [places(fit(earlier).scores(keys), self.depth) for fit in self.parts]
        return searched(ranks, before.articles, bought, self.rounds)


@dataclass(frozen=True)
class Fitted:
    """The parts and their weights."""

    settings: Hybrid
    parts: Sequence[Recommender]
    weights: Floats

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`."""
        ranks = [places(part.scores(keys), self.settings.depth) for part in self.parts]
        return mixed(ranks, self.weights)


def places(scores: Any, depth: int) -> Any:
    """1 / (20 + place) of the best of each row (sparse, like `scores`); the best has place 1."""
    from scipy import sparse

    found = top(scores, depth).articles
    row, place = np.nonzero(found >= 0)
    return sparse.csr_array((1 / (SMOOTHING + 1 + place), (row, found[row, place])), shape=scores.shape)


def mixed(ranks: Sequence[Any], weights: Floats) -> Any:
    """The sum of what `places` gave, each with its weight (sparse)."""
    total = ranks[0] * weights[0]
    for rank, weight in zip(ranks[1:], weights[1:], strict=True):
        total = total + rank * weight
    return total.tocsr()


def searched(ranks: Sequence[Any], articles: Ints, bought: list[Ints], rounds: int) -> Floats:
    """The weights with the highest mean average precision, one after the other from 1; of equal ones the lower."""
    count = np.array([len(mine) for mine in bought])

    @cache
    def score(weights: tuple[float, ...]) -> float:
        found = top(mixed(ranks, np.array(weights))).articles
        keys = np.where(found < 0, found, articles[found])
        return float(average_precision(hits(keys, bought), count).mean())

    weights = (1.0, *[0.1] * (len(ranks) - 1))
    for _ in range(rounds):
        for place in range(1, len(ranks)):
            tried = [(*weights[:place], value, *weights[place + 1 :]) for value in GRID]
            weights = max(tried, key=score)
    return np.array(weights)


def _sampled(week: Purchases, most: int) -> tuple[Ints, list[Ints]]:
    """Every n-th of those who bought, and the articles (keys) of each."""
    width = len(week.articles)
    pairs = np.unique(week.customer.astype(np.int64) * width + week.article)
    who, starts = np.unique(pairs // width, return_index=True)
    mine = np.split(week.articles[pairs % width], starts[1:])
    taken = np.unique(np.linspace(0, len(who) - 1, min(most, len(who))).astype(np.int64))
    return week.customers[who[taken]], [mine[i] for i in taken]
