"""The segments of a past day: the champion's algorithm fitted on its customers, with nothing of later days in it."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hm_assets.segments.champion import canonical
from hm_assets.segments.champion.algorithm import algorithm_of
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.inputs import LATER_DAYS
from hm_assets.segments.lab.attempts import MONTHS_AGO, Tried, attempts
from hm_assets.segments.lab.effort import Effort
from hm_assets.segments.people import Load, People, Spent
from hm_assets.segments.space import Ints, numbers
from hm_assets.warehouse.calendar import add_months


@dataclass(frozen=True)
class Past:
    """Customers of a past day, the segment of each (0 to k - 1, `groups`), and the ids of the segments (`ids`, k)."""

    people: People
    groups: Ints
    ids: tuple[int, ...]
    tried: Tried
    seed: int

    @property
    def k(self) -> int:
        """Segments that somebody is in."""
        return len(self.ids)


def judged_month(
    month: dt.date, as_of: Mapping[dt.date, dt.date], last_day: dt.date | None, seen: Collection[dt.date]
) -> dt.date | None:
    """The latest month whose as-of day has 90 days of lines after it, as far as they reach at the end of `month`.

    Parameters
    ----------
    month
        Nothing after its end is known.
    as_of
        As-of day of each month.
    last_day
        Of the lines up to the end of `month`: days without files are not days without purchases. None without lines.
    seen
        Months that have customers.
    """
    if last_day is None:
        return None
    for ago in MONTHS_AGO:
        earlier = add_months(month, -ago)
        if earlier in seen and as_of[earlier] + dt.timedelta(days=LATER_DAYS) <= last_day:
            return earlier
    return None


def seen_by_the_choice(as_of: dt.date, champion: Champion) -> bool:
    """Whether the 90 days after `as_of` were known when the champion was chosen by what came after days of the past."""
    return as_of + dt.timedelta(days=LATER_DAYS) <= champion.trained_as_of


def fitted(
    load: Load, spent: Spent, month: dt.date, champion: Champion, assigned: pa.Table, effort: Effort
) -> Past:
    """The champion's algorithm, space and number of segments, fitted on the customers of `month`.

    Segments keep the champion's ids where they hold the customers that it puts there on that day.

    Parameters
    ----------
    load, spent
        Customers of a month, and what they spent in the 90 days after it.
    month
        The judged month.
    champion
        The model of today.
    assigned
        `customer_key` and `segment_id` as the champion places the customers of that month.
    effort
        How many customers are read and fitted on.

    Raises
    ------
    CannotFit
        There is nobody, the algorithm is gone, or it finds no segments on that day.
    """
    try:
        (tried,) = attempts(
            load, spent, month, [algorithm_of(champion)], effort, champion.seed, effort.most_in
        )
    except ValueError as error:
        raise CannotFit(str(error)) from error
    if tried.fitted is None:
        raise CannotFit(tried.refused or "the algorithm could not be fitted on the past day")
    people = tried.people
    used, groups = np.unique(tried.labels, return_inverse=True)
    order = _ordered(people, groups.ravel(), len(used))
    groups = np.argsort(order)[groups.ravel()].astype(np.int64)
    ids = _ids(people, groups, len(used), champion, assigned)
    return Past(people, groups, tuple(ids), tried, champion.seed)


def _ordered(people: People, groups: Ints, k: int) -> list[int]:
    counts = np.bincount(groups, minlength=k)

    def mean(column: str) -> np.ndarray:
        return np.asarray(np.bincount(groups, numbers(people.rows, column), minlength=k) / counts)

    first = np.full(k, np.iinfo(np.int64).max)
    np.minimum.at(first, groups, people.rows["customer_key"].to_numpy())
    return canonical.ordered(mean("spend"), mean("recency_days"), mean("purchase_days"), first)


def _ids(people: People, groups: Ints, k: int, champion: Champion, assigned: pa.Table) -> list[int]:
    order = np.argsort(assigned["customer_key"].to_numpy(), kind="stable")
    keys = assigned["customer_key"].to_numpy()[order]
    segments = assigned["segment_id"].to_numpy()[order]
    wanted = people.rows["customer_key"].to_numpy()
    places = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    there = keys[places] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool)
    overlap = np.zeros((k, len(champion.ids)), dtype=np.int64)
    for column, number in enumerate(champion.ids):
        mine = groups[there & (segments[places] == number)] if len(keys) else groups[:0]
        overlap[:, column] = np.bincount(mine, minlength=k)
    return canonical.matched_ids(overlap, champion.ids, champion.last_id)
