"""Intervals of 80 % for a customer's value, out of the errors that the same model made on a past day.

Split conformal prediction with errors by groups of the predicted value (Mondrian: Vovk, Gammerman & Shafer 2005). An
error is counted in units of the prediction plus a tenth of the mean prediction (Papadopoulos, Gammerman & Vovk 2008):
who is expected to spend ten times as much is off by more. Most customers may spend nothing: where the lower limit is 0,
all who lie outside lie above.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.segments.space import Floats

COVERAGE = 0.8
GROUPS, FEWEST = 10, 50
FLOOR_SHARE = 0.1
# Of what was spent: where next to nothing was expected, that is no unit to count errors in.
LEAST_SHARE = 0.001


@dataclass(frozen=True)
class Bands:
    """Limits of the error by group of the predicted value.

    Attributes
    ----------
    edges
        Predicted values that divide the groups, ascending; one fewer than groups.
    floor
        Added to a prediction to make the unit of its error.
    low, high
        Limits of the error, in such units, by group.
    """

    edges: tuple[float, ...]
    floor: float
    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, predicted: Floats, happened: Floats) -> "Bands":
        """Learn from n customers of a past day what errors there are; without any, intervals without width."""
        groups = max(1, min(GROUPS, len(predicted) // FEWEST))
        edges = (
            np.unique(np.quantile(predicted, np.arange(1, groups) / groups))
            if len(predicted)
            else np.zeros(0)
        )
        floor = 0.0
        if len(predicted):
            floor = float(max(FLOOR_SHARE * predicted.mean(), LEAST_SHARE * happened.mean()))
        unit = predicted + floor
        # Where nobody is expected to spend anything, and nobody does.
        error = (happened - predicted) / np.where(unit > 0, unit, 1.0)
        group = np.searchsorted(edges, predicted, side="right")
        limits = [
            _limits(error[group == g], predicted[group == g], happened[group == g], floor)
            for g in range(len(edges) + 1)
        ]
        low, high = zip(*limits, strict=True)
        return cls(tuple(map(float, edges)), floor, low, high)

    def around(self, predicted: Floats) -> tuple[Floats, Floats]:
        """Lower and upper limits (n each) of customers with these predictions: 0 <= low <= predicted <= high."""
        group = np.searchsorted(np.array(self.edges), predicted, side="right")
        unit = predicted + self.floor
        unit = np.where(unit > 0, unit, 1.0)
        low = np.clip(predicted + np.array(self.low)[group] * unit, 0.0, predicted)
        return low, np.maximum(predicted + np.array(self.high)[group] * unit, predicted)

    def times(self, factor: float) -> "Bands":
        """The same errors in proportion, for values that are so many times as large."""
        return Bands(tuple(factor * edge for edge in self.edges), factor * self.floor, self.low, self.high)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "edges": list(self.edges),
            "floor": self.floor,
            "low": list(self.low),
            "high": list(self.high),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Bands":
        """The inverse of `as_json`."""
        return cls(tuple(value["edges"]), value["floor"], tuple(value["low"]), tuple(value["high"]))


def _limits(error: Floats, predicted: Floats, happened: Floats, floor: float) -> tuple[float, float]:
    """Limits of the error that `COVERAGE` of these customers lie within, 10 % below where so many can."""
    if not len(error):
        return 0.0, 0.0
    ordered = np.sort(error)
    lowest = int(np.floor((len(error) + 1) * (1 - COVERAGE) / 2)) - 1
    low = float(ordered[max(lowest, 0)])
    # A value is never below 0, so a limit that is leaves nobody below it.
    below = float((happened < np.maximum(predicted + low * (predicted + floor), 0.0) - 1e-12).mean())
    highest = int(np.ceil((len(error) + 1) * (COVERAGE + below))) - 1
    return low, float(ordered[min(highest, len(error) - 1)])
