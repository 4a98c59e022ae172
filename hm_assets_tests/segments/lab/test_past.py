"""What is learned at the end of a month ends there, and what a past month is judged on begins after it."""

import calendar
import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.segments.lab.attempts import attempts
from hm_assets.segments.lab.back_test import cut_offs
from hm_assets.segments.people import People
from hm_assets_tests.segments.customers import groups, load_of
from hm_assets_tests.segments.lab.test_lab import LITTLE

LAST = dt.date(2020, 9, 22)
FIRST_MONTH = dt.date(2018, 11, 1)


def end_of(month: dt.date) -> dt.date:
    return min(month.replace(day=calendar.monthrange(month.year, month.month)[1]), LAST)


def load(month, columns, most):
    """The same customers each month since the first."""
    found = load_of(groups(60))(month, columns, most)
    if month < FIRST_MONTH:
        found = found.slice(0, 0)
    place = found.column_names.index("as_of")
    return found.set_column(place, "as_of", pa.array([end_of(month)] * len(found), pa.date32()))


def learned_at(month: dt.date):
    """When the tree that is fitted at the end of a month asked for what came next, and whether it was fitted."""
    asked = []

    def spent(people: People):
        asked.append(people.as_of)
        return np.arange(len(people.rows), dtype=float)

    tree = [a for a in CATALOGUE if a.needs_later]
    tried = list(attempts(load, spent, month, tree, LITTLE, 42, lambda _: None))
    return asked, [t.fitted is not None for t in tried]


@pytest.mark.parametrize(
    ("month", "taught_by"),
    [
        (dt.date(2020, 9, 1), dt.date(2020, 5, 31)),  # from 30 June there are but 84 days
        (dt.date(2020, 5, 1), dt.date(2020, 2, 29)),
        (dt.date(2020, 4, 1), dt.date(2020, 1, 31)),  # to the day, in a leap year
        (dt.date(2019, 4, 1), dt.date(2018, 12, 31)),  # from 31 January they are over on 1 May
    ],
)
def test_a_tree_learns_from_90_days_that_are_over(month, taught_by):
    asked, fitted = learned_at(month)
    assert all(fitted)
    assert set(asked) == {taught_by}
    assert taught_by + dt.timedelta(days=90) <= end_of(month)


def test_without_90_days_that_are_over_nothing_is_learned():
    asked, fitted = learned_at(dt.date(2019, 1, 1))
    assert asked == []
    assert not any(fitted)


@pytest.mark.parametrize(
    ("last_day", "found"),
    [
        (LAST, ["2020-05", "2020-02", "2019-11"]),
        (dt.date(2020, 9, 28), ["2020-06", "2020-03", "2019-12"]),  # 90 days after 30 June, to the day
        (dt.date(2020, 9, 27), ["2020-05", "2020-02", "2019-11"]),
        (dt.date(2019, 10, 1), ["2019-06"]),
        (dt.date(2019, 9, 1), []),
    ],
)
def test_a_past_month_has_90_days_after_it_and_none_shares_them(last_day, found):
    months = [dt.date(2019 + m // 12, m % 12 + 1, 1) for m in range(5, 21)]
    dates = {month: end_of(month) for month in months}
    assert [f"{month:%Y-%m}" for month in cut_offs(dates, last_day, 3)] == found
    assert cut_offs(dates, last_day, 1) == cut_offs(dates, last_day, 3)[:1]
