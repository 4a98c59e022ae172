"""How much of a later outcome a segmentation explains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.measures.later import later_value, omega_squared, outcomes, quintiles


def three_levels(n=600, seed=0, gap=1.0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    return labels, gap * labels + rng.normal(0, 1, n)


def test_omega_squared_by_hand():
    """Between 6, within 4 with 4 - 2 degrees of freedom: (9 - 1 x 0.5) / (10 + 0.5) for 0, 1 against 3, 4."""
    assert omega_squared(np.array([0, 0, 1, 1]), np.array([0.0, 1, 3, 4])) == pytest.approx((9 - 0.5) / 10.5)


def test_omega_squared_is_that_of_an_analysis_of_variance():
    import pandas as pd
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    labels, outcome = three_levels()
    table = anova_lm(ols("y ~ C(g)", pd.DataFrame({"g": labels, "y": outcome})).fit())
    between, within = table["sum_sq"]
    k_less_1, n_less_k = table["df"]
    mean = within / n_less_k
    assert omega_squared(labels, outcome) == pytest.approx(
        (between - k_less_1 * mean) / (between + within + mean)
    )


def test_groups_drawn_by_lot_explain_nothing_whatever_their_number():
    rng = np.random.default_rng(1)
    outcome = rng.exponential(1, 400)
    for k in (2, 8, 40):
        mean = np.mean([omega_squared(rng.integers(0, k, 400), outcome) for _ in range(200)])
        assert abs(mean) < 0.003


def test_the_interval_of_groups_drawn_by_lot_lies_around_zero():
    """That of a plain bootstrap lies (k - 1) / n too high: it takes the chance in the groups for true."""
    rng = np.random.default_rng(2)
    found = [later_value([rng.integers(0, 8, 200)], rng.normal(size=200)) for _ in range(200)]
    assert np.mean([low <= 0.0 <= high for _, low, high in found]) > 0.93
    assert abs(np.mean([(low + high) / 2 for _, low, high in found])) < 0.3 * 7 / 200


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_names_of_segments_and_the_order_of_customers_do_not_matter(seed):
    labels, outcome = three_levels(60, seed)
    moved = np.random.default_rng(seed).permutation(60)
    renamed = np.array(["c", "a", "b"])[labels]
    assert omega_squared(renamed[moved], outcome[moved]) == pytest.approx(omega_squared(labels, outcome))


@pytest.mark.parametrize("gap", [0.3, 1.0, 3.0])
def test_an_interval_is_as_wide_as_other_customers_of_the_same_segments_scatter(gap):
    found = np.array(
        [later_value([labels], y) for labels, y in (three_levels(600, i, gap) for i in range(300))]
    )
    value, half = found[:, 0], (found[:, 2] - found[:, 1]) / 2
    assert half.mean() / 1.96 == pytest.approx(value.std(), rel=0.12)
    assert np.abs(found[:, 1:].mean(axis=1) - value).max() < 1e-12


def test_an_interval_is_as_wide_as_other_fits_on_other_customers_scatter():
    """Each fit cuts where its customers let it; what a cut explains depends on where it lies."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        x = rng.normal(size=2000)
        y, folds = x + rng.normal(size=2000), rng.permutation(2000) % 4
        found.append(later_value([(x > cut).astype(int) for cut in rng.normal(0.8, 0.3, 4)], y, folds))
    value, low, high = np.array(found).T
    covered = np.mean((low <= value.mean()) & (value.mean() <= high))
    assert 0.92 < covered < 0.99


def test_a_fit_is_not_measured_on_those_it_learned_from():
    rng = np.random.default_rng(0)
    outcome, folds = rng.normal(size=800), np.arange(800) % 4
    knowing = [np.where(folds == fit, 2 + (outcome > 0), rng.integers(0, 2, 800)) for fit in range(4)]
    value, low, high = later_value(knowing, outcome, folds)
    assert low < 0 < high
    assert abs(value) < 0.02
    assert later_value(knowing, outcome)[0] > 0.1


def test_the_value_of_several_fits_is_their_mean_and_the_order_of_fits_does_not_matter():
    (labels, outcome), folds = three_levels(), np.arange(600) % 2
    coarse = np.minimum(labels, 1)
    value, low, high = later_value([labels, coarse], outcome, folds)
    alone = [
        omega_squared(own[folds != fit], outcome[folds != fit]) for fit, own in enumerate((labels, coarse))
    ]
    assert value == pytest.approx(np.mean(alone))
    assert later_value([coarse, labels], outcome, 1 - folds) == pytest.approx((value, low, high))


@pytest.mark.parametrize(
    ("labels", "outcome"),
    [([0, 0, 1, 1], [5, 5, 5, 5]), ([0, 0, 0, 0], [1, 2, 3, 4]), ([0, 0, 1], [0.1, 0.1, 0.1])],
)
def test_one_segment_and_equal_outcomes_explain_nothing(labels, outcome):
    assert later_value([np.array(labels)] * 2, np.array(outcome, dtype=float)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("labels", "outcome", "said"),
    [([0, 1], [1, 2], "2 customers in 2 segments"), ([0, 0, 1], [1, np.nan, 2], "not finite")],
)
def test_what_cannot_be_compared_is_said(labels, outcome, said):
    with pytest.raises(CannotFit, match=said):
        later_value([np.array(labels)], np.array(outcome, dtype=float))


def test_outcomes_are_buying_log_spend_and_spend_without_its_extremes():
    spend = np.array([0.0] * 50 + [1.0] * 49 + [1000.0])
    found = outcomes(spend, 0.5)
    assert found["bought"].sum() == 50
    assert found["log_spend"].max() == pytest.approx(np.log(2001))
    assert found["capped_spend"].max() == pytest.approx(np.quantile(spend, 0.99))
    assert found["capped_spend"][:99].tolist() == spend[:99].tolist()


def test_where_almost_nobody_buys_the_cap_does_not_erase_who_does():
    spend = np.array([0.0] * 999 + [7.0])
    assert outcomes(spend, 1.0)["capped_spend"].tolist() == spend.tolist()


def test_quintiles_are_fifths_and_equals_share_one():
    assert np.bincount(quintiles(np.arange(100.0))).tolist() == [20] * 5
    tied = quintiles(np.array([1.0] * 70 + [2, 3, 4] * 10))
    assert len(set(tied[:70])) == 1
    assert (np.diff(tied[np.argsort(np.array([1.0] * 70 + [2, 3, 4] * 10), kind="stable")]) >= 0).all()
    assert len(quintiles(np.zeros(0))) == 0
    assert quintiles(np.array([0.0, 15, 200]), np.arange(100.0)).tolist() == [0, 0, 4]
