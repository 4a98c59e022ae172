import numpy as np
import pytest
from sklearn import metrics

from hm_assets.forecasts.measures.scores import (
    BINS,
    Judged,
    auc,
    average_precision,
    best_threshold,
    brier,
    f1_weighted,
    measured,
)


@pytest.mark.parametrize("decimals", [1, 2, 6])
def test_weighted_measures_are_those_of_scikit_learn_ties_included(decimals):
    rng = np.random.default_rng(decimals)
    p = rng.random(400).round(decimals)
    y = rng.random(400) < p
    weights = rng.integers(0, 4, 400).astype(float)
    order = np.argsort(p, kind="stable")
    judged = Judged.of(p, y)
    expected = {"sample_weight": weights}
    assert auc(judged, weights) == pytest.approx(metrics.roc_auc_score(y[order], p[order], **expected))
    assert average_precision(judged, weights) == pytest.approx(
        metrics.average_precision_score(y[order], p[order], **expected)
    )
    assert brier(judged, weights) == pytest.approx(metrics.brier_score_loss(y[order], p[order], **expected))
    for threshold in (0.0, 0.3, 0.5, 1.1):
        f1 = metrics.f1_score(
            y[order], p[order] >= threshold, average="weighted", zero_division=0.0, **expected
        )
        assert f1_weighted(judged, weights, threshold) == pytest.approx(f1)


@pytest.mark.parametrize("decimals", [1, 6])
def test_no_threshold_has_a_higher_weighted_f1_than_the_one_that_is_chosen(decimals):
    rng = np.random.default_rng(decimals)
    p = rng.random(200).round(decimals)
    y = rng.random(200) < p**2
    judged, ones = Judged.of(p, y), np.ones(200)
    best = max(f1_weighted(judged, ones, threshold) for threshold in [*p, 0.0, 1.1])
    assert f1_weighted(judged, ones, best_threshold(p, y)) == pytest.approx(best)
    assert measured(p, y, 20, 0, 0.4)["f1_weighted"].value == pytest.approx(f1_weighted(judged, ones, 0.4))
    assert "f1_weighted" not in measured(p, y, 0, 0)


def test_where_all_did_the_same_or_all_are_told_the_same_a_threshold_still_is_one():
    assert best_threshold(np.array([0.2, 0.4]), np.array([True, True])) == 0.5
    assert best_threshold(np.zeros(0), np.zeros(0, dtype=bool)) == 0.5
    constant, y = np.full(10, 0.3), np.arange(10) < 3
    assert 0.3 < best_threshold(constant, y) < 1, "most do not order, so nobody is expected to"
    assert best_threshold(constant, ~y) == 0.0


def test_calibration_is_measured_in_ten_groups_of_equal_size():
    p = np.repeat((np.arange(BINS) + 0.5) / BINS, 100)
    y = np.concatenate([np.arange(100) < 10 * group + 5 for group in range(BINS)])
    assert measured(p, y, 20, 0)["ece"].value == pytest.approx(0.0, abs=1e-12)
    assert measured(np.clip(p - 0.04, 0, 1), y, 20, 0)["ece"].value == pytest.approx(0.04)


def test_a_constant_predictor_shows_as_one():
    y = np.arange(200) < 60
    found = measured(np.full(200, 0.4), y, 50, 0)
    assert (found["auc"].value, found["auc"].low, found["auc"].high) == (0.5, 0.5, 0.5)
    assert found["average_precision"].value == pytest.approx(0.3)
    assert found["ece"].value == pytest.approx(0.1) and found["mean_error"].value == pytest.approx(0.1)


def test_nobody_and_everybody_have_no_auc_and_no_customer_has_nothing():
    for y in (np.zeros(50, dtype=bool), np.ones(50, dtype=bool)):
        found = measured(np.linspace(0, 1, 50), y, 10, 0)
        assert found["auc"].value is None and found["brier"].low is not None
    assert all(m.value is None for m in measured(np.zeros(0), np.zeros(0, dtype=bool), 10, 0).values())


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    covered = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = rng.random(300)
        found = measured(p, rng.random(300) < p, 100, seed)["mean_error"]
        covered += found.low <= 0.0 <= found.high
    assert covered >= 51, covered


def test_an_interval_of_the_calibration_error_holds_its_estimate_and_the_truth():
    covered, truth = 0, 0.05
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = rng.uniform(0.1, 0.9, 1_000)
        found = measured(p, rng.random(1_000) < p + np.where(p < 0.5, truth, -truth), 100, seed)["ece"]
        assert found.low <= found.value <= found.high
        covered += found.low <= truth <= found.high
    assert covered >= 54, covered
