"""The past days that recommenders are judged on: a week ends on the last day of the lines, another seven days before.

What a list is made of lies on or before its day T, what it is judged on in the seven days after T. Never is a line
drawn at random: a basket would be split, and half of it would give away the other half.
"""

import datetime as dt

DAYS = 7
"""Days that a list is judged on."""


def cut_offs(first_day: dt.date, last_day: dt.date, count: int, shortest: int = 4 * DAYS) -> list[dt.date]:
    """The latest days T of which the seven days after are known on `last_day`, the latest first, at most `count`.

    Parameters
    ----------
    first_day, last_day
        Of the lines.
    count
        At most so many.
    shortest
        Days of history that T needs.
    """
    latest = last_day - dt.timedelta(days=DAYS)
    days = (latest - dt.timedelta(days=DAYS * i) for i in range(count))
    return [day for day in days if (day - first_day).days + 1 >= shortest]


def week_after(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day that a list of this day is judged on."""
    return day + dt.timedelta(days=1), day + dt.timedelta(days=DAYS)
