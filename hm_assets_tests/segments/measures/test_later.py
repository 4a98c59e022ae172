"""How much of a later outcome a segmentation explains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.measures import later
from hm_assets.segments.measures.later import difference, later_value, omega_squared, outcomes, quintiles


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
    """A plain percentile interval lies (k - 1) / n too high: its bootstrap takes the chance in the groups for true."""
    rng = np.random.default_rng(2)
    found = [later_value(rng.integers(0, 8, 200), rng.normal(size=200), seed, 200) for seed in range(60)]
    assert np.mean([low <= 0.0 <= high for _, low, high in found]) > 0.9
    middle = np.mean([(low + high) / 2 - value for value, low, high in found])
    assert abs(middle) < 0.3 * 7 / 200


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_names_of_segments_and_the_order_of_customers_do_not_matter(seed):
    labels, outcome = three_levels(60, seed)
    moved = np.random.default_rng(seed).permutation(60)
    renamed = np.array(["c", "a", "b"])[labels]
    assert omega_squared(renamed[moved], outcome[moved]) == pytest.approx(omega_squared(labels, outcome))


def test_the_same_seed_gives_the_same_interval_around_the_value():
    labels, outcome = three_levels()
    value, low, high = later_value(labels, outcome, 3)
    assert (value, low, high) == later_value(labels, outcome, 3)
    assert low < value < high
    assert value == omega_squared(labels, outcome)
    assert high - low < 0.15


def test_a_difference_is_paired():
    """Nearly the same partition differs by much less than the two intervals are wide."""
    labels, outcome = three_levels()
    nearly = labels.copy()
    nearly[:12] = 0
    value, low, high = difference(labels, nearly, outcome, 3)
    assert value == omega_squared(labels, outcome) - omega_squared(nearly, outcome)
    assert low <= value <= high
    _, one_low, one_high = later_value(labels, outcome, 3)
    assert high - low < 0.6 * (one_high - one_low)
    assert difference(labels, labels, outcome, 3) == (0, 0, 0)
    assert difference(labels, np.zeros(600), outcome, 3)[1] > 0


def test_an_interval_learned_on_some_customers_is_as_narrow_as_that_of_all(monkeypatch):
    labels, outcome = three_levels(4000)
    _, low, high = later_value(labels, outcome, 3)
    monkeypatch.setattr(later, "MOST_RESAMPLED", 1000)
    _, some_low, some_high = later_value(labels, outcome, 3)
    assert some_high - some_low == pytest.approx(high - low, rel=0.2)


@pytest.mark.parametrize(
    ("labels", "outcome"),
    [([0, 0, 1, 1], [5, 5, 5, 5]), ([0, 0, 0, 0], [1, 2, 3, 4]), ([0, 0, 1], [0.1, 0.1, 0.1])],
)
def test_one_segment_and_equal_outcomes_explain_nothing(labels, outcome):
    assert later_value(np.array(labels), np.array(outcome, dtype=float), 0, 50) == (0, 0, 0)


@pytest.mark.parametrize(
    ("labels", "outcome", "said"),
    [([0, 1], [1, 2], "2 customers in 2 segments"), ([0, 0, 1], [1, np.nan, 2], "not finite")],
)
def test_what_cannot_be_compared_is_said(labels, outcome, said):
    with pytest.raises(CannotFit, match=said):
        later_value(np.array(labels), np.array(outcome, dtype=float), 0)


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
