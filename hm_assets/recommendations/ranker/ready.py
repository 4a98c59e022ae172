"""Generators and facts as of a day, from which candidates and their features come: in training and in use the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hm_assets.recommendations.ladder.rung import Known, Recommender
from hm_assets.recommendations.lists import owned
from hm_assets.recommendations.ranker.candidates import Candidates, fitted, pool
from hm_assets.recommendations.ranker.features import Facts
from hm_assets.recommendations.ranker.generators import GENERATORS
from hm_assets.recommendations.ranker.plan import Task
from hm_assets.segments.space import Ints


@dataclass(frozen=True)
class Ready:
    """What is known on a day, with what follows from it. Each part is made when it is first asked for."""

    known: Known

    @cached_property
    def models(self) -> Mapping[str, Recommender]:
        """The generators."""
        return fitted(self.known, GENERATORS)

    @cached_property
    def facts(self) -> Facts:
        """What the features are looked up in."""
        return Facts.of(self.known)

    def candidates(self, keys: Ints, task: Task) -> Candidates:
        """Of these customers, strangers too."""
        bought = self.known.purchases
        without = owned(bought, bought.positions(keys)) if task.only_new else None
        return pool(self.models, GENERATORS, keys, len(bought.articles), without)

    def table(self, keys: Ints, candidates: Candidates) -> npt.NDArray[np.float32]:
        """Their features (pairs x `FEATURES`)."""
        return self.facts.table(keys, candidates)
