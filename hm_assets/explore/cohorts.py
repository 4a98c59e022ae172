"""Who comes back: customers by the month of their first purchase, and how many of them buy in the months after."""

import datetime as dt
from typing import Any

import ibis

from hm_assets.explore.measures import rows, steady

WARM_UP_MONTHS = 3


def cohorts(days: ibis.Table, as_of: dt.date) -> list[dict[str, Any]]:
    """The rows of `explore/cohorts`; the last month of each cohort is cut off at `as_of`.

    Parameters
    ----------
    days
        `features/customer_days` of all months; later rows are left out.
    as_of
        The day that it is true on.
    """
    seen = days.filter(days.t_dat <= ibis.literal(as_of, "date"))
    bought = seen.select("customer_key", active=seen.t_dat.truncate("M")).distinct()
    first = bought.active.min().over(group_by="customer_key")
    placed = bought.mutate(cohort=first)
    counted = rows(placed.group_by("cohort", "active").agg(active_customers=ibis._.count()))
    sizes = {line["cohort"]: line["active_customers"] for line in counted if line["cohort"] == line["active"]}
    if not sizes:
        return []
    start, last = min(sizes), as_of.replace(day=1)
    active = {(line["cohort"], line["active"]): line["active_customers"] for line in counted}
    found = []
    for cohort, size in sorted(sizes.items()):
        for since in range(_months(cohort, last) + 1):
            month = (cohort.year * 12 + cohort.month - 1) + since
            count = active.get((cohort, dt.date(month // 12, month % 12 + 1, 1)), 0)
            found.append(
                {
                    "cohort_month": cohort,
                    "months_since": since,
                    "customers": size,
                    "active": count,
                    "share_active": steady(count / size),
                    "left_truncated": _months(start, cohort) < WARM_UP_MONTHS,
                    "whole_month": _months(cohort, last) > since or _is_last_day(as_of),
                }
            )
    return found


def _months(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _is_last_day(day: dt.date) -> bool:
    return (day + dt.timedelta(days=1)).day == 1
