"""What segments would have told: each clustering fitted on a past month, and the 90 days after it.

Fitted on that month and not on a later one, so that nothing of the 90 days is in it. Plain baselines stand beside:
quintiles of recency and of spend, which need no clustering at all.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.segments import later
from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.inputs import LATER_DAYS, RFM, SPACES
from hm_assets.segments.models import nearest
from hm_assets.segments.space import UNITS_PER_MEDIAN_PRICE, Floats, Ints, Space, numbers
from hm_assets.warehouse.calendar import add_months

MONTHS_APART = 3
MOST_MONTHS = {"quick": 1, "full": 3}
MOST_CUSTOMERS = {"quick": 2_000, "full": 20_000}
RESAMPLES = {"quick": 100, "full": 500}

Load = Callable[[dt.date, Sequence[str], int | None], pa.Table]
"""(month, columns, most) -> the customers of that month with key, as_of, items, spend and the columns, by key."""
Later = Callable[[dt.date, pa.Table], Floats]
"""(as_of, customers) -> what each spent in the 90 days after."""


def cut_offs(as_of_dates: Mapping[dt.date, dt.date], last_day: dt.date, depth: str) -> list[dt.date]:
    """The latest months with 90 days of lines after their as-of date, three months apart, latest first.

    A month earlier than the first of them by three months must be there too, for what is trained a period earlier.
    """
    done = sorted(
        m for m, day in as_of_dates.items() if day + dt.timedelta(days=LATER_DAYS) <= last_day
    )
    found: list[dt.date] = []
    while done and len(found) < MOST_MONTHS[depth]:
        found.append(done[-1])
        done = [m for m in done if m <= add_months(found[-1], -MONTHS_APART)]
    return found


def price_per_item(rows: pa.Table) -> float:
    """Median price of an item over customers: the unit of money."""
    items = numbers(rows, "items")
    return float(np.median(numbers(rows, "spend")[items > 0] / items[items > 0])) if (items > 0).any() else 1.0


def training(load: Load, spent: Later, month: dt.date, space: str, most: int | None) -> tuple[Space, Data] | None:
    """A space and points of a month with the log of what was spent after it: what supervised segments learn from."""
    rows = load(month, list(SPACES[space]), most)
    if not len(rows):
        return None
    fitted = Space.fit(space, SPACES[space], rows, price_per_item(rows))
    spend = spent(rows["as_of"][0].as_py(), rows)
    unit = price_per_item(rows) / UNITS_PER_MEDIAN_PRICE or 1.0
    return fitted, Data(fitted.transform(rows), later.outcomes(spend, unit)["log_spend"])


def values(
    load: Load, spent: Later, month: dt.date, algorithms: Sequence[Algorithm], depth: str, seed: int
) -> Iterator[dict[str, Any]]:
    """Rows of `segments/later_values` of one month, without `recipe`."""
    most = MOST_CUSTOMERS[depth]
    basis = load(month, list(RFM), most)
    if not len(basis):
        return
    as_of, unit = basis["as_of"][0].as_py(), price_per_item(basis) / UNITS_PER_MEDIAN_PRICE or 1.0
    measured = later.outcomes(spent(as_of, basis), unit)

    def row(algorithm: str, space: str, k: int, labels: Ints) -> Iterator[dict[str, Any]]:
        for outcome, y in measured.items():
            value, low, high = later.later_value(labels, y, seed, RESAMPLES[depth])
            yield {
                "as_of": as_of,
                "algorithm": algorithm,
                "space": space,
                "k": k,
                "outcome": outcome,
                "value": value,
                "low": low,
                "high": high,
                "customers": len(y),
            }

    for column, name in (("recency_days", "recency_quintiles"), ("spend", "monetary_quintiles")):
        yield from row(name, column, 5, later.quintiles(numbers(basis, column)))
    earlier = add_months(month, -MONTHS_APART)
    for name in dict.fromkeys(a.space for a in algorithms):
        rows = load(month, list(SPACES[name]), most)
        now = Data(Space.fit(name, SPACES[name], rows, price_per_item(rows)).transform(rows))
        space = Space.fit(name, SPACES[name], rows, price_per_item(rows))
        for algorithm in (a for a in algorithms if a.space == name):
            data, points = now, now.points
            if algorithm.needs_later:
                taught = training(load, spent, earlier, name, most)
                if taught is None:
                    continue
                data, points = taught[1], taught[0].transform(rows)
            for k in algorithm.ks:
                try:
                    model = algorithm.fit(space)(data, k, seed).model
                except CannotFit:
                    continue
                yield from row(algorithm.name, name, k, nearest(model, points))
