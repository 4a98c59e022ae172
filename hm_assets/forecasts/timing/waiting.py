"""How long a customer waits until the next order: discrete-time hazards on days at first and months later.

A logistic regression for each interval, learned from those who had not ordered by its beginning (Allison 1982), as in
`churn.hazards` but finer and up to a year. A past day of which only the first intervals are over teaches these.
What it says of 30, 60 and 90 days is replaced by the model of the next order (`anchored`), so that a customer has one
P(order): this model tells where within these intervals, and what comes after them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn import algorithms, season
from hm_assets.forecasts.churn.algorithms import Algorithm, Classifier, Logistic, Weights
from hm_assets.forecasts.churn.hazards import at_risk, together
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.inputs import KINDS, space_of
from hm_assets.segments.space import Bools, Floats, Space, numbers

ENDS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 365)
"""Last day of each interval; all of HORIZONS are among them."""
LONGEST_WAIT = ENDS[-1]


def _logistic(x: Floats, y: Bools, seed: int, threads: int, weights: Weights) -> Classifier:
    from sklearn.linear_model import LogisticRegression

    # Newton's steps: for twenty columns and as many intervals ten times as fast as what `churn` takes.
    fitted = LogisticRegression(solver="newton-cholesky", tol=1e-8, max_iter=100).fit(x, y, weights)
    return Logistic(tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]))


ALGORITHM = Algorithm("waiting", tuple(KINDS), _logistic)


@dataclass(frozen=True)
class Waiting:
    """A fitted model.

    Attributes
    ----------
    space
        How columns become points.
    intervals
        A classifier for each of the first intervals of `ENDS`: as many as the history could teach.
    season
        Calendar month -> what is added to the log odds of an interval in it.
    """

    space: Space
    intervals: tuple[Classifier, ...]
    season: Mapping[int, float]

    @property
    def ends(self) -> tuple[int, ...]:
        """Last days of its intervals."""
        return ENDS[: len(self.intervals)]

    @property
    def reach(self) -> int:
        """The last day that it says anything of, counted from the day of the forecast."""
        return self.ends[-1]

    def predict(self, rows: pa.Table, month: dt.date) -> Floats:
        """P(order by the end of each interval) of n customers of a month (n x intervals), ascending."""
        x = self.space.transform(rows)
        said = np.column_stack([each.predict(x) for each in self.intervals])
        shifts = [self.season.get(season.calendar_month(month, k), 0.0) for k in _months_ahead(said.shape[1])]
        return together(season.shifted(said, shifts))

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "space": self.space.as_json(),
            "intervals": [each.as_json() for each in self.intervals],
            "season": season.as_json(self.season),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Waiting":
        """The inverse of `as_json`."""
        return cls(
            Space.from_json(value["space"]),
            tuple(algorithms.from_json(part) for part in value["intervals"]),
            season.from_json(value["season"]),
        )


def fit(rows: pa.Table, seed: int, threads: int) -> Waiting:
    """Learn from the customers of one or several past days.

    Parameters
    ----------
    rows
        `inputs.examples` with `longest` = `LONGEST_WAIT`; some with the longest of `HORIZONS` known.
    seed, threads
        Of the classifiers.

    Raises
    ------
    ValueError
        No row is followed for as long as `HORIZONS`.
    """
    taught = reach_of(rows)
    if taught < HORIZONS[-1]:
        raise ValueError(f"no past day has {HORIZONS[-1]} days of lines after it")
    asked, happened = at_risk(rows, ENDS[: ENDS.index(taught) + 1])
    space = space_of(rows, ALGORITHM.columns)
    x = space.transform(rows)
    intervals = tuple(
        algorithms.fitted(ALGORITHM, x[asked[:, k]], happened[asked[:, k], k], seed, threads)
        for k in range(asked.shape[1])
    )
    said = np.column_stack([each.predict(x) for each in intervals])
    ahead = _months_ahead(len(intervals))
    return Waiting(space, intervals, season.effects(rows["month"].to_numpy(), said, asked, happened, ahead))


def reach_of(rows: pa.Table) -> int:
    """The last of `ENDS` to which any row is followed; 0 where there is none."""
    known = numbers(rows, "days_known")
    return max((end for end in ENDS if (known >= end).any()), default=0)


def anchored(waited: Floats, p_order: Floats) -> Floats:
    """The same distributions with the P(order) of another model at 30, 60 and 90 days.

    Parameters
    ----------
    waited
        P(order by each of the first of `ENDS`), n x intervals, of at least the longest of `HORIZONS`.
    p_order
        P(order within each of `HORIZONS`), n x horizons, ascending.

    Returns
    -------
    numpy.ndarray
        n x intervals, ascending: equal to `p_order` at the horizons; between two of them its increase is spread as
        `waited` spreads its own, and what is left after the last one is taken as `waited` takes what it has left.
    """
    found = np.empty_like(waited)
    n = len(waited)
    own_before, their_before, first = np.zeros(n), np.zeros(n), 0
    for horizon, theirs in zip(HORIZONS, p_order.T, strict=True):
        last = ENDS.index(horizon)
        own = waited[:, last]
        step = _share(waited[:, first : last + 1], own_before, own)
        found[:, first : last + 1] = their_before[:, None] + step * (theirs - their_before)[:, None]
        found[:, last] = theirs
        own_before, their_before, first = own, theirs, last + 1
    later = _share(waited[:, first:], own_before, np.ones(n))
    found[:, first:] = their_before[:, None] + later * (1 - their_before)[:, None]
    return found


def _share(values: Floats, low: Floats, high: Floats) -> Floats:
    """Where values (n x any) lie between low and high (n): 0 to 1; 1 where there is nothing between."""
    room = (high - low)[:, None]
    return np.divide(values - low[:, None], room, out=np.ones_like(values), where=room > 0)


def _months_ahead(intervals: int) -> list[int]:
    """How many whole 30 days lie before the middle of each of the first intervals."""
    return [int((start + end) / 2) // 30 for start, end in zip((0, *ENDS), ENDS[:intervals], strict=False)]
