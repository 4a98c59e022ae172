"""A challenger against the champion: the lab's choice on today's customers has to beat the frozen model on them.

Three comparisons, as in the lab: stability over null, separation over null, later value. The challenger must be worse
in none and better in one, each beyond what the measure can tell.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hm_assets.segments.champion.algorithm import algorithm_of
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.choice import decision
from hm_assets.segments.choice.entries import STEP
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.lab import back_test
from hm_assets.segments.lab.effort import Effort
from hm_assets.segments.lab.lab import Findings
from hm_assets.segments.measures.quality import centroid_silhouette
from hm_assets.segments.models import nearest
from hm_assets.segments.people import Load, Spent

Gain = tuple[float, float, float]
# A lab at full depth takes an hour, and a quarter has to bring new customers first.
PATIENCE_DAYS = 80


@dataclass(frozen=True)
class Comparison:
    """Challenger minus champion; None where it cannot be measured.

    Attributes
    ----------
    over_null
        The challenger's own stability over data without segments.
    stability
        Difference of the two stabilities over null; of the champion that of its recipe, fitted on today's customers.
    separation
        Difference of the centroid silhouettes over null; of the champion as it is, frozen.
    later
        Difference of the later values with its 95 % interval; of the champion as it is, on a month after its training.
    """

    over_null: float
    stability: float | None
    separation: float | None
    later: Gain | None


@dataclass(frozen=True)
class Outcome:
    """Whether the challenger won, and each comparison in a sentence."""

    won: bool
    reasons: tuple[str, ...]


def judge(found: Comparison, override: str | None = None) -> Outcome:
    """The verdict.

    Parameters
    ----------
    found
        What was measured.
    override
        A person's choice of champion, which stays.
    """
    reasons, better, worse = [], 0, 0
    if not found.over_null > 0:
        worse += 1
        reasons.append(f"its stability is not above that of data without segments ({found.over_null:+.2f})")
    for name, gain in (("stability over null", found.stability), ("separation over null", found.separation)):
        if gain is None:
            reasons.append(f"{name} cannot be compared")
            continue
        better, worse = better + (gain >= STEP), worse + (gain <= -STEP)
        reasons.append(f"{name} {gain:+.2f}, {_told(gain >= STEP, gain <= -STEP)}")
    if found.later is None:
        worse += 1
        reasons.append(
            "later value cannot be compared: no month after the champion's training has 90 days after it, or too few "
            "customers for four fits"
        )
    else:
        value, low, high = found.later
        better, worse = better + (low > 0), worse + (high < 0)
        reasons.append(f"later value {value:+.3f} ({low:+.3f} to {high:+.3f}), {_told(low > 0, high < 0)}")
    if override is not None:
        reasons.append(f"a person chose the champion ({override}), and that stays")
    return Outcome(better > 0 and worse == 0 and override is None, tuple(reasons))


def _told(better: bool, worse: bool) -> str:
    return "better" if better else "worse" if worse else "no difference that can be told"


def later_month(dates: Mapping[dt.date, dt.date], last_day: dt.date, champion: Champion) -> dt.date | None:
    """The latest month with 90 days of lines after it, if the champion had been trained by then.

    Parameters
    ----------
    dates
        Month -> its as-of date.
    last_day
        The last day with a line.
    champion
        Whose training has to come first.
    """
    months = back_test.cut_offs(dates, last_day, 1)
    return months[0] if months and dates[months[0]] >= champion.trained_as_of else None


def compare(
    champion: Champion,
    challenger: Champion,
    found: Findings,
    load: Load,
    spent: Spent,
    past: dt.date | None,
    effort: Effort,
    seed: int,
) -> Comparison:
    """Measure both on the same customers.

    Parameters
    ----------
    champion, challenger
        The frozen model, and the lab's choice among `found`.
    found
        What the lab leaves on the latest month.
    load, spent
        Customers of a month, and what they spent after it.
    past
        Of `later_month`.
    effort, seed
        How much, and by which lot.
    """
    entries = {entry.name: entry for entry in decision.entries(found.rows)}
    mine, theirs = entries[found.choice.champion.name], entries.get(champion.decision["candidate"])
    stability = separation = None
    if theirs is not None and theirs.refused is None:
        stability = mine.stability_excess - theirs.stability_excess
        own = next(row for row in found.rows if decision.name(row) == theirs.name)
        month = challenger.trained_as_of.replace(day=1)
        rows = load(month, champion.space.columns, effort.most_in(champion.space.name))
        points = champion.space.transform(rows)
        frozen = centroid_silhouette(points, nearest(champion.model, points)) or 0.0
        # The same bar as for a fresh fit of that recipe.
        separation = mine.separation - (frozen - (own["centroid_silhouette"] - theirs.separation))
    later = None
    if past is not None:
        try:
            algorithm = algorithm_of(challenger)
            later = back_test.gain(load, spent, past, algorithm, champion, effort, seed)
        except (CannotFit, ValueError):
            later = None
    return Comparison(mine.stability_excess, _known(stability), _known(separation), later)


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def is_due(
    champion: Champion, others: Sequence[Champion], rows: Sequence[Mapping[str, Any]], as_of: dt.date
) -> str:
    """Why no challenger is fitted though a retrain was decided; empty where one is.

    Parameters
    ----------
    champion, others
        The champion, and every version there was.
    rows
        Of `monitoring/challenges`.
    as_of
        The latest day.
    """
    if any(other.trained_as_of >= as_of for other in others):
        return "a version that was trained on this month is known already; a person chose another"
    for row in rows:
        age = (as_of - row["as_of"]).days
        if row["champion_version"] == champion.version and 0 <= age < PATIENCE_DAYS:
            outcome = "won, and a person went back to this version" if row["won"] else "lost against it"
            return f"a challenger of {row['as_of']} {outcome}; the next comes {PATIENCE_DAYS} days later"
    return ""
