"""Judged days out of the table are the days that went in."""

import datetime as dt

import ibis
import pyarrow as pa

from hm_assets.forecasts import judged
from hm_assets.forecasts.churn import back_test
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.tables import BACK_TEST
from hm_assets_tests.forecasts.shops import shop

EFFORT = Effort(2, 60, 100, 5)


def test_what_is_read_gives_the_scores_and_the_choice_of_what_was_written():
    the = shop(customers=80, last=dt.date(2019, 9, 30))
    days = back_test.run(the.features, the.days, EFFORT, 0, 1)
    written = pa.concat_tables(judged.rows(days, dt.date(2019, 9, 1)))
    found = judged.read(ibis.memtable(written.take(pa.array(range(len(written))[::-1]))))
    assert len(days) == 2 and [day.as_of for day in found] == [day.as_of for day in days]
    for one, other in zip(found, days, strict=True):
        assert list(back_test.scores(one, 5, 0)) == list(back_test.scores(other, 5, 0))
    assert back_test.choose(found) == back_test.choose(days)


def test_nothing_is_read_of_nothing():
    assert judged.read(BACK_TEST.in_memory([])) == []
