"""P(order within 30, 60 and 90 days) as one model: the chance of the next order in each 30 days, if not before.

Three classifiers, one for each interval, each learned from those who had not ordered by its beginning (a discrete-time
hazard, Allison 1982). Then 1 minus the product of what is left is P(order by the end of an interval), which cannot fall
with the horizon; and a cut-off whose later intervals are not over yet still teaches the first ones.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.forecasts.churn import algorithms, season
from hm_assets.forecasts.churn.algorithms import Algorithm, Classifier
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.inputs import space_of
from hm_assets.segments.space import Floats, Space, numbers


@dataclass(frozen=True)
class Hazards:
    """A fitted model.

    Attributes
    ----------
    name
        The algorithm.
    space
        How columns become points.
    intervals
        A classifier for each interval of `HORIZONS`.
    season
        Calendar month of an interval -> what is added to its log odds; a month without an entry has none.
    """

    name: str
    space: Space
    intervals: tuple[Classifier, ...]
    season: Mapping[int, float] = field(default_factory=dict)

    def hazards(self, rows: pa.Table) -> Floats:
        """P(order in an interval, if not before) of n customers without the season (n x intervals)."""
        x = self.space.transform(rows)
        return np.column_stack([each.predict(x) for each in self.intervals])

    def predict(self, rows: pa.Table, month: dt.date) -> Floats:
        """P(order within each of `HORIZONS`) of n customers of a month (n x horizons), ascending."""
        return together(season.shifted(self.hazards(rows), self.shifts(month)))

    def shifts(self, month: dt.date) -> list[float]:
        """What the season adds to the log odds of each interval after a month; 0 where no year before tells it."""
        return [self.season.get(season.calendar_month(month, k), 0.0) for k in range(len(HORIZONS))]

    def as_json(self) -> dict[str, Any] | None:
        """As plain values, or None where only a pickle could hold it."""
        parts = [each.as_json() for each in self.intervals]
        if None in parts:
            return None
        by_month = {str(month): effect for month, effect in self.season.items()}
        return {"name": self.name, "space": self.space.as_json(), "intervals": parts, "season": by_month}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Hazards":
        """The inverse of `as_json`."""
        return cls(
            value["name"],
            Space.from_json(value["space"]),
            tuple(algorithms.from_json(part) for part in value["intervals"]),
            {int(month): effect for month, effect in value["season"].items()},
        )


def together(hazards: Floats) -> Floats:
    """P(order by the end of each interval) from hazards (both n x intervals)."""
    return np.asarray(1.0 - np.cumprod(1.0 - hazards, axis=1))


def fit(algorithm: Algorithm, rows: pa.Table, seed: int, threads: int) -> Hazards:
    """Learn from the customers of one or several past days.

    Parameters
    ----------
    algorithm
        The classifier.
    rows
        `inputs.examples`; some with the longest outcome known.
    seed, threads
        Of the classifier.

    Raises
    ------
    ValueError
        No row has the outcome of every interval.
    """
    asked, happened = at_risk(rows)
    if not (numbers(rows, "days_known") >= HORIZONS[-1]).any():
        raise ValueError(f"no past day has {HORIZONS[-1]} days of lines after it")
    space = space_of(rows, algorithm.columns)
    x = space.transform(rows)
    intervals = tuple(
        algorithms.fitted(algorithm, x[asked[:, k]], happened[asked[:, k], k], seed, threads)
        for k in range(len(HORIZONS))
    )
    said = np.column_stack([each.predict(x) for each in intervals])
    months = np.array(rows["month"].to_pylist(), dtype=object)
    return Hazards(algorithm.name, space, intervals, season.effects(months, said, asked, happened))


def at_risk(rows: pa.Table) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of whom an interval tells (known to its end, no order before), and who ordered in it; each n x intervals."""
    known, next_in = numbers(rows, "days_known"), np.nan_to_num(numbers(rows, "days_to_next"), nan=np.inf)
    starts = (0, *HORIZONS[:-1])
    asked = np.column_stack(
        [(known >= end) & (next_in > start) for start, end in zip(starts, HORIZONS, strict=True)]
    )
    happened = np.column_stack([next_in <= end for end in HORIZONS]) & asked
    return asked, happened


def ordered(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Who ordered within each of `HORIZONS` (n x horizons), of rows whose 90 days are known."""
    next_in = np.nan_to_num(numbers(rows, "days_to_next"), nan=np.inf)
    return np.column_stack([next_in <= end for end in HORIZONS])
