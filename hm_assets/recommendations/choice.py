"""Which recommender to take, from past weeks, and why, in words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from deltalake import DeltaTable

from hm_assets.recommendations.chance import RANDOM
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, DECAYED
from hm_assets.recommendations.ladder.rung import Rung
from hm_assets.recommendations.measures.uncertainty import Measured, over_weeks
from hm_assets.recommendations.verdicts import verdict
from hm_assets.segments.space import Floats

FEWEST = 3
"""Weeks below which nothing can be told: the t interval of two weeks is thirteen standard errors wide."""
UNJUDGED = f"no scoreboard has been made yet, so the plain {DECAYED} is taken"


@dataclass(frozen=True)
class Choice:
    """The recommender to take, and why."""

    name: str
    why: str


def choose(scores: Mapping[str, Sequence[Floats]], baselines: Sequence[str], whole: Sequence[str]) -> Choice:
    """The recommender to take, over weeks: the plain `decayed_frequency` unless the best is better beyond the noise.

    Where it is, the simplest one that is within the noise of the best; one that is no baseline has to beat every
    baseline beyond the interval besides. With fewer than three weeks nothing can be told.

    Parameters
    ----------
    scores
        Recommender, simplest first -> of each week the average precision of each judged customer; the same customers
        for all of them.
    baselines
        The plain ones among them.
    whole
        Those whose lists have twelve articles for everybody: others are compared, and never taken.
    """
    tried = [name for name in scores if name in whole]
    weeks = len(scores[tried[0]]) if tried else 0
    if weeks < FEWEST:
        return Choice(
            DECAYED, f"{weeks} past weeks can be judged, too few to tell recommenders apart: {DECAYED}"
        )
    mean = {name: lead(scores[name], None).value or 0.0 for name in tried}
    best = max(tried, key=lambda name: mean[name])
    close = [name for name in tried if name == best or not is_above(lead(scores[best], scores[name]))]
    rivals = [name for name in baselines if name in tried]
    taken = next(
        name
        for name in (*(each for each in close if each == DECAYED), *close)
        if name in rivals or all(is_above(lead(scores[name], scores[other])) for other in rivals)
    )
    said = [f"{taken}: MAP@12 {mean[taken]:.4f}, mean of {weeks} weeks"]
    for other in (BESTSELLERS, DECAYED):
        if other in tried and other != taken:
            difference = lead(scores[taken], scores[other])
            said.append(f"{verdict(difference, other)} ({in_words(difference)})")
    if taken != best:
        ahead = in_words(lead(scores[best], scores[taken]))
        said.append(f"{best} has {mean[best]:.4f}: no difference beyond the noise between weeks ({ahead})")
    return Choice(taken, "; ".join(said))


def to_take(rungs: Sequence[Rung]) -> list[str]:
    """Those that fill their lists; lists drawn at random are there to be compared with."""
    return [rung.name for rung in rungs if rung.fill and rung.name != RANDOM.name]


def lead(one: Sequence[Floats], other: Sequence[Floats] | None) -> Measured:
    """By how much one recommender's average precision lies above that of another (or of 0), over weeks."""
    rest = other if other is not None else [np.zeros(len(week)) for week in one]
    sums = np.array([(mine - its).sum() for mine, its in zip(one, rest, strict=True)])
    return over_weeks(sums, np.array([len(week) for week in one], dtype=np.float64))


def is_above(difference: Measured) -> bool:
    """Whether a difference is above 0 beyond its interval."""
    return difference.low is not None and difference.low > 0


def in_words(difference: Measured) -> str:
    """`+0.0052 (+0.0011 to +0.0093)`."""
    if difference.value is None or difference.low is None:
        return "not known"
    return f"{difference.value:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})"


def choice_of(scoreboard: DeltaTable | None, upto: dt.date) -> Choice:
    """What the scoreboard takes in its latest month up to `upto`; the plain recommender where there is none."""
    if scoreboard is None:
        return Choice(DECAYED, UNJUDGED)
    rows = scoreboard.to_pyarrow_table(columns=["month", "recommender", "shipped", "why"]).to_pylist()
    taken = [row for row in rows if row["shipped"] and row["month"] <= upto]
    latest = max(taken, key=lambda row: row["month"], default=None)
    return Choice(DECAYED, UNJUDGED) if latest is None else Choice(latest["recommender"], latest["why"])
