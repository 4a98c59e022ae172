"""How much effort the forecasts take at each depth."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Past days judged; customers of a month learned from, and judged on; resamples of an interval; folds in time."""

    cut_offs: int
    learned_customers: int
    judged_customers: int
    resamples: int
    folds: int = 5


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(2, 1_000, 2_500, 100, folds=2),
    "full": Effort(4, 5_000, 50_000, 200),
}
