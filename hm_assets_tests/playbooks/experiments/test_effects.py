"""Differences and their intervals against published examples, other libraries, and simulation."""

import math

import numpy as np
import pytest

from hm_assets.playbooks.experiments.assignment import HOLDOUT, assign
from hm_assets.playbooks.experiments.effects import of_means, of_shares, over_strata, with_cuped


def arm(ones, customers):
    return np.array([1.0] * ones + [0.0] * (customers - ones))


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((10, 10, 0, 20), 0.6791, 1.0)],
)
def test_the_interval_of_shares_is_newcombes(counts, low, high):
    found = of_shares(arm(*counts[:2]), arm(*counts[2:]))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_means_is_welchs():
    from scipy.stats import ttest_ind

    generator = np.random.default_rng(1)
    mine, theirs = generator.exponential(2, 400), generator.exponential(1, 90)
    found, other = of_means(mine, theirs), ttest_ind(mine, theirs, equal_var=False)
    interval = other.confidence_interval()
    assert (found.low, found.high, found.p) == pytest.approx((interval.low, interval.high, other.pvalue))


def test_cuped_is_never_wider_whatever_the_spend_before():
    generator = np.random.default_rng(2)
    for _ in range(200):
        sizes = generator.integers(2, 40, 2)
        before = [generator.exponential(1, size) * generator.integers(0, 2) for size in sizes]
        after = [
            generator.normal(0, 1, size) + generator.normal() * old
            for size, old in zip(sizes, before, strict=True)
        ]
        raw, cuped = of_means(*after), with_cuped(*after, *before)
        assert cuped.error <= raw.error * (1 + 1e-9)


def test_cuped_finds_the_same_effect_with_less_noise():
    generator = np.random.default_rng(3)
    before = generator.gamma(2, 1, 4000)
    after = before + generator.normal(0, 0.5, 4000) + 0.1 * (np.arange(4000) < 2000)
    raw = of_means(after[:2000], after[2000:])
    cuped = with_cuped(after[:2000], after[2000:], before[:2000], before[2000:])
    assert (cuped.error / raw.error) ** 2 < 0.2
    assert cuped.low < 0.1 < cuped.high


def test_a_hundred_campaigns_without_effect_are_called_effects_as_often_as_said():
    """Of two tests at 5 % in 100 A/A runs, 12 or more have a chance of one in two hundred."""
    called = {"ordered": 0, "spend": 0}
    people = [str(number) for number in range(2000)]
    for run in range(100):
        generator = np.random.default_rng(run)
        before = generator.gamma(0.5, 1, 2000)
        ordered = (generator.random(2000) < 0.2).astype(float)
        spent = ordered * (0.3 * before + generator.gamma(2, 0.1, 2000))
        arms = assign(f"A/A {run}", people, ["all"] * 2000, {"all": 0.2})
        held = np.array([arm == HOLDOUT for arm in arms])
        called["ordered"] += of_shares(ordered[~held], ordered[held]).p < 0.05
        called["spend"] += with_cuped(spent[~held], spent[held], before[~held], before[held]).p < 0.05
    assert all(times < 12 for times in called.values()), called


def test_all_segments_together_are_not_fooled_by_other_shares_held_out():
    """A loyal segment of which half is held out, a lapsed one of which a tenth is; the campaign does nothing."""
    parts = [of_shares(arm(400, 500), arm(400, 500)), of_shares(arm(90, 900), arm(10, 100))]
    pooled = of_shares(arm(490, 1400), arm(410, 600))
    whole = over_strata(parts, [1000, 1000])
    assert whole.difference == 0
    assert whole.low < 0 < whole.high
    assert pooled.high < 0  # what arms that are thrown together would have said


def test_one_stratum_is_itself():
    part = of_shares(arm(30, 100), arm(20, 100))
    whole = over_strata([part], [7])
    assert (whole.difference, whole.low, whole.high, whole.error) == pytest.approx(
        (part.difference, part.low, part.high, part.error)
    )


def test_of_nobody_and_of_equals_nothing_fails():
    empty = np.array([])
    assert of_shares(empty, arm(1, 2)) is None
    assert of_means(np.ones(1), np.ones(5)) is None
    assert with_cuped(np.ones(5), np.ones(1), np.ones(5), np.ones(1)) is None
    same = with_cuped(np.ones(5), np.ones(5), np.ones(5), np.ones(5))
    assert (same.difference, same.error, same.p) == (0, 0, 1)
    nobody = of_shares(arm(0, 50), arm(0, 50))
    assert nobody.p == 1
    assert nobody.low == pytest.approx(-nobody.high)
    assert not math.isnan(nobody.low)
