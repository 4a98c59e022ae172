import numpy as np
import pytest
from scipy import stats

from hm_assets.profiles.statistics.ranks import (
    Ordinal,
    bootstrapped,
    brunner_munzel,
    cliffs_delta,
    deltas_to_others,
    epsilon_squared,
    kruskal_wallis,
)
from hm_assets.segments.fitting import CannotFit
from hm_assets_tests.customers.airquality import OZONE
from hm_assets_tests.profiles.statistics.examples import INSECT_SPRAYS, PLANT_GROWTH, stacked


def ozone_by_month():
    """R's `airquality`: ozone where it was measured, by month."""
    months = np.repeat(np.arange(5), [31, 30, 31, 31, 30])
    told = [value for value in OZONE.split()]
    known = np.array([value != "-" for value in told])
    return months[known], np.array([float(value) for value in told if value != "-"]), 5


@pytest.mark.parametrize(
    "data, h, p",
    [
        (stacked(PLANT_GROWTH), 7.9882, 0.01842),
        (stacked(INSECT_SPRAYS), 54.691, 1.511e-10),
        (ozone_by_month(), 29.267, 6.901e-06),
    ],
    ids=["PlantGrowth", "InsectSprays", "airquality"],
)
def test_kruskal_wallis_is_that_of_r(data, h, p):
    """`kruskal.test(weight ~ group)`, `(count ~ spray)`, and `(Ozone ~ Month)` of R's own help page."""
    found = kruskal_wallis(Ordinal.of(*data))
    assert found.statistic == pytest.approx(h, abs=5e-4 if h > 10 else 5e-5)
    assert found.p == pytest.approx(p, rel=1e-3)


def test_epsilon_squared_of_plant_growth_is_that_of_rstatix():
    """`kruskal_effsize(weight ~ group)`: eta2[H] = 0.222 (Kassambara, Kruskal-Wallis test in R)."""
    assert epsilon_squared(Ordinal.of(*stacked(PLANT_GROWTH))) == pytest.approx(0.222, abs=5e-4)


def test_cliffs_delta_is_that_of_effsize():
    """The example of R's `effsize::cliff.delta`, from Hogarty and Kromrey (1999): -0.25."""
    treatment, control = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]
    found = cliffs_delta(Ordinal.of(*stacked({"treatment": treatment, "control": control})))
    assert found[0, 1] == pytest.approx(-0.25)
    assert found == pytest.approx(-found.T)


def test_cliffs_delta_counts_what_its_definition_counts():
    rng = np.random.default_rng(5)
    groups, values = rng.integers(0, 3, 200), rng.integers(0, 12, 200).astype(float)
    found = cliffs_delta(Ordinal.of(groups, values, 3))
    for i in range(3):
        for j in range(3):
            signs = np.sign(np.subtract.outer(values[groups == i], values[groups == j]))
            assert found[i, j] == pytest.approx(signs.mean(), abs=1e-12)


def test_brunner_munzel_is_that_of_scipy():
    rng = np.random.default_rng(8)
    groups, values = rng.integers(0, 2, 120), rng.integers(0, 9, 120).astype(float)
    found = brunner_munzel(Ordinal.of(groups, values, 2), 0, 1)
    other = stats.brunnermunzel(values[groups == 1], values[groups == 0])
    assert found.statistic == pytest.approx(other.statistic)
    assert found.p == pytest.approx(other.pvalue)


def test_groups_that_do_not_overlap_have_no_variance_and_no_warning():
    apart = Ordinal.of(np.array([0, 0, 1, 1]), np.array([1.0, 2, 3, 4]), 2)
    assert brunner_munzel(apart, 0, 1).p == 0
    assert cliffs_delta(apart)[0, 1] == -1


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_intervals_cover_the_truth(shift):
    """Two normals: delta is 2 Phi(shift / sqrt 2) - 1."""
    rng = np.random.default_rng(11)
    groups = np.repeat([0, 1], 80)
    truth = 2 * stats.norm.cdf(shift / np.sqrt(2)) - 1
    hits = 0
    for seed in range(150):
        table = Ordinal.of(groups, rng.normal(size=160) + shift * (groups == 0), 2)
        _, low, high = bootstrapped(table, seed, 150)
        hits += low[0, 1] <= truth <= high[0, 1]
    assert hits / 150 >= 0.89


def test_a_sample_of_large_groups_gives_the_interval_of_all(monkeypatch):
    rng = np.random.default_rng(2)
    groups = np.repeat([0, 1], 8_000)
    table = Ordinal.of(groups, rng.exponential(size=16_000) * (1 + groups), 2)
    epsilon, low, high = bootstrapped(table, 0, 200)
    monkeypatch.setattr("hm_assets.profiles.statistics.ranks.MOST_RESAMPLED", 2_000)
    few_epsilon, few_low, few_high = bootstrapped(table, 0, 200)
    assert few_high[0, 1] - few_low[0, 1] == pytest.approx(high[0, 1] - low[0, 1], rel=0.25)
    assert np.ptp(few_epsilon) == pytest.approx(np.ptp(epsilon), rel=0.25)
    assert bootstrapped(table, 0, 20)[0].tolist() == bootstrapped(table, 0, 20)[0].tolist()


def test_epsilon_squared_of_groups_drawn_by_lot_holds_zero_in_its_interval():
    rng = np.random.default_rng(4)
    hits = 0
    for seed in range(100):
        table = Ordinal.of(rng.integers(0, 4, 200), rng.lognormal(size=200), 4)
        ends = bootstrapped(table, seed, 100)[0]
        hits += ends[0] <= 0 <= ends[1]
    assert hits >= 85


def test_one_value_is_a_sentence():
    with pytest.raises(CannotFit, match="same value"):
        Ordinal.of(np.array([0, 1]), np.array([3.0, 3.0]), 2)


def test_the_delta_to_all_others_is_the_chance_of_more_minus_the_chance_of_less():
    rng = np.random.default_rng(2)
    values = rng.integers(0, 5, 60).astype(float)
    values[::7] = np.nan
    segment = rng.integers(1, 4, 60)
    found = deltas_to_others(values, segment)
    for i in (1, 2, 3):
        mine, others = (v[~np.isnan(v)] for v in (values[segment == i], values[segment != i]))
        assert found[i] == pytest.approx(np.sign(mine[:, None] - others[None, :]).mean())


def test_the_delta_to_all_others_is_one_where_all_have_more_and_none_where_nothing_is_known():
    assert deltas_to_others(np.array([3.0, 4, 1, 2, np.nan]), np.array([1, 1, 2, 2, 3])) == {1: 1, 2: -1}
