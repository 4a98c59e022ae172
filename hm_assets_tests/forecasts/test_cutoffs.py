import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST, Fold, Split, expanding_folds, split
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


@given(
    st.sets(st.sampled_from(sorted(DATES.values())), max_size=24),
    st.integers(1, 7),
    st.integers(1, 2),
)
def test_folds_expand_and_learn_only_what_was_over_before_they_judge(days, count, before):
    folds = expanding_folds(sorted(days, reverse=True), count, before)
    over = dt.timedelta(days=LONGEST)
    testable = sorted(
        day
        for day in days
        if any(d + over <= day and (before == 1 or any(e + over <= d for e in days)) for d in days)
    )
    assert [day for fold in folds for day in fold.judged] == testable, (
        "each later day is judged once, in order"
    )
    assert len(folds) == min(count, len(testable))
    for fold in folds:
        assert max(fold.learned) + dt.timedelta(days=LONGEST) <= min(fold.judged)
        assert min(fold.learned) == min(days)
    for one, following in itertools.pairwise(folds):
        assert set(one.learned) <= set(following.learned)


def test_a_year_and_a_half_of_month_ends_gives_five_folds_and_one_that_looks_ahead_is_refused():
    days = list(DATES.values())[:18]
    assert [len(fold.judged) for fold in expanding_folds(days)] == [3] * 5
    assert expanding_folds([]) == expanding_folds(days[:3]) == []
    with pytest.raises(ValueError, match="90 days after 2019-01-31 are not over on 2019-02-28"):
        Fold((dt.date(2019, 1, 31),), (dt.date(2019, 2, 28),))
