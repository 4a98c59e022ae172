"""Distances of two counted samples: the figures are scipy's, and chance is right with ties."""

import numpy as np
import pytest
from scipy import stats

from hm_assets.monitoring.counting import STEP
from hm_assets.monitoring.distances import bound, of_categories, of_numbers


def counted(values):
    cells, n = np.unique(np.round(values / STEP).astype(int), return_counts=True)
    return dict(zip(cells.tolist(), n.tolist(), strict=True))


def tied(rng, n, shift=0.0):
    """Values of which most are one of three, as numbers of purchases are."""
    return np.round(np.clip(rng.normal(shift, 0.7, n), -1, 4))


def test_ks_and_wasserstein_are_scipys_on_values_that_lie_on_the_grid():
    rng = np.random.default_rng(1)
    a, b = np.round(rng.normal(0, 1, 400) / STEP) * STEP, np.round(rng.normal(0.3, 1.4, 300) / STEP) * STEP
    found = of_numbers(counted(a), counted(b), rng)
    assert found.ks == pytest.approx(stats.ks_2samp(a, b).statistic)
    assert found.wasserstein == pytest.approx(stats.wasserstein_distance(a, b) / a.std())
    assert found.shift == pytest.approx((b.mean() - a.mean()) / a.std())
    assert found.low < found.shift < found.high


def test_with_ties_p_rejects_as_often_as_it_says_and_the_continuous_formula_does_not():
    """Of 200 pairs of equal populations 5 % should be rejected; the textbook formula rejects almost none."""
    ours = textbook = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        a, b = tied(rng, 150), tied(rng, 150)
        ours += of_numbers(counted(a), counted(b), rng).p <= 0.05
        textbook += stats.ks_2samp(a, b, method="asymp").pvalue <= 0.05
    assert 3 <= ours <= 18
    assert textbook <= 2


def test_p_of_a_tied_sample_is_that_of_all_permutations():
    """Four customers against four, two values: the 70 ways to deal them out can be counted."""
    reference, now = {0: 4, 20: 0}, {0: 1, 20: 3}
    # 5 zeros and 3 others; D >= 0.75 when the new sample holds all three others or none of them.
    ways = [stats.hypergeom(8, 3, 4).pmf(k) for k in (0, 3)]
    found = of_numbers(reference, now, np.random.default_rng(3))
    assert found.p == pytest.approx(sum(ways), abs=0.04)


@pytest.mark.parametrize("shift", [0.3, 0.5])
def test_the_bound_that_saves_draws_is_never_below_the_p_of_draws(shift):
    rng = np.random.default_rng(2)
    a, b = tied(rng, 200), tied(rng, 200, shift)
    found = of_numbers(counted(a), counted(b), rng)
    assert found.p <= bound(found.ks, 200, 200)


def test_equal_samples_do_not_differ_and_one_value_is_no_fault():
    for sample in ({0: 30, 7: 40}, {3: 50}):
        found = of_numbers(sample, sample, np.random.default_rng(0))
        assert (found.ks, found.wasserstein, found.psi, found.p) == (0, 0, 0, 1)


def test_psi_of_two_shares_is_the_formula_but_for_half_a_customer():
    found = of_categories({"a": 5000, "b": 5000}, {"a": 6000, "b": 4000}, np.random.default_rng(0))
    assert found.psi == pytest.approx(0.1 * np.log(1.2) - 0.1 * np.log(0.8), abs=1e-3)
    assert found.psi_null < 0.01
    expected = stats.chi2_contingency([[5000, 5000], [6000, 4000]], correction=False)
    assert found.chi_square == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_few_customers_in_a_category_are_judged_by_draws():
    """Fisher's exact test says the same."""
    found = of_categories({"a": 3, "b": 20}, {"a": 12, "b": 11}, np.random.default_rng(0))
    few = of_categories({"a": 1, "b": 20}, {"a": 6, "b": 15}, np.random.default_rng(0))
    assert found.p == pytest.approx(stats.chi2_contingency([[3, 20], [12, 11]], correction=False).pvalue)
    assert few.p == pytest.approx(stats.fisher_exact([[1, 20], [6, 15]]).pvalue, rel=0.2)


def test_a_rare_category_does_not_keep_a_large_move_from_being_certain():
    """Draws would end at 1 in 60,000, which a year's budget over many segments makes 0.05 of."""
    for rare in ({}, {"c": 1}, {"c": 3, "d": 30}):
        found = of_categories(
            {"a": 5000, "b": 5000}, {"a": 9000, "b": 1000, **rare}, np.random.default_rng(0)
        )
        assert found.p < 1e-100
        assert found.psi > 0.8


def test_nobody_is_no_sample():
    with pytest.raises(ValueError, match="at least one customer"):
        of_numbers({0: 0}, {0: 4}, np.random.default_rng(0))
