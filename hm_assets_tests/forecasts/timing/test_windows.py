import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hm_assets.forecasts.timing.waiting import ENDS
from hm_assets.forecasts.timing.windows import LEVELS, windows

UNIFORM = np.array(ENDS)[None, :] / ENDS[-1]


def test_an_order_that_may_come_on_any_day_has_the_middle_of_the_time_as_its_window():
    for reach in (90, 365):
        ((low, high),) = windows(UNIFORM, ENDS, reach)[50]
        assert abs(low - reach / 4) <= 1 and abs(high - 3 * reach / 4) <= 1
        assert abs(high - low + 1 - reach / 2) <= 1


@pytest.mark.parametrize("mean", [1.5, 3, 6, 12, 40, 150])
@pytest.mark.parametrize("level", LEVELS)
def test_windows_of_whole_days_hold_as_many_as_they_promise_on_average(mean, level):
    """Geometric waiting times around a mean: single customers cannot be met exactly, a mix of them is."""
    reach, held = 365, []
    days = np.arange(1, reach + 1)
    for one in np.linspace(mean * 0.7, mean * 1.4, 60):
        p = (1 - 1 / one) ** (days - 1) / one
        by = np.cumsum(p)[np.array(ENDS) - 1][None, :]
        ((low, high),) = windows(by, ENDS, reach)[level]
        held.append(p[(days >= low) & (days <= high)].sum() / p.sum())
    # Days cannot be split: of who comes every other day a window holds too many or too few.
    room = 0.15 if mean < 3 else 0.08 if mean < 10 else 0.03
    assert abs(np.mean(held) - level / 100) < room


@given(
    arrays(np.float64, (5, len(ENDS)), elements=st.floats(0, 1)),
    st.sampled_from([30, 90, 240, 365]),
)
@settings(max_examples=60, deadline=None)
def test_windows_are_nested_whole_days_within_the_reach_whatever_the_distribution(steps, reach):
    by = np.cumsum(steps, axis=1) / max(steps.sum(), 1)
    half, most = windows(by, ENDS, reach).values()
    assert (most[:, 0] >= 1).all() and (most[:, 1] <= reach).all()
    assert (most[:, 0] <= half[:, 0]).all() and (half[:, 1] <= most[:, 1]).all()
    assert (half[:, 0] <= half[:, 1]).all()


def test_who_orders_tomorrow_for_certain_and_who_never_does_have_a_window_too():
    certain, never = np.ones((1, len(ENDS))), np.zeros((1, len(ENDS)))
    assert windows(certain, ENDS, 90)[80].tolist() == [[1, 1]]
    ((low, high),) = windows(never, ENDS, 90)[80]
    assert 1 <= low <= high <= 90


def test_no_window_depends_on_the_other_customers():
    by = np.cumsum(np.random.default_rng(0).dirichlet(np.ones(len(ENDS)), 50), axis=1)
    whole = windows(by, ENDS, 365)[80]
    parts = np.concatenate([windows(by[i : i + 7], ENDS, 365)[80] for i in range(0, 50, 7)])
    assert np.array_equal(whole, parts)
