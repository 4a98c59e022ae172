"""Lists drawn at random from what was sold lately: what coverage, diversity and novelty cost nothing to reach."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.rung import Known, Rung
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.measures.variety import RECENT
from hm_assets.segments.space import Ints

DRAWN = 3 * LENGTH
"""Articles drawn for a list: of so many, twelve are different in any but the smallest range."""


@dataclass(frozen=True)
class Chance:
    """Articles that were sold lately (positions), of so many in all."""

    sold: Ints
    articles: int
    seed: int

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`; what a customer gets depends on key and seed alone, not on who is asked for with them."""
        from scipy import sparse

        if not len(self.sold):
            return sparse.csr_array((len(keys), self.articles))
        mixed = _mixed(
            keys.astype(np.uint64)[:, None] ^ _mixed(np.arange(DRAWN, dtype=np.uint64) + self.seed)
        )
        columns = self.sold[(mixed % np.uint64(len(self.sold))).astype(np.int64)]
        rows = np.repeat(np.arange(len(keys)), DRAWN)
        # What is drawn twice counts twice: still at random.
        values = np.tile(np.arange(DRAWN, 0, -1, dtype=np.float64), len(keys))
        return sparse.csr_array((values, (rows, columns.ravel())), shape=(len(keys), self.articles))


def fit(known: Known) -> Chance:
    """See `Rung`."""
    bought = known.purchases
    return Chance(
        np.unique(bought.article[bought.ago < RECENT]).astype(np.int64), len(bought.articles), known.seed
    )


def _mixed(numbers: Any) -> Any:
    """Numbers as if drawn at random (splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return numbers ^ (numbers >> np.uint64(31))


RANDOM = Rung("random", fit, baseline=True)
