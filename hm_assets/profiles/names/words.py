"""The words of names: each is a predicate over where a segment's median member stands in the base.

A standing is the share of the base that has less, plus half of those who have as much (a ridit, Bross 1958): 0 to 1,
the same for equal customers, 1/2 where everybody is alike. Fifths of it are the scores of the RFM table. How recent
also has limits in days, since a fifth of the base is a relative measure: a weekly grocer's "lapsed" came last week.

A `Reading` is one set of scores; the words and the classic name of a segment are always those of one reading, so they
cannot contradict each other. `reading` is what strictly holds, `near` what holds within the slack: a name that was
given is kept while one of those has it (`naming.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from hm_assets.profiles.members import Columns
from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.segments.tables import NO_PURCHASE

# Who last bought within `RECENT_DAYS` is recent whatever the others do; who has been away for `LIMIT_DAYS` is not.
RECENT_DAYS, LIMIT_DAYS = 30, 90
NEW_DAYS = 90
SCORES = 5
# The most that one day, or nothing spent in the year, can score, however many others have no more.
MOST_OF_LITTLE = 2
TOP = 0.9
# How far a segment may move in the base, and in days, before a word that was given is taken back.
SLACK, SLACK_DAYS = 0.05, 10
MEASURED = ("recency_days", "purchase_days", "spend_365d", "tenure_days")


@dataclass(frozen=True)
class Middle:
    """The middle of a segment: medians of its members with their standings in the base.

    Attributes
    ----------
    recency_days, purchase_days, spend_365d, tenure_days
        Medians.
    basket, price
        Units per order and spend per unit of all of them together.
    customers
        How many they are.
    recent, often, much
        Standings, 0 to 1; more is more recent, more often, more spend.
    """

    recency_days: float
    purchase_days: float
    spend_365d: float
    tenure_days: float
    basket: float
    price: float
    customers: int
    recent: float
    often: float
    much: float


def middles(columns: Columns) -> dict[int, Middle]:
    """The middle of each segment of buyers, by its id."""
    segment = columns["segment_id"]
    base = {name: np.sort(columns[name][segment != NO_PURCHASE]) for name in MEASURED}
    found = {}
    for i in (int(i) for i in np.unique(segment) if i != NO_PURCHASE):
        mine = segment == i
        medians = {name: float(np.median(columns[name][mine])) for name in MEASURED}
        found[i] = Middle(
            **medians,
            basket=float(columns["items"][mine].sum() / columns["orders"][mine].sum()),
            price=float(columns["spend"][mine].sum() / max(columns["items"][mine].sum(), 1.0)),
            customers=int(mine.sum()),
            recent=round(1 - standing(base["recency_days"], medians["recency_days"]), 9),
            often=standing(base["purchase_days"], medians["purchase_days"]),
            much=standing(base["spend_365d"], medians["spend_365d"]),
        )
    return found


def standing(ordered: Floats, value: float) -> float:
    """The share of the sorted values that is below, plus half the share that is equal."""
    below, upto = np.searchsorted(ordered, value, side="left"), np.searchsorted(ordered, value, side="right")
    # Rounded, so that a border is one from both sides.
    return round(float(below + upto) / 2 / len(ordered), 9)


def score(at: float) -> int:
    """The fifth that a standing is in, 1 to 5."""
    return 1 + min(int(round(SCORES * max(at, 0.0), 9)), SCORES - 1)


@dataclass(frozen=True)
class Reading:
    """Scores from 1 to 5, and three yes or no: all that a name is made of.

    Attributes
    ----------
    recency, frequency, spend
        Scores. Recency is held to the limits in days (`recency_score`); who bought on one day only scores at most
        2 for frequency, and who bought nothing in the year at most 2 for spend, however many others did so too.
    once
        The median member bought on one day only.
    top
        Spend in the top tenth.
    new
        The median member first bought within `NEW_DAYS`.
    """

    recency: int
    frequency: int
    spend: int
    once: bool
    top: bool
    new: bool

    @property
    def cell(self) -> tuple[int, int, int]:
        """Its cell of the RFM table."""
        return self.recency, self.frequency, self.spend

    @property
    def words(self) -> "Words":
        """How recent, how often, how much."""
        return (
            _word(RECENCY, self.recency),
            ONE_TIME if self.once else _word(FREQUENCY, self.frequency),
            TOP_SPEND if self.top else _word(SPEND, self.spend),
        )


def reading(of: Middle) -> Reading:
    """What strictly holds of a segment."""
    return _read(of, of.recency_days, of.recent, of.often, of.much, of.tenure_days)


def near(of: Middle) -> set[Reading]:
    """What holds of it within the slack, what strictly holds included.

    The floor has no slack: who last bought within `RECENT_DAYS` is recent, whatever the name was.
    """
    moves, days = (-SLACK, 0.0, SLACK), (-SLACK_DAYS, 0, SLACK_DAYS)
    recencies = [of.recency_days + d for d in (days if of.recency_days > RECENT_DAYS else days[:2])]
    return {
        _read(of, recency, of.recent + r, of.often + f, of.much + m, of.tenure_days + d)
        for recency, r, f, m, d in product(recencies, moves, moves, moves, days)
    }


def recency_score(at: float, days: float) -> int:
    """The fifth, at least 4 within `RECENT_DAYS`, at least 3 within `LIMIT_DAYS`, and at most 3 after them."""
    if days > LIMIT_DAYS:
        return min(score(at), 3)
    return max(score(at), 4 if days <= RECENT_DAYS else 3)


def _read(of: Middle, days: float, recent: float, often: float, much: float, tenure: float) -> Reading:
    once = of.purchase_days <= 1
    nothing = of.spend_365d <= 0
    frequency = min(score(often), MOST_OF_LITTLE) if once else score(often)
    spend = min(score(much), MOST_OF_LITTLE) if nothing else score(much)
    top = round(much, 9) >= TOP and not nothing
    return Reading(recency_score(recent, days), frequency, spend, once, top, tenure <= NEW_DAYS)


# Word -> the scores that it is true of.
RECENCY: Mapping[str, tuple[int, ...]] = {"recent": (4, 5), "quieter": (3,), "lapsed": (1, 2)}
FREQUENCY: Mapping[str, tuple[int, ...]] = {"occasional": (1, 2), "regular": (3,), "frequent": (4, 5)}
SPEND: Mapping[str, tuple[int, ...]] = {"low-spend": (1, 2), "mid-spend": (3,), "high-spend": (4, 5)}
ONE_TIME, TOP_SPEND = "one-time", "top-spend"
VOCABULARY = ((*RECENCY,), (ONE_TIME, *FREQUENCY), (TOP_SPEND, *SPEND))
Words = tuple[str, str, str]


def _word(table: Mapping[str, tuple[int, ...]], score: int) -> str:
    return next(word for word, scores in table.items() if score in scores)
