"""P(order within 30, 60 and 90 days) as one model: the chance of the next order in each 30 days, if not before.

Three classifiers, one for each interval, each learned from those who had not ordered by its beginning (a discrete-time
hazard, Allison 1982). Then 1 minus the product of what is left is P(order by the end of an interval), which cannot fall
with the horizon; and a cut-off whose later intervals are not over yet still teaches the first ones.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn import algorithms, season
from hm_assets.forecasts.churn.algorithms import Algorithm, Classifier
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.inputs import space_of
from hm_assets.segments.space import Bools, Floats, Space, numbers


class Forecaster(Protocol):
    """What any model of orders leaves once it is fitted."""

    def predict(self, rows: pa.Table, month: dt.date) -> Floats:
        """P(order within each of `HORIZONS`) of n customers of a month (n x horizons), ascending."""


@dataclass(frozen=True)
class Seasonal(ABC):
    """A model that tells customers apart, with what the calendar adds to it.

    Attributes
    ----------
    name
        Of the model.
    season
        Calendar month of an interval -> what is added to its log odds; a month without an entry has none.
    """

    name: str
    season: Mapping[int, float] = field(default_factory=dict, kw_only=True)

    @abstractmethod
    def hazards(self, rows: pa.Table) -> Floats:
        """P(order in an interval, if not before) of n customers without the season (n x intervals)."""

    @abstractmethod
    def as_json(self) -> dict[str, Any] | None:
        """As plain values, or None where only a pickle could hold it."""

    def in_season(self, rows: pa.Table, month: dt.date) -> Floats:
        """P(order in an interval, if not before) of n customers of a month (n x intervals)."""
        return season.shifted(self.hazards(rows), self.shifts(month))

    def predict(self, rows: pa.Table, month: dt.date) -> Floats:
        """See `Forecaster`."""
        return together(self.in_season(rows, month))

    def shifts(self, month: dt.date) -> list[float]:
        """What the season adds to the log odds of each interval after a month; 0 where no year before tells it."""
        return [self.season.get(season.calendar_month(month, k), 0.0) for k in range(len(HORIZONS))]


@dataclass(frozen=True)
class Hazards(Seasonal):
    """A classifier for each interval of `HORIZONS`, and how columns become their points."""

    space: Space
    intervals: tuple[Classifier, ...]

    def hazards(self, rows: pa.Table) -> Floats:
        """See `Seasonal`."""
        x = self.space.transform(rows)
        return np.column_stack([each.predict(x) for each in self.intervals])

    def as_json(self) -> dict[str, Any] | None:
        """See `Seasonal`."""
        parts = [each.as_json() for each in self.intervals]
        if None in parts:
            return None
        return {
            "kind": "hazards",
            "name": self.name,
            "space": self.space.as_json(),
            "intervals": parts,
            "season": season.as_json(self.season),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Hazards":
        """The inverse of `as_json`."""
        return cls(
            value["name"],
            Space.from_json(value["space"]),
            tuple(algorithms.from_json(part) for part in value["intervals"]),
            season=season.from_json(value["season"]),
        )


def together(hazards: Floats) -> Floats:
    """P(order by the end of each interval) from hazards (both n x intervals)."""
    return np.asarray(1.0 - np.cumprod(1.0 - hazards, axis=1))


def apart(p: Floats) -> Floats:
    """The inverse of `together`: hazards from P(order by the end of each interval), never falling."""
    before = np.column_stack([np.zeros(len(p)), p[:, :-1]])
    return np.asarray((p - before) / np.maximum(1.0 - before, 1e-12))


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
    return Hazards(algorithm.name, space, intervals, season=season_of(rows, said))


def season_of(rows: pa.Table, hazards: Floats) -> dict[int, float]:
    """What the calendar adds to what a model says of past days (n x intervals)."""
    asked, happened = at_risk(rows)
    return season.effects(rows["month"].to_numpy(), hazards, asked, happened)


def at_risk(rows: pa.Table, ends: Sequence[int] = HORIZONS) -> tuple[Bools, Bools]:
    """Of whom an interval tells (known to its end, no order before), and who ordered in it; each n x intervals."""
    known, next_in = numbers(rows, "days_known"), days_to_next(rows)
    starts = (0, *ends[:-1])
    asked = np.column_stack(
        [(known >= end) & (next_in > start) for start, end in zip(starts, ends, strict=True)]
    )
    return asked, np.column_stack([next_in <= end for end in ends]) & asked


def days_to_next(rows: pa.Table) -> Floats:
    """Days to the next order (n), infinite where none is known."""
    return np.nan_to_num(numbers(rows, "days_to_next"), nan=np.inf)


def ordered(rows: pa.Table) -> Bools:
    """Who ordered within each of `HORIZONS` (n x horizons), of rows whose 90 days are known."""
    next_in = days_to_next(rows)
    return np.column_stack([next_in <= end for end in HORIZONS])
