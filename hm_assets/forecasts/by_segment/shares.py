"""The share of a group that will order, with what chance and the model's past errors leave open.

Were all probabilities right, the number that orders would be Poisson-binomial. They are not: in a segment the model is
off by more than chance, and how much more past days tell (the excess of its squared errors over chance). Few days tell
it of one segment, so each takes that of all segments as if it were four days more of its own.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.forecasts.by_segment.past import P, PastDay
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.churn.hazards import ordered
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.segments.space import Bools, Floats, Ints, numbers

LEVEL = 0.80
DAYS_OF_ALL = 4


@dataclass(frozen=True)
class Share:
    """An expected share, its variance by chance, and the ends of its interval (None where no error is known)."""

    expected: float
    chance: float
    low: float | None
    high: float | None


def share(p: Floats, errors: Sequence[Mapping[str, Any]], segment: str) -> Share:
    """Of a group with these probabilities (n, at least one).

    Parameters
    ----------
    p
        Of each customer.
    errors
        Rows of `forecasts/segment_scores` of one horizon, of days whose outcome is known.
    segment
        Whose errors count as its own.
    """
    from scipy.stats import t

    n, expected = len(p), float(p.mean())
    chance = float((p * (1 - p)).sum()) / n**2
    if not errors:
        return Share(expected, chance, None, None)
    own = [row for row in errors if row["segment"] == segment]
    # As if the errors of a day's segments told as much as those of so many days. Of all customers a day tells one.
    known = len(own) if segment == ALL and own else len(errors)
    half = float(t.ppf((1 + LEVEL) / 2, known)) * (chance + model_variance(errors, segment)) ** 0.5
    return Share(expected, chance, max(expected - half, 0.0), min(expected + half, 1.0))


def model_variance(errors: Sequence[Mapping[str, Any]], segment: str) -> float:
    """Variance of the model's error in a segment beyond chance, from past days; see the module."""

    def excess(rows: Sequence[Mapping[str, Any]]) -> float:
        # Cut at none as a sum: cut one by one they would never average out to none.
        squares = [float(row["expected"] - row["ordered"]) ** 2 - float(row["chance"]) for row in rows]
        return max(sum(squares), 0.0)

    own = [row for row in errors if row["segment"] == segment]
    parts = [row for row in errors if row["segment"] != ALL] or errors
    # That of all customers is known by itself: errors of segments cancel out in it.
    if segment == ALL and own:
        return excess(own) / len(own)
    return (excess(own) + DAYS_OF_ALL * excess(parts) / len(parts)) / (len(own) + DAYS_OF_ALL)


def groups(segments: Ints) -> Iterator[tuple[str, Bools]]:
    """Each segment, ascending, and all, with who is in it (n)."""
    for segment in np.unique(segments):
        yield str(segment), segments == segment
    if len(segments):
        yield ALL, np.ones(len(segments), dtype=bool)


def scores(past: Iterable[PastDay]) -> list[dict[str, Any]]:
    """Rows of `forecasts/segment_scores` without the month, of days oldest first.

    The interval of a day knows the errors of the days whose outcome was over on it.
    """
    found: list[dict[str, Any]] = []
    for day in past:
        told = day.people.filter(day.people["segment_id"].is_valid())
        happened, segments = ordered(told), numbers(told, "segment_id").astype(np.int64)
        for segment, own in groups(segments):
            for k, horizon in enumerate(HORIZONS):
                p, came = numbers(told, P[k])[own], float(happened[own, k].mean())
                said = share(p, known_by(found, horizon, day.as_of), segment)
                inside = None
                if said.low is not None and said.high is not None:
                    inside = said.low <= came <= said.high
                found.append(
                    {
                        "as_of": day.as_of,
                        "segment": segment,
                        "horizon_days": horizon,
                        "customers": int(own.sum()),
                        "expected": said.expected,
                        "low": said.low,
                        "high": said.high,
                        "ordered": came,
                        "chance": said.chance,
                        "inside": inside,
                    }
                )
    return found


def known_by(rows: Iterable[Mapping[str, Any]], horizon: int, as_of: dt.date) -> list[Mapping[str, Any]]:
    """The rows of `forecasts/segment_scores` of a horizon whose outcome was over on a day."""
    end = dt.timedelta(days=horizon)
    return [row for row in rows if row["horizon_days"] == horizon and row["as_of"] + end <= as_of]


def coverage(rows: Iterable[Mapping[str, Any]]) -> dict[int, tuple[float, int]]:
    """By horizon the share of segments (without all) whose true share lay in the interval, and of how many."""
    inside: dict[int, list[bool]] = defaultdict(list)
    for row in rows:
        if row["inside"] is not None and row["segment"] != ALL:
            inside[row["horizon_days"]].append(row["inside"])
    return {horizon: (sum(told) / len(told), len(told)) for horizon, told in sorted(inside.items())}
