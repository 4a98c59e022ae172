"""How much effort the judgement of recommenders takes at each depth."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Past weeks; customers judged in each; those of them whose lists are re-ranked for variety; resamples."""

    weeks: int
    customers: int
    reranked: int
    resamples: int


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(3, 1_000, 500, 100),
    "full": Effort(8, 5_000, 2_000, 200),
}
