"""How many a launch sells in its first 28 days: as many as the most similar past launches did, spread as they were.

The nearest launches vote with weights that fall with their distance (kernel-weighted nearest neighbours; quantiles
are weighted ones, as in quantile regression forests, Meinshausen 2006). Similarity is half of text, half of
attributes. Few are as different as two launches of one kind: the interval is wide because launches are.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from hm_assets.recommendations.launch.garments import Garments
from hm_assets.recommendations.launch.past import Launches
from hm_assets.segments.space import Floats, Ints

NEAREST = 100
SHARPNESS = 5.0
"""A launch that is less similar by 0.2 counts a factor of e less."""
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9


@dataclass(frozen=True)
class Similar:
    """Past launches that a garment resembles, the most similar first: their rows, similarities and weights (m)."""

    rows: Ints
    similarity: Floats
    weights: Floats


@dataclass(frozen=True)
class Size:
    """Units and buyers of the first 28 days: the middle, and the limits of the 80 % interval."""

    units: tuple[float, float, float]
    buyers: tuple[float, float, float]


@dataclass(frozen=True)
class Resembled:
    """Launches whose first month is over on a day, and what they look like, in the same order."""

    launches: Launches
    garments: Garments

    def similar(self, vector: Floats, codes: Ints, count: int = NEAREST) -> Similar:
        """The nearest launches to a garment; of equally near ones the one with the lower key."""
        near = (self.garments.in_text(vector) + self.garments.in_attributes(codes)) / 2
        rows = np.lexsort((self.launches.article, -near))[:count]
        near = near[rows]
        weights = np.exp(SHARPNESS * (near - near[0])) if len(near) else near
        return Similar(rows, near, weights / weights.sum() if len(near) else weights)

    def size(self, similar: Similar) -> Size | None:
        """What they sold; None without any launch."""
        if not len(similar.rows):
            return None
        return Size(
            quantiles(self.launches.units[similar.rows], similar.weights),
            quantiles(self.launches.buyers[similar.rows], similar.weights),
        )

    def of_type(self, code: int) -> tuple[float, float, float] | None:
        """The baseline: units of all launches of a product type (of any, where there is none)."""
        chosen = self.garments.codes[:, 0] == code
        units = self.launches.units[chosen] if chosen.any() else self.launches.units
        return quantiles(units, np.full(len(units), 1 / len(units))) if len(units) else None


def resembled(launched: Launches, catalogue: Garments, day: dt.date) -> Resembled:
    """What a day knows."""
    over = launched.over_on(day)
    return Resembled(over, catalogue.at(catalogue.positions(over.article)))


def quantiles(values: Ints, weights: Floats) -> tuple[float, float, float]:
    """Weighted 10 %, 50 % and 90 % quantiles: middle first, then both limits; the smallest value that reaches each."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    places = np.minimum(
        np.searchsorted(reached, np.array([MIDDLE, LOW, HIGH]) * reached[-1]), len(values) - 1
    )
    middle, low, high = (float(values[order[place]]) for place in places)
    return middle, low, high
