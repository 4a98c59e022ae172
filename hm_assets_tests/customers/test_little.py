"""Little's test: as others compute it, calm where nothing hides, awake where something does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.customers import little
from hm_assets_tests.customers.airquality import AIRQUALITY

COVARIANCE = [[1.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 1.0]]


def cloud(seed: int, rows: int = 120) -> np.ndarray:
    return np.random.default_rng(seed).multivariate_normal(np.zeros(3), COVARIANCE, size=rows)


def holes(values: np.ndarray, seed: int) -> np.ndarray:
    """15 % of two columns emptied at random."""
    gone = np.random.default_rng(seed).random(values.shape) < 0.15
    gone[:, 2] = False
    return np.where(gone, np.nan, values)


def test_the_statistic_is_that_of_r():
    # naniar::mcar_test(airquality) as published: statistic 35.1, df 14, p.value 0.00142, missing.patterns 4
    outcome = little.mcar_test(AIRQUALITY)
    assert outcome.statistic == pytest.approx(35.1, abs=0.05)
    assert outcome.degrees_of_freedom == 14
    assert outcome.p_value == pytest.approx(0.00142, abs=5e-6)
    assert outcome.patterns == 4
    assert outcome.converged


def test_the_mean_is_the_one_of_maximum_likelihood():
    # With one column incomplete it has a closed form: the regression of the known, at the mean of all (Anderson 1957).
    values = cloud(1)[:, :2]
    values[:40, 0] = np.nan
    slope, intercept = np.polyfit(values[40:, 1], values[40:, 0], 1)
    expected = intercept + slope * values[:, 1].mean()
    assert little.mcar_test(values).mean == pytest.approx([expected, values[:, 1].mean()], abs=1e-6)


def test_what_is_missing_at_random_is_rejected_about_as_often_as_promised():
    p_values = np.array([little.mcar_test(holes(cloud(seed), seed + 1000)).p_value for seed in range(200)])
    assert 0.01 <= (p_values < 0.05).mean() <= 0.10
    assert 0.4 <= p_values.mean() <= 0.6


def test_what_is_missing_by_another_column_is_rejected():
    values = cloud(2, rows=300)
    values[(values[:, 2] > 0.5), 0] = np.nan
    outcome = little.mcar_test(values)
    assert outcome.p_value < 1e-6
    assert outcome.distance > 0.5


@settings(max_examples=20)
@given(st.lists(st.integers(0, 4), min_size=30, max_size=30), st.integers(0, 2**16))
def test_a_weight_is_a_row_repeated(weights, seed):
    values = holes(cloud(seed, rows=30), seed)
    once = little.mcar_test(values, np.array(weights))
    repeated = little.mcar_test(np.repeat(values, weights, axis=0))
    assert once.statistic == pytest.approx(repeated.statistic, rel=1e-6, abs=1e-6)
    assert (once.degrees_of_freedom, once.patterns) == (repeated.degrees_of_freedom, repeated.patterns)


def test_the_order_of_rows_and_the_units_of_columns_change_nothing():
    values = holes(cloud(3), 3)
    turned = np.random.default_rng(0).permutation(values) * [1000.0, 0.001, -1.0] + [5.0, -7.0, 0.0]
    assert little.mcar_test(turned).statistic == pytest.approx(little.mcar_test(values).statistic, rel=1e-6)


@pytest.mark.parametrize(
    "more",
    [
        lambda values: values[:, :1] * 2 - 3,  # follows from another one, and is unknown with it
        lambda values: values[:, 2:] + 1,
        lambda values: np.full((len(values), 1), 7.0),  # constant
        lambda values: np.full((len(values), 1), np.nan),  # nobody has it
    ],
)
def test_a_column_that_tells_nothing_new_changes_nothing(more):
    values = holes(cloud(4), 4)
    plain, wider = little.mcar_test(values), little.mcar_test(np.hstack([values, more(values)]))
    assert wider.statistic == pytest.approx(plain.statistic, rel=1e-4)
    assert wider.degrees_of_freedom == plain.degrees_of_freedom


@pytest.mark.parametrize(
    "values", [cloud(5), np.full((4, 2), np.nan), np.empty((0, 2)), np.array([[1.0, np.nan]])]
)
def test_one_pattern_leaves_nothing_to_compare(values):
    outcome = little.mcar_test(values)
    assert (outcome.statistic, outcome.degrees_of_freedom, outcome.p_value) == (0.0, 0, None)


def test_a_row_with_nothing_known_adds_a_pattern_and_no_statistic():
    values = holes(cloud(6), 6)
    plain = little.mcar_test(values)
    wider = little.mcar_test(np.vstack([values, np.full((5, 3), np.nan)]))
    assert wider.patterns == plain.patterns + 1
    assert wider.statistic == pytest.approx(plain.statistic, rel=1e-4)
    assert wider.degrees_of_freedom == plain.degrees_of_freedom
