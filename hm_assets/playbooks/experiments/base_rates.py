"""The base rate of a segment: the share of it that ordered after past months' ends, and how far a coming one may lie.

Months swing more than chance alone would have them (seasons, prices), so the interval is that of one more month
(prediction interval, Student's t over months), and never narrower than chance leaves it open (Wilson). Months whose
days overlap say the same thing twice: of a horizon of 90 days every third month counts.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import ibis

from hm_assets.playbooks.experiments.effects import wilson_of

HORIZONS: Final = (30, 90)
YEAR: Final = 366
"""Days: each season once. Longer ago, nobody had been a customer for long, and segments were other people."""


class Past(NamedTuple):
    """A segment's month: its customers then, and how many of them ordered within the horizon."""

    as_of: dt.date
    customers: int
    ordered: int


class BaseRate(NamedTuple):
    """The mean share over months, and the 95 % interval for one more; `months` says over how many."""

    share: float
    low: float
    high: float
    months: int


def past_months(
    assignments: ibis.Table, customer_days: ibis.Table, contactable: ibis.Table, as_of: dt.date, horizon: int
) -> Mapping[int, Sequence[Past]]:
    """What each segment did after the months that ended a horizon to a year more before `as_of`; the latest first.

    Parameters
    ----------
    assignments, customer_days
        `segments/assignments` and `features/customer_days` up to the month of `as_of`.
    contactable
        With `customer_key`: who counts at all.
    as_of
        The last day that is known.
    horizon
        Days.
    """
    days_of_month = assignments.group_by("as_of").agg(customers=ibis._.count()).to_pyarrow()
    days = _apart(sorted(days_of_month["as_of"].to_pylist(), reverse=True), as_of, horizon)
    if not days:
        return {}
    placed = assignments.filter(assignments.as_of.isin(days)).semi_join(contactable, "customer_key")
    placed = placed.select("customer_key", "segment_id", "as_of")
    bought = customer_days.filter(customer_days.t_dat > ibis.literal(min(days), "date"))
    bought = bought.select("customer_key", "t_dat")
    after = placed.join(bought, "customer_key")
    waited = after.t_dat.delta(after.as_of, unit="day")
    came = after.filter((waited > 0) & (waited <= horizon)).select("customer_key", "as_of").distinct()
    came = came.mutate(came=1)
    counted = (
        placed.left_join(came, ["customer_key", "as_of"])
        .group_by("segment_id", "as_of")
        .agg(customers=ibis._.count(), ordered=ibis._.came.count())
        .to_pyarrow()
        .to_pylist()
    )
    found: dict[int, list[Past]] = {}
    for row in sorted(counted, key=lambda row: row["as_of"], reverse=True):
        found.setdefault(row["segment_id"], []).append(Past(row["as_of"], row["customers"], row["ordered"]))
    return found


def _apart(days: Sequence[dt.date], as_of: dt.date, horizon: int) -> list[dt.date]:
    """Of days, latest first, those with a horizon after them that overlaps no later one's."""
    kept: list[dt.date] = []
    for day in days:
        # Two months are as little as 59 days: a horizon of 30 may share a day or two with the next.
        if horizon <= (as_of - day).days <= YEAR + horizon and (
            not kept or (kept[-1] - day).days >= horizon - 2
        ):
            kept.append(day)
    return kept


def base_rate(months: Sequence[Past], customers: int) -> BaseRate | None:
    """The base rate of a segment; None without a past month with customers.

    Parameters
    ----------
    months
        Of the segment.
    customers
        How many the coming share is of: chance alone moves it by as much.
    """
    months = [month for month in months if month.customers]
    if not months:
        return None
    shares = [month.ordered / month.customers for month in months]
    mean = sum(shares) / len(shares)
    # Both the past share and the coming one are off by chance.
    low, high = wilson_of(mean * customers / 2, customers // 2) if customers >= 2 else (0.0, 1.0)
    if len(shares) > 1:
        from scipy.stats import t

        spread = math.sqrt(sum((share - mean) ** 2 for share in shares) / (len(shares) - 1))
        reach = float(t.ppf(0.975, len(shares) - 1)) * spread * math.sqrt(1 + 1 / len(shares))
        low, high = min(low, max(0.0, mean - reach)), max(high, min(1.0, mean + reach))
    return BaseRate(mean, low, high, len(shares))
