"""How much effort the launch matcher takes at each depth."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """What is drawn, and how often.

    Attributes
    ----------
    most
        Customers that are learned from and judged on: of more, every n-th by their key.
    periods
        Past periods of 30 days whose launches are learned from.
    launches
        Of each period at most so many are learned from, or judged.
    others
        Customers per launch who did not buy it, drawn to learn from; each stands for as many as were not drawn.
    cut_offs
        Past days judged.
    resamples
        Of an interval.
    listed
        Garments without sales that `recommendations/launches` tells of.
    """

    most: int
    periods: int
    launches: int
    others: int
    cut_offs: int
    resamples: int
    listed: int


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(5_000, 3, 80, 200, 4, 200, 20),
    "full": Effort(50_000, 6, 300, 400, 6, 500, 100),
}
