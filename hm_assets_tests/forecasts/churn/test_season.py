import datetime as dt

import numpy as np
import pytest

from hm_assets.forecasts.churn import season


def test_an_interval_lies_in_the_calendar_month_that_follows():
    assert [season.calendar_month(dt.date(2019, 11, 1), k) for k in range(3)] == [12, 1, 2]


def test_the_shift_makes_the_mean_right():
    p = np.random.default_rng(0).random(500)
    for rate in (0.3, 0.5, 0.7):
        assert season.shifted(p, season.shift_to(p, rate)).mean() == pytest.approx(rate, abs=1e-6)
    assert season.shift_to(p, 0.0) == pytest.approx(-season.MOST)


def effects(customers: int, factor: float) -> dict[int, float]:
    """Of one past November, after which `factor` times as many ordered in December as the model says."""
    hazards = np.full((customers, 3), 0.2)
    happened = np.zeros((customers, 3), dtype=bool)
    happened[: round(customers * 0.2 * factor), 0] = True
    happened[: round(customers * 0.2), 1:] = True
    months = np.full(customers, np.datetime64("2018-11-01"))
    return season.effects(months, hazards, np.ones((customers, 3), dtype=bool), happened)


def test_an_effect_is_the_month_s_own_and_is_believed_by_how_many_tell_of_it():
    whole = np.log(0.3 / 0.7) - np.log(0.2 / 0.8)
    many = effects(100_000, 1.5)
    assert many[12] == pytest.approx(whole, rel=0.02) and many[1] == pytest.approx(0, abs=1e-6)
    assert set(many) == {12, 1, 2}, "a month that nothing tells of has no effect"
    few = effects(200, 1.5)
    assert 0 < few[12] < whole / 2


def test_an_interval_that_is_not_thirty_days_has_the_month_that_it_is_said_to_lie_in():
    months = np.full(1000, np.datetime64("2018-11-01"))
    hazards, told = np.full((1000, 3), 0.2), np.ones((1000, 3), dtype=bool)
    happened = told & (np.arange(1000)[:, None] < [200, 200, 500])
    found = season.effects(months, hazards, told, happened, ahead=[0, 0, 4])
    assert set(found) == {12, 4} and found[4] > 0.3 and found[12] == pytest.approx(0, abs=1e-6)
