"""The words of names: each is a predicate over where a segment's median member stands in the base.

A standing is the share of the base that has less, plus half of those who have as much (a ridit, Bross 1958): 0 to 1,
the same for equal customers, 1/2 where everybody is alike. Fifths of it are the scores of the RFM table. How recent
also has a limit in days, since a fifth of the base is a relative measure: a weekly grocer's "lapsed" came last week.

A word may be asked to hold with some slack. A name that was given keeps its words while they hold so
(`anchor.py`); a new one is given only words that hold strictly.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hm_assets.profiles.members import Columns
from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.segments.tables import NO_PURCHASE

LIMIT_DAYS = 90
NEW_DAYS = 90
SCORES = 5
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


def scores(of: Middle) -> tuple[int, int, int]:
    """Recency, frequency and spend from 1 to 5, recency held to its limit in days.

    Who last bought within `LIMIT_DAYS` scores at least 3 however recent the others are, and who has been away for
    longer at most 3.
    """
    recency = score(of.recent)
    recency = max(recency, 3) if of.recency_days <= LIMIT_DAYS else min(recency, 3)
    return recency, score(of.often), score(of.much)


def near(of: Middle) -> set[tuple[int, int, int]]:
    """The scores that the segment would have if it had moved by the slack, itself included."""
    days = {of.recency_days <= LIMIT_DAYS + SLACK_DAYS, of.recency_days <= LIMIT_DAYS - SLACK_DAYS}
    moves = (-SLACK, 0.0, SLACK)
    recent = {
        max(score(of.recent + move), 3) if within else min(score(of.recent + move), 3)
        for move in moves
        for within in days
    }
    often, much = ({score(at + move) for move in moves} for at in (of.often, of.much))
    return {(r, f, m) for r in recent for f in often for m in much}


# Word -> the recency scores, frequency scores, spend scores that it is true of.
RECENCY: Mapping[str, tuple[int, ...]] = {"recent": (4, 5), "quieter": (3,), "lapsed": (1, 2)}
FREQUENCY: Mapping[str, tuple[int, ...]] = {"occasional": (1, 2), "regular": (3,), "frequent": (4, 5)}
SPEND: Mapping[str, tuple[int, ...]] = {"low-spend": (1, 2), "mid-spend": (3,), "high-spend": (4, 5)}
ONE_TIME, TOP_SPEND = "one-time", "top-spend"
TOP = 0.9
Words = tuple[str, str, str]


def holds(word: str, of: Middle, slack: bool = False) -> bool:
    """Whether the word is true of the segment, or nearly so with `slack`."""
    if word == ONE_TIME:
        return of.purchase_days <= 1
    if word == TOP_SPEND:
        return of.much >= (TOP - SLACK if slack else TOP)
    if word in FREQUENCY and of.purchase_days <= 1:
        return False
    if word == "high-spend" and of.much >= TOP + (SLACK if slack else 0.0):
        return False
    cells = near(of) if slack else {scores(of)}
    return any(
        cell[place] in table[word]
        for place, table in enumerate((RECENCY, FREQUENCY, SPEND))
        if word in table
        for cell in cells
    )


VOCABULARY = ((*RECENCY,), (ONE_TIME, *FREQUENCY), (TOP_SPEND, *SPEND))


def words(of: Middle, given: Words | None = None) -> Words:
    """How recent, how often, how much: each the word that was given while it nearly holds, else the one that holds."""
    found = []
    for place, choices in enumerate(VOCABULARY):
        if given is not None and holds(given[place], of, slack=True):
            found.append(given[place])
        else:
            found.append(next(word for word in choices if holds(word, of)))
    return found[0], found[1], found[2]
