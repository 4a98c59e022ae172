"""Histories out of the features."""

import datetime as dt

import ibis
import pyarrow as pa
import pytest

from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.reading import buyers
from hm_assets.warehouse.calendar import month_of
from hm_assets_tests.features import histories as examples

FIRST, JUNE = dt.date(2019, 1, 1), dt.date(2019, 6, 1)
DAY = dt.timedelta(days=1)
# customer, day, article, price, channel. 1: two channels on the first day, twice back, once in two channels.
LINES = [
    (1, FIRST, 1, 5.0, 1),
    (1, FIRST, 2, 7.0, 2),
    (1, FIRST + 10 * DAY, 1, 1.0, 1),
    (1, FIRST + 10 * DAY, 2, 2.0, 2),
    (1, FIRST + 30 * DAY, 3, 4.0, 1),
    (2, FIRST + 100 * DAY, 4, 9.0, 1),
    (3, dt.date(2019, 6, 20), 5, 3.0, 2),
]
LATER = [(1, dt.date(2019, 7, 2), 1, 100.0, 1), (2, dt.date(2019, 7, 3), 1, 100.0, 1)]


NEEDED = ("customer_key", "as_of", "month", "purchase_days", "length_days", "tenure_days", "left_truncated")


def read(lines) -> dict[int, dict]:
    upto = [line for line in lines if month_of(line[1]) <= JUNE]
    features = [{name: row[name] for name in NEEDED} for row in examples.features(upto, JUNE).values()]
    rows = buyers(ibis.memtable(pa.Table.from_pylist(features)), examples.days(lines), JUNE)
    rows = rows.order_by("customer_key").to_pyarrow()
    assert len(Histories.of(rows)) == len(rows)
    return {row.pop("customer_key"): row for row in rows.to_pylist()}


@pytest.fixture(scope="module")
def found() -> dict[int, dict]:
    return read(LINES)


def test_days_after_the_first_are_counted_and_their_spend_alone(found):
    assert found == {
        1: {
            "left_truncated": 1,
            "x": 2.0,
            "t_x": 30.0,
            "T": 170.0,
            "mean_repeat_spend": pytest.approx(3.5),
        },
        2: {"left_truncated": 0, "x": 0.0, "t_x": 0.0, "T": 70.0, "mean_repeat_spend": None},
        3: {"left_truncated": 0, "x": 0.0, "t_x": 0.0, "T": 0.0, "mean_repeat_spend": None},
    }


def test_what_comes_later_changes_nothing(found):
    assert read([*LINES, *LATER]) == found
