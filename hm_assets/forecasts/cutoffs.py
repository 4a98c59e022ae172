"""Which past days a model may learn from, and which it is judged on.

A cut-off is the as-of day T of a month: features are as of T, the outcome lies in (T, T + h]. A model that is judged on
T learns from cut-offs T' whose outcome ended on or before T, so everything it learned from lies before everything that
it is judged on (Bergmeir & Benitez 2012). Customers are never split at random: next month's season would be known.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HORIZONS = (30, 60, 90)
"""Days within which somebody orders or not, ascending."""
SHORTEST, LONGEST = HORIZONS[0], HORIZONS[-1]
# On the first days of the files everybody is a new customer, and nobody can be late.
SHORTEST_HISTORY_DAYS = 30


@dataclass(frozen=True)
class Split:
    """The day that a model is judged on (`as_of`), and the months with their days that it may learn from.

    Raises
    ------
    ValueError
        The outcome of a learned day is not over on the judged day, for the shortest horizon.
    """

    as_of: dt.date
    learned: Mapping[dt.date, dt.date]

    def __post_init__(self) -> None:
        for day in self.learned.values():
            if day + dt.timedelta(days=SHORTEST) > self.as_of:
                raise ValueError(f"the {SHORTEST} days after {day} are not over on {self.as_of}")

    @property
    def last_training_day(self) -> dt.date | None:
        """The last day of which anything is learned."""
        ends = [day + dt.timedelta(days=h) for day in self.learned.values() for h in HORIZONS]
        return max((end for end in ends if end <= self.as_of), default=None)

    @property
    def first_test_day(self) -> dt.date:
        """The first day of the outcome that it is judged on."""
        return self.as_of + dt.timedelta(days=1)

    @property
    def teaches(self) -> bool:
        """Whether the longest outcome of any learned day is over, so that every horizon can be learned."""
        return any(day + dt.timedelta(days=LONGEST) <= self.as_of for day in self.learned.values())


def split(as_of_dates: Mapping[dt.date, dt.date], judged: dt.date, first_day: dt.date) -> Split:
    """What a model judged on the as-of day of the month `judged` may learn from.

    Parameters
    ----------
    as_of_dates
        As-of day of each month with customers.
    judged
        One of these months.
    first_day
        First day of the lines; days within 30 days of it teach nothing.
    """
    as_of = as_of_dates[judged]
    first = first_day + dt.timedelta(days=SHORTEST_HISTORY_DAYS)
    last = as_of - dt.timedelta(days=SHORTEST)
    learned = {month: day for month, day in sorted(as_of_dates.items()) if first <= day <= last}
    return Split(as_of, learned)


FOLDS = 5


@dataclass(frozen=True)
class Fold:
    """As-of days to learn from and later ones to judge on, both ascending.

    Raises
    ------
    ValueError
        The longest outcome of a learned day is not over on the first judged day.
    """

    learned: tuple[dt.date, ...]
    judged: tuple[dt.date, ...]

    def __post_init__(self) -> None:
        if self.learned[-1] + dt.timedelta(days=LONGEST) > self.judged[0]:
            raise ValueError(f"the {LONGEST} days after {self.learned[-1]} are not over on {self.judged[0]}")


def expanding_folds(days: Sequence[dt.date], folds: int = FOLDS, before: int = 1) -> list[Fold]:
    """Cross-validation in time: each fold judges the next days, and learns from all whose outcome was over by then.

    A day is learned from whole or not at all. scikit-learn's `TimeSeriesSplit` cuts rows, so that customers of one day
    would stand on both sides, and knows nothing of outcomes that are still open.

    Parameters
    ----------
    days
        As-of days whose longest outcome is known.
    folds
        How many, at most: there are no more than days to judge.
    before
        How many days, each over by the next, lie before the first judged one; with two, one is left to calibrate on.
    """
    known, over = sorted(set(days)), dt.timedelta(days=LONGEST)
    first = known[0] if known else dt.date.max
    for _ in range(before):
        first = next((day for day in known if day - over >= first), dt.date.max)
    testable = [day for day in known if first <= day]
    count = min(folds, len(testable))
    groups = [testable[i * len(testable) // count : (i + 1) * len(testable) // count] for i in range(count)]
    return [Fold(tuple(d for d in known if d + over <= group[0]), tuple(group)) for group in groups]
