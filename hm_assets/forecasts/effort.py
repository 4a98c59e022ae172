"""How much effort the forecasts take at each depth."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Past days judged; customers of a month that are learned from, and judged on; resamples of an interval."""

    cut_offs: int
    learned_customers: int
    judged_customers: int
    resamples: int


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(2, 1_500, 5_000, 100),
    "full": Effort(4, 5_000, 50_000, 200),
}
