"""How much the ranker learns from, and the two tasks that it learns."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Past weeks learned from, buyers of each, candidates per buyer that were not bought, and trees."""

    weeks: int
    customers: int
    negatives: int
    trees: int


PLANS: Mapping[str, Plan] = {"quick": Plan(3, 1_000, 40, 60), "full": Plan(6, 10_000, 60, 150)}


@dataclass(frozen=True)
class Task:
    """What a ranker is for.

    `only_new`: articles that the customer never bought before. `stand_in`: the generator whose scores are given where
    the history is too short to learn from.
    """

    name: str
    only_new: bool
    stand_in: str


NEXT = Task("ranker", only_new=False, stand_in="own")
NEW = Task("ranker_new", only_new=True, stand_in="bestsellers")
TASKS = (NEXT, NEW)
