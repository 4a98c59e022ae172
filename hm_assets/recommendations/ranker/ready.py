"""Generators and facts as of a day, from which candidates and their features come: in training and in use the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.recommendations.ladder.rung import Known, Recommender
from hm_assets.recommendations.lists import owned
from hm_assets.recommendations.ranker.candidates import Candidates, fitted, left_out, pool
from hm_assets.recommendations.ranker.features import Facts
from hm_assets.recommendations.ranker.generators import GENERATORS
from hm_assets.recommendations.ranker.plan import Task
from hm_assets.segments.space import Ints


@dataclass(frozen=True)
class Ready:
    """What is known on a day, with what follows from it. Each part is made when it is first asked for.

    Attributes
    ----------
    known
        Of everybody.
    asked
        The only customers that will be asked for, where they are known before.
    """

    known: Known
    asked: Ints | None = None

    @cached_property
    def models(self) -> Mapping[str, Recommender]:
        """The generators."""
        return fitted(self.known, GENERATORS)

    @cached_property
    def facts(self) -> Facts:
        """What the features are looked up in."""
        return Facts.of(self.known, self.asked)

    def candidates(self, keys: Ints, task: Task) -> Candidates:
        """Of these customers, strangers too."""
        return pool(
            self.models, GENERATORS, keys, len(self.known.purchases.articles), self._without(keys, task)
        )

    def stand_in(self, keys: Ints, task: Task) -> Any:
        """Scores of these customers where no order was learned (sparse, see `Recommender`)."""
        scores, without = self.models[task.stand_in].scores(keys), self._without(keys, task)
        return scores if without is None else left_out(scores, without)

    def _without(self, keys: Ints, task: Task) -> Any:
        bought = self.known.purchases
        return owned(bought, bought.positions(keys)) if task.only_new else None

    def table(self, keys: Ints, candidates: Candidates) -> npt.NDArray[np.float32]:
        """Their features (pairs x `FEATURES`)."""
        return self.facts.table(keys, candidates)
