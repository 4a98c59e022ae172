"""Where the ranker's candidates come from: a name, how many per customer, and what is fitted as of a day."""

from collections.abc import Callable
from dataclasses import dataclass

from hm_assets.recommendations.ladder import own, popular
from hm_assets.recommendations.ladder.rung import Known, Recommender
from hm_assets.recommendations.ranker.generators import alike, taste, together


@dataclass(frozen=True)
class Generator:
    """Proposes the best articles of a recommender, at most `depth` per customer."""

    name: str
    fit: Callable[[Known], Recommender]
    depth: int


GENERATORS = (
    Generator("own", own.decayed(), 50),
    Generator("alike", alike.fit, 30),
    Generator("together", together.fit, 20),
    Generator("taste", taste.fit, 20),
    Generator("bestsellers", popular.fit, 20),
)
