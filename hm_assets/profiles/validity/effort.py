"""How much effort the ladder takes at each depth."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Resamples of an interval; shuffles of the labels and customers in each; fits without structure, likewise."""

    resamples: int
    null_runs: int
    null_customers: int
    null_fits: int
    null_fit_customers: int


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(100, 20, 5_000, 3, 1_500),
    "full": Effort(300, 200, 20_000, 10, 10_000),
}
