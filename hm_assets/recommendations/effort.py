"""How much effort the judgement of recommenders takes at each depth."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Past weeks; customers judged in each; those of them whose lists are re-ranked for variety; resamples.

    `most` bounds the customers that take part at all (every n-th by key): the similarities of all articles among all
    customers of a large retailer, anew for each week, would take hours, and tell the recommenders apart no better.
    """

    weeks: int
    customers: int
    reranked: int
    resamples: int
    most: int = 200_000


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(3, 1_000, 500, 100),
    "full": Effort(8, 5_000, 2_000, 200),
}
