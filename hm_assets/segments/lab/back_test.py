"""What segments would have told: each clustering fitted on a past month, and the 90 days after it.

Fitted on that month and not on a later one, so that nothing of the 90 days is in it. Plain baselines stand beside:
quintiles of recency and of spend, which need no clustering at all.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.inputs import LATER_DAYS
from hm_assets.segments.lab.attempts import attempts
from hm_assets.segments.lab.effort import Effort
from hm_assets.segments.measures import later
from hm_assets.segments.people import Load, People, Spent
from hm_assets.segments.space import Ints, numbers
from hm_assets.warehouse.calendar import add_months

MONTHS_APART = 3
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
    load: Load, spent: Spent, month: dt.date, algorithms: Sequence[Algorithm], effort: Effort, seed: int
) -> Iterator[dict[str, Any]]:
    """Rows of `segments/later_values` of a month of `cut_offs`, without `recipe`; each algorithm with each of its k.

    Raises
    ------
    ValueError
        There is no customer.
    """
    most = effort.later_customers
    rfm = People.of(load, month, "rfm", most)
    outcomes = later.outcomes(spent(rfm), rfm.unit)

    def rows(algorithm: str, space: str, k: int, labels: Ints) -> Iterator[dict[str, Any]]:
        for outcome, happened in outcomes.items():
            value, low, high = later.later_value(labels, happened, seed, effort.later_resamples)
            named = {"as_of": rfm.as_of, "algorithm": algorithm, "space": space, "k": k, "outcome": outcome}
            yield named | {"value": value, "low": low, "high": high, "customers": len(labels)}

    for name, column in BASELINES.items():
        yield from rows(name, column, 5, later.quintiles(numbers(rfm.rows, column)))
    for tried in attempts(load, spent, month, algorithms, effort, seed, lambda _: most):
        if tried.fitted is not None:
            yield from rows(tried.algorithm.name, tried.people.space.name, tried.k, tried.labels)
