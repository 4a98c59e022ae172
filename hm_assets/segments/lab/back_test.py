"""What segments would have told: each clustering fitted on a past month, and the 90 days after it.

Fitted on that month and not on a later one, so that nothing of the 90 days is in it; and several times, on customers
that no two fits share, each measured on the customers of the others: the interval has to know how far another sample of
customers would have cut elsewhere. Plain baselines stand beside, measured in the same way: quintiles of recency and of
spend, which need no clustering at all.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.inputs import LATER_DAYS, SPACES
from hm_assets.segments.lab.attempts import Tried, attempts, fitted, planned
from hm_assets.segments.lab.effort import Effort
from hm_assets.segments.measures import later
from hm_assets.segments.models import nearest
from hm_assets.segments.people import Load, People, Spent
from hm_assets.segments.space import Ints, numbers
from hm_assets.warehouse import beside
from hm_assets.warehouse.calendar import add_months

MONTHS_APART = 3
# Student's quantile falls steeply up to here (4.3 for three fits, 3.2 for four); more would leave each few customers.
FITS = 4
# What needs no clustering: a fifth of the customers each, by one column.
BASELINES = {"recency_quintiles": "recency_days", "monetary_quintiles": "spend"}


def cut_offs(as_of_dates: Mapping[dt.date, dt.date], last_day: dt.date, most: int) -> list[dt.date]:
    """The latest months with 90 days of lines after their as-of date, three months apart, latest first."""
    told = sorted(m for m, day in as_of_dates.items() if day + dt.timedelta(days=LATER_DAYS) <= last_day)
    found: list[dt.date] = []
    while told and len(found) < most:
        found.append(told[-1])
        told = [month for month in told if month <= add_months(found[-1], -MONTHS_APART)]
    return found


def values(
    load: Load,
    spent: Spent,
    month: dt.date,
    algorithms: Sequence[Algorithm],
    effort: Effort,
    seed: int,
    workers: int = 1,
) -> Iterator[dict[str, Any]]:
    """Rows of `segments/later_values` of a month of `cut_offs`, without `recipe`; each algorithm with each of its k.

    None of what cannot be fitted on each part of the customers. So many `workers` share the fits.

    Raises
    ------
    ValueError
        There is no customer.
    """
    most, load = effort.later_customers, _once(load)
    rfm = People.of(load, month, "rfm", most)
    outcomes = later.outcomes(spent(rfm), rfm.unit)
    folds = folds_of(len(rfm.points), seed)
    if folds.max() < FITS - 1:
        return

    def rows(algorithm: str, space: str, k: int, placements: Sequence[Ints]) -> Iterator[dict[str, Any]]:
        for outcome, happened in outcomes.items():
            try:
                value, low, high = later.later_value(placements, happened, folds)
            except CannotFit:
                continue
            named = {"as_of": rfm.as_of, "algorithm": algorithm, "space": space, "k": k, "outcome": outcome}
            yield named | {"value": value, "low": low, "high": high, "customers": len(folds)}

    for name, column in BASELINES.items():
        x = numbers(rfm.rows, column)
        yield from rows(name, column, 5, [later.quintiles(x, x[folds == fit]) for fit in range(FITS)])
    # What is fitted on a sample takes time with the square of it: four on half as many rows each cost as much as one.
    tried_on = [replace(a, most_rows=a.most_rows and round(a.most_rows / FITS**0.5)) for a in algorithms]
    plans = (
        planned(of_fold(load, fit, seed), spent, month, tried_on, effort, seed, lambda _: most)
        for fit in range(FITS)
    )
    asked = (
        (of_folds, load(month, list(SPACES[of_folds[0].people.space.name]), most))
        for of_folds in zip(*plans, strict=True)
    )
    for tried, placements in beside.each(partial(_placements, seed=seed), asked, workers):
        if len(placements) == FITS:
            yield from rows(*tried, placements)


def gain(
    load: Load,
    spent: Spent,
    month: dt.date,
    algorithm: Algorithm,
    champion: Champion,
    effort: Effort,
    seed: int,
) -> tuple[float, float, float] | None:
    """What an algorithm fitted on a past month would have told more of the 90 days after it than a frozen champion.

    Omega squared of log spend, algorithm minus champion, on the same customers, with its 95 % interval. The algorithm
    is fitted as in `values`, for one number of segments; the champion is as it is, and must have been trained before.
    None where the algorithm cannot be fitted on each part of the customers.
    """
    most, load = effort.later_customers, _once(load)
    people = People.of(load, month, champion.space.name, most)
    outcome = later.outcomes(spent(people), people.unit)["log_spend"]
    frozen = nearest(champion.model, champion.space.transform(people.rows))
    fewer = replace(algorithm, most_rows=algorithm.most_rows and round(algorithm.most_rows / FITS**0.5))
    everybody = load(month, list(SPACES[algorithm.space]), most)
    folds = folds_of(len(everybody), seed)
    if folds.max() < FITS - 1:
        return None
    placements = []
    for fit in range(FITS):
        (tried,) = attempts(of_fold(load, fit, seed), spent, month, [fewer], effort, seed, lambda _: most)
        labels = _placed(tried, everybody)
        if labels is None:
            return None
        placements.append(labels)
    # Two spaces sort equal customers differently: the champion's labels follow the others by key.
    order = pc.index_in(everybody["customer_key"], value_set=people.rows["customer_key"].combine_chunks())
    at = np.asarray(order.to_numpy())
    return later.later_gain(placements, [frozen[at]] * FITS, outcome[at], folds)


def _placements(
    asked: tuple[Sequence[Tried], pa.Table], seed: int
) -> tuple[tuple[str, str, int], list[Ints]]:
    """A candidate's name, space and k, and where each fold's fit puts everybody; of those that can be fitted."""
    plans, everybody = asked
    first = plans[0]
    found = (_placed(fitted(plan, seed), everybody) for plan in plans)
    name = first.algorithm.name, first.people.space.name, first.k
    return name, [labels for labels in found if labels is not None]


def _placed(tried: Tried, everybody: pa.Table) -> Ints | None:
    if tried.fitted is None:
        return None
    return nearest(tried.fitted.model, tried.people.space.transform(everybody))


def folds_of(customers: int, seed: int) -> Ints:
    """The fit that learns from each. By lot: every fourth of a sorted list would be more alike than samples are."""
    return np.asarray(np.random.default_rng(seed).permutation(customers) % FITS, dtype=np.int64)


def of_fold(load: Load, fit: int, seed: int) -> Load:
    """The customers that a fit learns from."""

    def some(month: dt.date, columns: Sequence[str], most: int | None) -> pa.Table:
        rows = load(month, columns, most)
        return rows.take(np.flatnonzero(folds_of(len(rows), seed) == fit))

    return some


def _once(load: Load) -> Load:
    """The same, which reads nothing twice."""
    known: dict[tuple[dt.date, tuple[str, ...], int | None], pa.Table] = {}

    def remembered(month: dt.date, columns: Sequence[str], most: int | None) -> pa.Table:
        asked = (month, tuple(columns), most)
        if asked not in known:
            known[asked] = load(*asked)
        return known[asked]

    return remembered
