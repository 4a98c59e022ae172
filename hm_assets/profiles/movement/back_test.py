"""The forecasts from each earlier month with what was known then, which of them leads, and what to say of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.profiles.movement.forecast import (
    FEWEST_ORIGINS,
    HORIZON,
    LATEST_ORIGINS,
    LEVELS,
    METHODS,
    Forecast,
    Known,
    Tried,
    markov,
    plain,
    widened,
)

# The latest ones: when the file was filling up, everything was off.
MOST_ORIGINS = 12


@dataclass(frozen=True)
class Score:
    """A back-test at one distance: error, coverage (None without an interval), number of origins."""

    error: float | None
    coverage: tuple[float | None, float | None]
    origins: int


def forecasts(
    known: Known, seed: int
) -> tuple[dict[tuple[str, int], Forecast], dict[tuple[str, int], Score]]:
    """Forecasts from the last month that is known, and the back-test, by method and months ahead.

    Parameters
    ----------
    known
        All months up to the origin.
    seed
        Of the draws. Those of an origin do not depend on what came after it.
    """
    tried: dict[tuple[str, int], dict[int, Tried]] = {}
    latest: dict[tuple[str, int], Forecast] = {}
    last = known.months - 1
    for origin in range(known.months):
        then = known.upto(origin)
        drawn = markov(then, seed)
        for key in ((method, ahead) for method in METHODS for ahead in range(1, HORIZON + 1)):
            method, ahead = key
            mine = tried.setdefault(key, {})
            # What had turned out by this origin.
            past = [mine[at] for at in sorted(mine) if at + ahead <= origin][-LATEST_ORIGINS:]
            if method == "markov" and drawn is None:
                continue
            base = drawn[ahead - 1] if drawn and method == "markov" else plain(then, method, ahead)
            if base is None:
                continue
            found = widened(base, past)
            if origin == last:
                latest[key] = found
            elif origin + ahead <= last:
                mine[origin] = Tried(found, known.sizes[origin + ahead].astype(np.float64))
    return latest, _scores(tried, latest)


def _scores(
    tried: Mapping[tuple[str, int], Mapping[int, Tried]], latest: Mapping[tuple[str, int], Forecast]
) -> dict[tuple[str, int], Score]:
    """Errors on the origins that all methods with enough of them share, so that they are compared alike."""
    found = {}
    for method, ahead in latest:
        enough = [
            set(tried[other, ahead])
            for other in METHODS
            if len(tried.get((other, ahead), ())) >= FEWEST_ORIGINS
        ]
        mine = tried.get((method, ahead), {})
        shared = sorted(set.intersection(*enough))[-MOST_ORIGINS:] if enough else []
        if not set(shared) <= set(mine):
            shared = []
        found[method, ahead] = _score([mine[at] for at in shared])
    return found


def _score(tried: Sequence[Tried]) -> Score:
    if not tried:
        return Score(None, (None, None), 0)
    off = sum(float(np.abs(t.truth - t.forecast.expected).sum()) for t in tried)
    total = sum(float(t.truth.sum()) for t in tried)
    covered: list[float | None] = []
    for level in range(len(LEVELS)):
        inside = [
            (t.truth >= t.forecast.low[level]) & (t.truth <= t.forecast.high[level])
            for t in tried
            if not np.isnan(t.forecast.low[level]).any()
        ]
        covered.append(float(np.concatenate(inside).mean()) if inside else None)
    return Score(off / total if total else None, (covered[0], covered[1]), len(tried))


def leader(scores: Mapping[tuple[str, int], Score], ahead: int) -> str:
    """The method with the smallest error, of equal ones the simplest; without a back-test `as_today`."""
    known = [m for m in METHODS if (m, ahead) in scores and scores[m, ahead].error is not None]
    return min(known, key=lambda m: (scores[m, ahead].error, METHODS.index(m)), default=METHODS[0])


CALLED = {
    "as_today": "as today",
    "as_last_year": "the change of last year",
    "markov": "the Markov projection",
}


def headline(scores: Mapping[tuple[str, int], Score], ahead: int) -> str:
    """Which method leads and by what error, in few words."""
    leading = leader(scores, ahead)
    called = CALLED[leading][:1].upper() + CALLED[leading][1:]
    score = scores.get((leading, ahead))
    if score is None or score.error is None:
        return f"{called}: there are too few earlier months for a back-test"
    far = "a month" if ahead == 1 else f"{ahead} months"
    return f"{called} leads: off by {_percent(score.error)} {far} ahead in the back-test"


def words(scores: Mapping[tuple[str, int], Score], ahead: int) -> str:
    """Which method leads and why, in a sentence."""
    leading = leader(scores, ahead)
    score = scores.get((leading, ahead))
    if score is None or score.error is None:
        return headline(scores, ahead)
    others = [
        f"{CALLED[m]} {_percent(scores[m, ahead].error)}"
        for m in METHODS
        if m != leading and (m, ahead) in scores and scores[m, ahead].error is not None
    ]
    text = f"{headline(scores, ahead)} from {score.origins} earlier months"
    if others:
        text += f" ({', '.join(others)})"
    if score.coverage[0] is not None:
        text += f"; its 80 % interval held {_percent(score.coverage[0])} of the sizes"
    return text


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"


def rows_of(
    segments: Sequence[int],
    known: Known,
    latest: Mapping[tuple[str, int], Forecast],
    scores: Mapping[tuple[str, int], Score],
) -> list[dict[str, Any]]:
    """Rows of `profiles/size_forecast` without dates.

    Parameters
    ----------
    segments
        Ids of the k segments with purchases, in the order of `known`.
    known, latest, scores
        Of `forecasts`.
    """
    rows: list[dict[str, Any]] = []
    for (method, ahead), forecast in latest.items():
        score = scores[method, ahead]
        for place, segment in enumerate(segments):
            ends = {}
            for number, level in enumerate(LEVELS):
                for name, values in (("low", forecast.low), ("high", forecast.high)):
                    value = float(values[number, place])
                    ends[f"{name}_{100 * level:.0f}"] = None if math.isnan(value) else value
            rows.append(
                {
                    "segment_id": segment,
                    "months_ahead": ahead,
                    "method": method,
                    "leads": method == leader(scores, ahead),
                    "customers_today": int(known.sizes[-1, place]),
                    "customers": float(forecast.expected[place]),
                    **ends,
                    "error": score.error,
                    "coverage_80": score.coverage[0],
                    "coverage_95": score.coverage[1],
                    "origins": score.origins,
                    "words": words(scores, ahead),
                }
            )
    return rows
