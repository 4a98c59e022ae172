import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.forecasts.cutoffs import HORIZONS, Split, split
from hm_assets.warehouse.calendar import month_end, months_between

FIRST = dt.date(2018, 9, 20)
DATES = {m: month_end(m) for m in months_between(dt.date(2018, 9, 1), dt.date(2020, 9, 1))}


@given(st.sampled_from(sorted(DATES)))
def test_everything_learned_lies_before_everything_judged(month):
    known = split(DATES, month, FIRST)
    assert known.as_of == DATES[month]
    assert all(day + dt.timedelta(days=HORIZONS[0]) <= known.as_of for day in known.learned.values())
    if known.last_training_day is not None:
        assert known.last_training_day < known.first_test_day


def test_a_day_whose_shortest_outcome_is_not_over_is_refused():
    with pytest.raises(ValueError, match="30 days after 2019-02-28 are not over on 2019-03-29"):
        Split(dt.date(2019, 3, 29), {dt.date(2019, 2, 1): dt.date(2019, 2, 28)})
    assert Split(dt.date(2019, 3, 30), {dt.date(2019, 2, 1): dt.date(2019, 2, 28)}).learned


def test_the_first_days_of_the_files_teach_nothing_and_ninety_days_are_needed():
    first = split(DATES, dt.date(2018, 12, 1), FIRST)
    assert list(first.learned) == [dt.date(2018, 10, 1), dt.date(2018, 11, 1)] and not first.teaches
    assert split(DATES, dt.date(2019, 1, 1), FIRST).teaches
