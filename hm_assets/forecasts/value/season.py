"""The season of spend: how much of a year's spend the 90 days after the end of a calendar month take.

What customers' histories tell is who spends more than others; how much all of them spend in the coming weeks is the
calendar's. The shop's own year says that, without any model: the spend per day of the three months that came next, by
that of the twelve (a ratio to the annual mean, Makridakis, Wheelwright & Hyndman 1998). Learned spend is divided by it,
and what a model says of coming spend is multiplied by it. Without twelve months there is no season.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np

from hm_assets.features.customer_days import exact_sum
from hm_assets.warehouse.calendar import add_months, month_end, month_of

# As a normal prior with this standard deviation around "no season": a hundred customers prove none.
PRIOR_SD = 0.2
MONTHS_AHEAD = 3


@dataclass(frozen=True)
class Spent:
    """A month's spend: its sum, the days that it was seen on, and the sum of the squares of customers' sums."""

    total: float
    days: int
    squares: float


def totals(days: ibis.Table, first_day: dt.date, last_day: dt.date) -> dict[dt.date, Spent]:
    """What was spent in each month from the first to the last day of the lines.

    Parameters
    ----------
    days
        `features/customer_days`.
    first_day, last_day
        Of the lines; months outside are left out.
    """
    known = days.filter(days.t_dat <= ibis.literal(last_day, "date"))
    mine = known.group_by("customer_key", "month").agg(spend=exact_sum(known.spend))
    # Squares are cut to decimals too, so that the sum does not depend on the order of rows.
    square = (mine.spend * mine.spend).cast("decimal(28, 9)")
    summed = mine.group_by("month").agg(total=exact_sum(mine.spend), squares=square.sum().cast("float64"))
    found = {}
    for row in summed.order_by("month").to_pyarrow().to_pylist():
        month = row["month"]
        seen = min(month_end(month), last_day) - max(month, first_day)
        found[month] = Spent(row["total"], seen.days + 1, row["squares"])
    return found


def effects(spent: Mapping[dt.date, Spent], upto: dt.date) -> dict[int, float]:
    """Calendar month -> log of the season of the 90 days after its end; a month without a year after it has none.

    Parameters
    ----------
    spent
        See `totals`.
    upto
        The last month that may be known.
    """
    found: dict[int, list[float]] = defaultdict(list)
    known = {month: one for month, one in spent.items() if month <= month_of(upto)}
    for month in sorted({add_months(one, -1) for one in known}):
        year = [known.get(add_months(month, k)) for k in range(1, 13)]
        if (log := _log_share([one for one in year if one is not None])) is not None:
            found[month.month].append(log)
    return {month: float(np.mean(logs)) for month, logs in sorted(found.items())}


def _log_share(year: list[Spent]) -> float | None:
    """None unless all twelve months are known and something was spent in the first three."""
    ahead = year[:MONTHS_AHEAD]
    part = sum(one.total for one in ahead)
    if len(year) < 12 or part <= 0:
        return None
    rate = part / sum(one.days for one in ahead)
    annual = sum(one.total for one in year) / sum(one.days for one in year)
    # The variance of the logarithm of a sum over customers, each month of a customer counted by itself.
    noise = sum(one.squares for one in ahead) / part**2
    return float(np.log(rate / annual) * PRIOR_SD**2 / (PRIOR_SD**2 + noise))
