import numpy as np
import pytest
from scipy import stats

from hm_assets.profiles.statistics.means import omega_squared, one_way_anova, ratio_to_all, welch_anova
from hm_assets.profiles.statistics.moments import Moments
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.measures import later
from hm_assets_tests.profiles.statistics.examples import INSECT_SPRAYS, PLANT_GROWTH, stacked


def test_anova_of_plant_growth_is_that_of_r():
    """`summary(aov(weight ~ group, PlantGrowth))`: F = 4.846 on 2 and 27, p = 0.0159 (R's help page of the data)."""
    found = one_way_anova(Moments.of(*stacked(PLANT_GROWTH)))
    assert (found.df, found.df_within) == (2, 27)
    assert found.statistic == pytest.approx(4.846, abs=5e-4)
    assert found.p == pytest.approx(0.0159, abs=5e-5)


@pytest.mark.parametrize(
    "data, f, df_within, p",
    [(PLANT_GROWTH, 5.181, 17.128, 0.01739), (INSECT_SPRAYS, 36.065, 30.043, 7.999e-12)],
    ids=["PlantGrowth", "InsectSprays"],
)
def test_welch_is_that_of_r(data, f, df_within, p):
    """R's `oneway.test(y ~ group)` as it is shown in tutorials on these data sets."""
    found = welch_anova(Moments.of(*stacked(data)))
    assert found.statistic == pytest.approx(f, abs=5e-4)
    assert found.df_within == pytest.approx(df_within, abs=5e-4)
    assert found.p == pytest.approx(p, rel=1e-3)


def test_moments_are_those_of_numpy_whatever_the_order():
    rng = np.random.default_rng(3)
    groups, values = rng.integers(0, 4, 500), rng.lognormal(size=500) + 1e6
    found, again = Moments.of(groups, values, 4), Moments.of(groups[::-1], values[::-1], 4)
    for group in range(4):
        own = values[groups == group]
        assert found.counts[group] == len(own)
        assert found.means[group] == pytest.approx(own.mean(), rel=1e-12)
        assert found.variances[group] == pytest.approx(own.var(ddof=1), rel=1e-9)
    assert again.means == pytest.approx(found.means, rel=1e-12)
    assert one_way_anova(found).statistic == pytest.approx(
        stats.f_oneway(*(values[groups == g] for g in range(4))).statistic, rel=1e-6
    )


def test_omega_squared_is_the_one_that_the_lab_chooses_by():
    groups, values, k = stacked(PLANT_GROWTH)
    assert omega_squared(Moments.of(groups, values, k)) == pytest.approx(
        later.omega_squared(groups, values), rel=1e-12
    )


def test_omega_squared_does_not_reward_many_groups_that_mean_nothing():
    rng = np.random.default_rng(0)
    found = [
        omega_squared(Moments.of(rng.integers(0, 10, 300), rng.normal(size=300), 10)) for _ in range(200)
    ]
    assert abs(np.mean(found)) < 0.005
    assert min(found) < 0


def test_lift_covers_the_truth():
    """A group with twice the mean of the others, one third of everybody: its lift is 2 / (4 / 3) = 1.5."""
    rng = np.random.default_rng(1)
    groups = np.repeat([0, 1, 1], 200)
    hits = 0
    for _ in range(300):
        spend = rng.exponential(np.where(groups == 0, 2.0, 1.0))
        ratio, low, high = ratio_to_all(Moments.of(groups, spend, 2), 0)
        assert low < ratio < high
        hits += low <= 1.5 <= high
    assert 0.91 <= hits / 300 <= 0.98


def test_lift_of_everybody_is_one_and_of_who_bought_nothing_zero():
    everybody = Moments.of(np.zeros(5, dtype=int), np.arange(5.0), 1)
    assert ratio_to_all(everybody, 0) == (1.0, 1.0, 1.0)
    halves = Moments.of(np.array([0, 0, 0, 1, 1, 1]), np.array([0.0, 0, 0, 1, 2, 3]), 2)
    assert ratio_to_all(halves, 0) == (0.0, None, None)


@pytest.mark.parametrize(
    "groups, values, says",
    [
        ([0, 0, 0], [1, 2, 3], "one group"),
        ([0, 0, 1], [1, 2, 3], "a variance needs two"),
        ([0, 0, 1, 1], [7, 7, 7, 7], "same value"),
        ([0, 0, 1, 1], [0.1 + 0.2, 0.3, 0.3, 0.3], "same value"),
        ([0, 0, 1, 1], [1, np.nan, 1, 2], "not finite"),
    ],
)
def test_what_cannot_be_compared_says_why(groups, values, says):
    with pytest.raises(CannotFit, match=says):
        welch_anova(Moments.of(np.array(groups), np.array(values, dtype=float), max(groups) + 1))


def test_groups_without_spread_are_a_sentence_and_no_infinity():
    constant = Moments.of(np.array([0, 0, 1, 1]), np.array([1.0, 1, 2, 2]), 2)
    for test in (one_way_anova, welch_anova):
        with pytest.raises(CannotFit):
            test(constant)
