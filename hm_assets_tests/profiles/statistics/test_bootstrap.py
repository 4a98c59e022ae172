"""The bootstrap without drawing against the bootstrap that draws, and how often the intervals cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.profiles.statistics import bootstrap, intervals

AGES = st.lists(st.integers(16, 30), min_size=1, max_size=60)


def counted(values):
    found, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
    return found, counts


@pytest.mark.parametrize(("n", "level"), [(31, 0.5), (201, 0.5), (81, 0.25), (81, 0.75)])
def test_it_is_what_endless_drawing_gives(n, level):
    rng = np.random.default_rng(n)
    sample = rng.integers(16, 70, n).astype(float)
    found = bootstrap.quantile(*counted(sample), level)
    drawn = np.quantile(rng.choice(sample, (20_000, n)), level, axis=1)
    assert found.value == np.quantile(sample, level)
    assert found.variance == pytest.approx(drawn.var(), rel=0.06)
    steps = np.sort(sample)
    for end, percent in ((found.low, 2.5), (found.high, 97.5)):
        # Within one order statistic: the drawn one hits a step at a border by chance.
        assert abs(np.searchsorted(steps, end) - np.searchsorted(steps, np.percentile(drawn, percent))) <= 1


@pytest.mark.parametrize("n", [20, 50, 101, 400])
def test_the_interval_of_a_median_between_order_statistics_is_the_bootstraps(n):
    """Why `intervals.median` needs no drawing: its ranks are those of the bootstrap, to one."""
    values = np.arange(n, dtype=float)
    _, low, high = intervals.median(values)
    found = bootstrap.quantile(values, np.ones(n, dtype=int), 0.5)
    assert abs(found.low - low) <= 1
    assert abs(found.high - high) <= 1


@given(AGES, st.sampled_from([0.25, 0.5, 0.75]))
@settings(max_examples=100)
def test_the_value_is_numpys_and_lies_in_its_interval(ages, level):
    found = bootstrap.quantile(*counted(ages), level)
    assert found.value == pytest.approx(np.quantile(ages, level))
    assert min(ages) <= found.low <= found.high <= max(ages)
    assert found.variance >= 0


def test_a_segment_of_equals_has_no_spread():
    assert bootstrap.quantile(np.array([30.0]), np.array([7]), 0.5) == (30.0, 0.0, 30.0, 30.0)


def test_a_million_customers_are_as_quick_as_their_ages():
    found = bootstrap.quantile(np.array([20.0, 30.0, 40.0]), np.array([400_000, 500_000, 471_980]), 0.5)
    assert found == (30.0, pytest.approx(0.0, abs=1e-9), 30.0, 30.0)


def test_the_interval_of_a_ratio_of_few_covers_it():
    rng = np.random.default_rng(8)
    hits = 0
    for seed in range(300):
        orders = rng.poisson(3, 60) + 1.0
        low, high = bootstrap.ratio(rng.binomial(orders.astype(int), 0.3).astype(float), orders, seed)
        hits += low <= 0.3 <= high
    assert 0.90 <= hits / 300 <= 0.99


def test_the_same_seed_gives_the_same_interval_whatever_the_order_of_the_rows():
    rng = np.random.default_rng(1)
    top, bottom = rng.random(50), 1 + rng.random(50)
    order = rng.permutation(50)
    assert bootstrap.ratio(top, bottom, 7) == bootstrap.ratio(top[order], bottom[order], 7)
    assert bootstrap.ratio(top, bottom, 7) != bootstrap.ratio(top, bottom, 8)


def test_few_and_many_customers_have_much_the_same_interval():
    """Where the closed form takes over from the bootstrap there is no step."""
    rng = np.random.default_rng(3)
    orders = rng.poisson(4, intervals.FEW) + 1.0
    online = rng.binomial(orders.astype(int), 0.6).astype(float)
    closed = intervals.ratio(online, orders, 0)
    assert closed is not None
    low, high = bootstrap.ratio(online, orders, 0)
    assert (closed[1], closed[2]) == pytest.approx((low, high), abs=0.004)


def test_nothing_over_nothing_is_no_ratio():
    assert intervals.ratio(np.zeros(5), np.zeros(5), 0) is None
    assert intervals.ratio(np.array([1.0]), np.array([2.0]), 0) == (0.5, None, None)
