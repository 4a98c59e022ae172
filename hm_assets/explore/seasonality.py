"""Sales over time: weeks split into trend, season and remainder (STL), and the profile of weekdays and months.

Weeks are blocks of seven days counted back from as_of, so the last one is whole; a week at the start of the data that
is not whole is left out. STL (Cleveland and others, 1990) works on logs, so that its parts multiply; it needs two whole
years. With just two the season is the mean of two values for each week: what happened once is then part of it.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from hm_assets.explore.measures import last_days, rows, steady
from hm_assets.features.customer_days import exact_sum

Row = dict[str, Any]
YEAR_WEEKS = 52
PERIODS = 2
Z = 1.959963984540054
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def daily(days: ibis.Table, as_of: dt.date) -> list[Row]:
    """Units, spend and orders of each day with sales up to `as_of`, in order."""
    seen = days.filter(days.t_dat <= ibis.literal(as_of, "date"))
    summed = seen.group_by("t_dat").agg(
        items=ibis._["items"].sum(), spend=exact_sum(ibis._.spend), orders=ibis._.count()
    )
    return sorted(rows(summed), key=lambda line: line["t_dat"])


def weekly(by_day: list[Row], as_of: dt.date) -> list[Row]:
    """The rows of `explore/seasonality`."""
    if not by_day:
        return []
    whole = ((as_of - by_day[0]["t_dat"]).days + 1) // 7
    totals: list[Row] = [{"items": 0, "spend": 0.0, "orders": 0} for _ in range(whole)]
    for line in by_day:
        week = whole - 1 - (as_of - line["t_dat"]).days // 7
        if week >= 0:
            for name in totals[week]:
                totals[week][name] += line[name]
    parts = decompose([total["items"] for total in totals])
    return [
        {
            "week_end": as_of - dt.timedelta(days=7 * (whole - 1 - number)),
            "items": total["items"],
            "spend": steady(total["spend"]),
            "orders": total["orders"],
            **part,
        }
        for number, (total, part) in enumerate(zip(totals, parts, strict=True))
    ]


def decompose(units: list[int]) -> list[Row]:
    """Trend in units, season and remainder as factors, for each week; empty where the history is too short."""
    nothing: Row = dict.fromkeys(("trend", "seasonal", "remainder"))
    if len(units) < PERIODS * YEAR_WEEKS or min(units) <= 0:
        return [nothing for _ in units]
    import numpy as np
    from statsmodels.tsa.seasonal import STL

    # A constant within each week of the year: a line through two points would leave no remainder.
    fitted = STL(np.log(units), period=YEAR_WEEKS, seasonal_deg=0, robust=True).fit()
    return [
        {
            "trend": steady(math.exp(trend)),
            "seasonal": steady(math.exp(season)),
            "remainder": steady(math.exp(rest)),
        }
        for trend, season, rest in zip(fitted.trend, fitted.seasonal, fitted.resid, strict=True)
    ]


def strength(weeks: Sequence[Mapping[str, Any]], part: str) -> float | None:
    """How much of what moves is trend or season: 1 - var(remainder) / var(part + remainder), in logs.

    Hyndman and Athanasopoulos, Forecasting: principles and practice, 3rd edition, 4.3.
    """
    known = [week for week in weeks if week["trend"] is not None]
    if not known:
        return None
    import numpy as np

    rest = np.log([week["remainder"] for week in known])
    both = rest + np.log([week[part] for week in known])
    return max(0.0, 1 - float(rest.var() / both.var())) if both.var() > 0 else None


def calendar(days: ibis.Table, by_day: list[Row], as_of: dt.date) -> list[Row]:
    """The rows of `explore/calendar`: weekdays over the last 52 weeks, and every month up to `as_of`."""
    if not by_day:
        return []
    year = {line["t_dat"]: line["items"] for line in rows(_items(last_days(days, as_of, 7 * YEAR_WEEKS)))}
    start = max(by_day[0]["t_dat"], as_of - dt.timedelta(days=7 * YEAR_WEEKS - 1))
    everyday = [start + dt.timedelta(days=number) for number in range((as_of - start).days + 1)]
    mean = sum(year.values()) / len(everyday)
    found = []
    for weekday, label in enumerate(WEEKDAYS):
        values = [year.get(day, 0) for day in everyday if day.weekday() == weekday]
        if values and mean:
            found.append(_weekday(weekday + 1, label, values, mean))
    return found + _months(by_day, as_of)


def _items(days: ibis.Table) -> ibis.Table:
    return days.group_by("t_dat").agg(items=ibis._["items"].sum())


def _weekday(position: int, label: str, values: list[int], mean: float) -> Row:
    centre = sum(values) / len(values)
    half = None
    if len(values) > 1:
        spread = math.sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1))
        half = Z * spread / math.sqrt(len(values))
    return {
        "kind": "weekday",
        "position": position,
        "year": None,
        "label": label,
        "days": len(values),
        "items_per_day": steady(centre),
        "index": steady(100 * centre / mean),
        "low": None if half is None else steady(100 * (centre - half) / mean),
        "high": None if half is None else steady(100 * (centre + half) / mean),
    }


def _months(by_day: list[Row], as_of: dt.date) -> list[Row]:
    first = by_day[0]["t_dat"]
    totals: dict[dt.date, int] = {}
    for line in by_day:
        month = line["t_dat"].replace(day=1)
        totals[month] = totals.get(month, 0) + line["items"]
    found = []
    overall = sum(totals.values()) / ((as_of - first).days + 1)
    for month, items in sorted(totals.items()):
        after = (month + dt.timedelta(days=31)).replace(day=1)
        days = (min(as_of + dt.timedelta(days=1), after) - max(first, month)).days
        found.append(
            {
                "kind": "month",
                "position": month.month,
                "year": month.year,
                "label": month.strftime("%B"),
                "days": days,
                "items_per_day": steady(items / days),
                "index": steady(100 * items / days / overall),
                "low": None,
                "high": None,
            }
        )
    return found
