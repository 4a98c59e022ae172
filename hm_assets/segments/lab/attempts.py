"""Each algorithm of the lab fitted with each of its numbers of segments, on one month's customers."""

import datetime as dt
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.inputs import LATER_DAYS
from hm_assets.segments.lab.effort import Effort
from hm_assets.segments.measures import later
from hm_assets.segments.models import nearest
from hm_assets.segments.people import Load, People, Spent
from hm_assets.segments.space import Ints, Space, stratified
from hm_assets.warehouse.calendar import add_months

# 90 days are over three months later, or four where these three are short.
MONTHS_AGO = (3, 4)
# Watching the memory takes longer than such a fit itself, in seconds: it is timed again without.
SHORT = 1.0


@dataclass(frozen=True)
class Tried:
    """A candidate: what was fitted on which rows, or why nothing was, and where it puts the customers of its space.

    Seconds are those of the one fit, as is the memory that was taken on top where it was watched.
    """

    algorithm: Algorithm
    k: int
    people: People
    data: Data
    fitted: Fitted | None = None
    refused: str | None = None
    labels: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    seconds: float = 0.0
    peak_mb: float | None = None


def attempts(
    load: Load,
    spent: Spent,
    month: dt.date,
    algorithms: Sequence[Algorithm],
    effort: Effort,
    seed: int,
    most: Callable[[str], int | None],
    watched: bool = False,
) -> Iterator[Tried]:
    """Fit everything, space by space; see `planned` and `fitted`."""
    plans = planned(load, spent, month, algorithms, effort, seed, most)
    return (fitted(plan, seed, watched) for plan in plans)


def planned(
    load: Load,
    spent: Spent,
    month: dt.date,
    algorithms: Sequence[Algorithm],
    effort: Effort,
    seed: int,
    most: Callable[[str], int | None],
) -> Iterator[Tried]:
    """What there is to fit, space by space, with the rows that it is fitted on; refused where these do not exist.

    Parameters
    ----------
    load, spent
        Customers of a month, and what they spent after it.
    month
        The month to learn from; supervised algorithms learn from one that was over 90 days before.
    algorithms
        Of the catalogue.
    effort, seed
        How much, and by which lot.
    most
        Space -> how many customers are read (None: all).

    Raises
    ------
    ValueError
        There is no customer.
    """
    for space in dict.fromkeys(a.space for a in algorithms):
        people = People.of(load, month, space, most(space))
        for algorithm in (a for a in algorithms if a.space == space):
            ks, own, data = effort.ks_of(algorithm), people, Data(people.points)
            if algorithm.needs_later:
                taught = lesson(load, spent, month, people, most(space))
                if taught is None:
                    why = "there is no earlier month with 90 days after it to learn from"
                    yield from (Tried(algorithm, k, people, data, refused=why) for k in ks)
                    continue
                own, data = people.seen_in(taught[0]), taught[1]
            data = data.take(stratified(data.points, effort.rows_of(algorithm), seed))
            yield from (Tried(algorithm, k, own, data) for k in ks)


def lesson(
    load: Load, spent: Spent, month: dt.date, people: People, most: int | None
) -> tuple[Space, Data] | None:
    """What a supervised algorithm may know of at the end of a month: an earlier one whose 90 days are over by then.

    Its space, and its points with the log of what was spent after it; None without such a month.
    """
    for ago in MONTHS_AGO:
        try:
            earlier = People.of(load, add_months(month, -ago), people.space.name, most)
        except ValueError:
            return None
        if earlier.as_of + dt.timedelta(days=LATER_DAYS) <= people.as_of:
            after = spent(earlier)
            return earlier.space, Data(earlier.points, later.outcomes(after, earlier.unit)["log_spend"])
    return None


def fitted(plan: Tried, seed: int, watched: bool = False) -> Tried:
    """A plan, fitted; `watched`: whether the memory of the fit is told, and its time without the watching."""
    if plan.refused is not None:
        return plan

    def timed() -> tuple[Fitted, float]:
        started = time.perf_counter()
        return plan.algorithm.fit(plan.people.space)(plan.data, plan.k, seed), time.perf_counter() - started

    peak = None
    if watched:
        tracemalloc.start()
    try:
        found, seconds = timed()
    except CannotFit as error:
        return replace(plan, refused=str(error))
    finally:
        if watched:
            peak = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
    if watched and seconds < SHORT:
        seconds = timed()[1]
    labels = nearest(found.model, plan.people.points)
    return replace(plan, fitted=found, labels=labels, seconds=seconds, peak_mb=peak)
