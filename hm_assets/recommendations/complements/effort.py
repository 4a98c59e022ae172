"""How much effort the judgement of lists takes at each depth."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Past weeks that lists are judged on."""

    weeks: int


EFFORTS: Mapping[str, Effort] = {"quick": Effort(4), "full": Effort(8)}
