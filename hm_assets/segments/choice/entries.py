"""A candidate as the choice sees it: what was measured of it, and who beats whom."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field

from hm_assets.segments.algorithms.names import algorithm, elsewhere
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE

STEP = 0.05


def name_of(algorithm: str, k: int, space: str) -> str:
    """A candidate as it is asked for: `kmeans 5 rfm`, or `dbscan rfm`, which finds the number itself."""
    return " ".join(str(part) for part in (algorithm, k or None, space) if part)


@dataclass(frozen=True)
class Entry:
    """A candidate's figures. NaN stands for what was not measured, which is worse than any figure.

    Two are equal if their names are: no list holds two with one name.

    Attributes
    ----------
    algorithm, k, space
        What was fitted, how many segments were asked for (0: it finds them itself), in which of `inputs.SPACES`;
        together they are its name.
    segments
        How many were found.
    smallest_share, largest_share
        Of the customers with purchases, 0-1.
    stability
        Bootstrap Jaccard, 0-1.
    stability_excess
        Stability minus the most that any algorithm reaches without segments, in that space and with that many.
    separation
        Centroid silhouette minus the same of silhouettes, which alone makes spaces comparable.
    later_value, later_low, later_high
        Omega squared of the log of the next 90 days' spend on past months, with its 95 % interval.
    fidelity
        Balanced share of customers whom simple rules place where the clustering does, 0-1.
    refused
        Why it cannot be used at all (not fitted, not placeable), if so.
    noise_share
        Of the customers it was fitted on those that the algorithm itself left out, 0-1.
    customers, most_rows
        How many it was fitted on, and the most that the catalogue allows it; None where that is all of them.
    """

    algorithm: str
    k: int
    space: str
    segments: int
    smallest_share: float = field(compare=False)
    largest_share: float = field(compare=False)
    stability: float = field(compare=False)
    stability_excess: float = field(compare=False)
    separation: float = field(compare=False)
    later_value: float = field(compare=False)
    later_low: float = field(compare=False)
    later_high: float = field(compare=False)
    fidelity: float = field(compare=False)
    refused: str | None = field(default=None, compare=False)
    noise_share: float = field(default=0.0, compare=False)
    customers: int = field(default=0, compare=False)
    most_rows: int | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """As it is asked for; see `name_of`."""
        return name_of(self.algorithm, self.k, self.space)

    @property
    def words(self) -> str:
        """As it is read."""
        count = f"{self.segments} segment{'s' if self.segments != 1 else ''}"
        return f"{algorithm(self.algorithm)} with {count}{elsewhere(self.algorithm, self.space)}"

    @property
    def criteria(self) -> tuple[float, float, float, float]:
        """Stability over null, separation, later value, fidelity; of each more is better."""
        figures = (self.stability_excess, self.separation, self.later_value, self.fidelity)
        a, b, c, d = (-math.inf if math.isnan(x) else x for x in figures)
        return a, b, c, d

    @property
    def rank(self) -> tuple[bool, int, int, float, int, str]:
        """The smallest goes first: above the null, most stable, best separated, then fidelity, fewer segments, name.

        Between two numbers of segments, how far stability is above its null depends on how coarse the cut is, so it is
        no order. Stability and separation count in steps of 0.05: what resamples do not tell apart is equal.
        """
        stability_excess, separation, _, fidelity = self.criteria
        stable = 0.0 if math.isnan(self.stability) else self.stability
        apart = -1.0 if math.isinf(separation) else separation
        steps = (-round(stable / STEP), -round(apart / STEP))
        return (stability_excess <= 0, *steps, -fidelity, self.segments, self.name)

    @property
    def outside(self) -> str | None:
        """What is wrong with its shares, if anything is."""
        if self.largest_share > LARGEST_SHARE:
            most = f"{100 * LARGEST_SHARE:.0f} %"
            return f"its largest segment holds {100 * self.largest_share:.2f} % of customers, over {most}"
        if not self.smallest_share >= SMALLEST_SHARE:
            least = f"{100 * SMALLEST_SHARE:.0f} %"
            return f"its smallest segment holds {100 * self.smallest_share:.2f} % of customers, under {least}"
        return None


def dominates(one: Entry, other: Entry) -> bool:
    """Whether it is at least as good on all four criteria and better on one."""
    return one.criteria != other.criteria and all(
        a >= b for a, b in zip(one.criteria, other.criteria, strict=True)
    )


def pareto_front(entries: Collection[Entry]) -> list[Entry]:
    """Those that no other dominates, the highest ranked first."""
    front = [entry for entry in entries if not any(dominates(other, entry) for other in entries)]
    return sorted(front, key=lambda entry: entry.rank)
