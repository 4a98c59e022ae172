"""Months and as-of dates. A month is its first day; its key is that day in ISO form (`2018-09-01`)."""

import datetime as dt
from collections.abc import Iterable, Iterator

import ibis

from hm_assets.warehouse.schema import MONTH


def month_of(day: dt.date) -> dt.date:
    """First day of the month that `day` lies in."""
    return day.replace(day=1)


def parse_month(text: str) -> dt.date:
    """`2018-09` (what people write) or `2018-09-01` (a partition key) as the first day of that month.

    Raises
    ------
    ValueError
        The text is neither.
    """
    try:
        return dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01").replace(day=1)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a month; write it as YYYY-MM, e.g. 2020-09") from error


def add_months(month: dt.date, count: int) -> dt.date:
    """First day of the month that lies `count` months later (or earlier)."""
    years, index = divmod(month.month - 1 + count, 12)
    return dt.date(month.year + years, index + 1, 1)


def month_end(month: dt.date) -> dt.date:
    """Last day of the month."""
    return add_months(month, 1) - dt.timedelta(days=1)


def months_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every month from `first` to `last`, both included."""
    month = month_of(first)
    while month <= last:
        yield month
        month = add_months(month, 1)


def contiguous(months: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Runs of months without a gap, as (first, last) pairs in order."""
    runs: list[tuple[dt.date, dt.date]] = []
    for month in sorted(set(months)):
        if runs and add_months(runs[-1][1], 1) == month:
            runs[-1] = (runs[-1][0], month)
        else:
            runs.append((month, month))
    return runs


def of_month(table: ibis.Table, month: dt.date) -> ibis.Table:
    """The rows of one month of a monthly table."""
    return table.filter(table[MONTH] == ibis.literal(month, "date"))


def of_months(table: ibis.Table, first: dt.date | None, last: dt.date) -> ibis.Table:
    """The rows of the months from `first` (the earliest there is, if None) to `last`, both included."""
    table = table.filter(table[MONTH] <= ibis.literal(last, "date"))
    return table if first is None else table.filter(table[MONTH] >= ibis.literal(first, "date"))


def spans(table: ibis.Table, months: Iterable[dt.date], most: int) -> list[tuple[dt.date, dt.date]]:
    """These months as (first, last) pairs of as many as follow one another and together have at most `most` rows.

    A month with more is a pair of its own. What is made month by month because all months would not fit into memory is
    made of so few rows in one go: the engine takes longer to read a query than to run it.
    """
    counted = table.group_by(MONTH).agg(rows=table.count()).to_pyarrow().to_pylist()
    rows = {row[MONTH]: row["rows"] for row in counted}
    found: list[tuple[dt.date, dt.date]] = []
    room = 0
    for first, last in contiguous(months):
        for place, month in enumerate(months_between(first, last)):
            own = rows.get(month, 0)
            if place and own <= room:
                found[-1] = (found[-1][0], month)
            else:
                found.append((month, month))
                room = most
            room -= own
    return found


def as_of_dates(table: ibis.Table, months: Iterable[dt.date]) -> dict[dt.date, dt.date]:
    """The as-of date of each month: the latest `t_dat` in it, or its end where it has no line.

    `table` is the whole base with its columns `t_dat` (or the `as_of` that was derived from it) and `month`. A later
    row never moves an earlier date.
    """
    months = list(months)
    day = table.t_dat if "t_dat" in table.columns else table.as_of
    latest = table.filter(table[MONTH].isin(months)).group_by(MONTH).agg(as_of=day.max()).to_pyarrow()
    found = dict(zip(latest[MONTH].to_pylist(), latest["as_of"].to_pylist(), strict=True))
    return {month: found.get(month, month_end(month)) for month in months}
