"""Omega squared and its bootstrap interval."""

import numpy as np
import pytest

from hm_assets.profiles.statistics.explained import bootstrapped
from hm_assets.profiles.statistics.means import omega_squared
from hm_assets.profiles.statistics.moments import Moments
from hm_assets.segments.fitting import CannotFit

SHARE = 0.2  # between variance over all, in the population


def drawn(rng, n=300, k=4):
    groups = rng.integers(0, k, n)
    # Means of -1.5 to 1.5 have variance 1.25.
    spread = np.sqrt(1.25 * (1 - SHARE) / SHARE)
    return groups, groups - 1.5 + spread * rng.standard_normal(n)


def test_the_value_is_that_of_the_sums():
    groups, values = drawn(np.random.default_rng(1))
    assert bootstrapped(groups, values, 1, 10)[0] == pytest.approx(
        omega_squared(Moments.of(groups, values, 4))
    )


@pytest.mark.slow
def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    held = 0
    for trial in range(300):
        _, low, high = bootstrapped(*drawn(rng), trial, 200)
        held += low <= SHARE <= high
    assert 0.91 <= held / 300 <= 0.98


def test_the_same_seed_gives_the_same_interval_and_another_one_a_near_one():
    groups, values = drawn(np.random.default_rng(2))
    first = bootstrapped(groups, values, 1, 300)
    assert first == bootstrapped(groups, values, 1, 300)
    assert bootstrapped(groups, values, 2, 300) == pytest.approx(first, abs=0.02)


def test_alike_or_in_one_group_explains_nothing():
    assert bootstrapped(np.zeros(20, dtype=int), np.arange(20.0), 1, 20) == (0.0, 0.0, 0.0)
    assert bootstrapped(np.arange(20) % 2, np.ones(20), 1, 20) == (0.0, 0.0, 0.0)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(CannotFit, match="leave nothing to compare"):
        bootstrapped(np.arange(5), np.arange(5.0), 1, 10)
