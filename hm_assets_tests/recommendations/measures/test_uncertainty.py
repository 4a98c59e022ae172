"""Why weeks are the unit, and that the interval is the textbook's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hm_assets.recommendations.measures.uncertainty import draws, interval, over_weeks


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=10), st.integers(1, 500))
def test_equal_weeks_give_the_t_interval_of_their_means(means, customers):
    means = np.array(means)
    found = over_weeks(means * customers, np.full(len(means), float(customers)))
    low, high = stats.t.interval(0.95, len(means) - 1, means.mean(), stats.sem(means) + 1e-300)
    assert found.value == pytest.approx(means.mean())
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert found.between_weeks == pytest.approx(means.std(ddof=1))


def test_one_week_has_no_interval_and_no_week_no_value():
    assert over_weeks(np.array([3.0, 0.0]), np.array([6.0, 0.0])).low is None
    assert over_weeks(np.array([3.0, 0.0]), np.array([6.0, 0.0])).value == 0.5
    assert over_weeks(np.zeros(2), np.zeros(2)).value is None


def test_customers_of_a_week_know_nothing_of_other_weeks():
    """Two equal recommenders whose difference moves by week: pooled customers call it settled far too often."""
    rng = np.random.default_rng(3)
    false = {"weeks": 0, "customers": 0}
    runs = 300
    for run in range(runs):
        moved = rng.normal(0, 0.01, 8)
        differences = moved[:, None] + rng.normal(0, 0.1, (8, 1000))
        by_week = over_weeks(differences.sum(axis=1), np.full(8, 1000.0))
        assert by_week.low is not None and by_week.high is not None
        false["weeks"] += not by_week.low <= 0 <= by_week.high
        pooled = differences.ravel()
        error = 1.96 * pooled.std() / np.sqrt(len(pooled))
        false["customers"] += not -error <= pooled.mean() <= error
        if run == 0:
            low, high = interval(draws(pooled[:, None], 100, 1)[:, 0])
            assert high - low == pytest.approx(2 * error, rel=0.3), "as a bootstrap over customers has it"
    assert false["weeks"] / runs < 0.09, "5 % were promised"
    assert false["customers"] / runs > 0.3


def test_columns_share_their_draws_and_what_is_not_defined_is_left_out():
    values = np.random.default_rng(0).random((200, 1))
    both = np.hstack([values, values + 0.25, np.where(values > 0.5, values, np.nan)])
    drawn = draws(both, 50, 7)
    assert np.allclose(drawn[:, 1] - drawn[:, 0], 0.25), "a paired difference has no noise here"
    assert (drawn[:, 2] > 0.5).all()
    assert np.array_equal(drawn, draws(both, 50, 7))
    assert interval(draws(np.empty((0, 1)), 5, 0)[:, 0]) == (None, None)
