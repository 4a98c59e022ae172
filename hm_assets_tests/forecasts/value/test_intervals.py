import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hm_assets.forecasts.value.intervals import Bands


def customers(size: int, seed: int):
    """Predicted and true spend: half spend nothing, the others scatter with what is expected of them."""
    rng = np.random.default_rng(seed)
    said = rng.gamma(1.0, 2.0, size)
    return said, np.where(rng.random(size) < 0.5, 0.0, 2 * said * rng.gamma(2.0, 0.5, size))


def test_of_new_customers_four_fifths_lie_inside_in_every_third_of_the_predictions():
    bands = Bands.of(*customers(5_000, 0))
    said, spent = customers(20_000, 1)
    low, high = bands.around(said)
    inside = (low <= spent) & (spent <= high)
    for third in np.array_split(np.argsort(said), 3):
        assert inside[third].mean() == pytest.approx(0.8, abs=0.03)


def test_where_all_spend_there_are_as_many_below_as_above():
    rng = np.random.default_rng(0)
    said, later = rng.uniform(5, 10, 4_000), rng.uniform(5, 10, 4_000)
    bands = Bands.of(said, said * rng.gamma(50, 0.02, 4_000))
    low, high = bands.around(later)
    spent = later * rng.gamma(50, 0.02, 4_000)
    assert (spent < low).mean() == pytest.approx(0.1, abs=0.02)
    assert (spent > high).mean() == pytest.approx(0.1, abs=0.02)


@example([(1e-304, 27225.0)], 0.0)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), max_size=130), st.floats(0, 1e7))
def test_limits_hold_the_value_and_are_never_below_nothing(pairs, asked):
    said, spent = (np.array([pair[k] for pair in pairs]) for k in (0, 1))
    bands = Bands.from_json(json.loads(json.dumps(Bands.of(said, spent).as_json())))
    low, high = bands.around(np.array([asked, 0.0]))
    assert np.isfinite(high).all() and (low >= 0).all()
    assert (low <= [asked, 0.0]).all() and (high >= [asked, 0.0]).all()


def test_values_that_are_so_many_times_as_large_have_limits_as_many_times_as_wide():
    bands = Bands.of(*customers(2_000, 0))
    said, _ = customers(50, 2)
    for one, four in zip(bands.around(said), bands.times(4.0).around(4 * said), strict=True):
        assert four == pytest.approx(4 * one)
