from itertools import combinations
from math import factorial

import numpy as np
import pytest

from hm_assets.forecasts.churn import hazards, season
from hm_assets.forecasts.churn.algorithms import Constant, Unkept
from hm_assets.forecasts.churn.hazards import Hazards
from hm_assets.forecasts.why import shapley
from hm_assets.forecasts.why.shapley import UnexplainedError, explain, log_odds, mean
from hm_assets_tests.forecasts.why.models import MONTH, NAMES, customers, explained, fitted


def probabilities(model: Hazards, x: np.ndarray) -> np.ndarray:
    """P(order within 90 days) of points."""
    said = np.column_stack([each.predict(x) for each in model.intervals])
    return hazards.together(season.shifted(said, model.shifts(MONTH)))[:, -1]


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_add_up_to_the_probability_of_the_table(name):
    found = explained(name)
    p = fitted(name).model.predict(customers(name), MONTH)[:, -1]
    assert found.reference + found.points.sum(axis=0) == pytest.approx(p, abs=1e-12)
    assert found.p == pytest.approx(p, abs=1e-12)
    assert np.abs(found.points).max() > 0.05


def test_the_log_odds_are_split_as_the_shap_library_splits_them():
    shap = pytest.importorskip("shap")
    x = fitted("logistic").model.space.transform(customers("logistic"))
    for classifier in fitted("logistic").model.intervals:
        line = (np.array(classifier.weights), classifier.intercept)
        theirs = shap.LinearExplainer(line, shap.maskers.Independent(x, max_samples=len(x))).shap_values(x)
        own, _ = log_odds(classifier, x)
        assert pytest.approx(theirs, abs=1e-8) == (own - mean(own)[:, None]).T
    x = fitted("lightgbm").model.space.transform(customers("lightgbm"))
    classifier = fitted("lightgbm").model.intervals[0]
    theirs = shap.TreeExplainer(classifier.booster, feature_perturbation="tree_path_dependent")
    assert pytest.approx(theirs.shap_values(x), abs=1e-9) == log_odds(classifier, x)[0].T


def test_of_few_inputs_the_values_are_close_to_exact_shapley_values_of_the_probability():
    """Every coalition of the four inputs of buying, the others at the mean customer of the month."""
    model, found = fitted("rfm_logistic").model, explained("rfm_logistic")
    x = model.space.transform(customers("rfm_logistic"))
    k = x.shape[1]

    def worth(those: tuple[int, ...]) -> np.ndarray:
        mixed = np.tile(x.mean(axis=0), (len(x), 1))
        mixed[:, list(those)] = x[:, list(those)]
        return probabilities(model, mixed)

    exact = np.zeros((k, len(x)))
    for i in range(k):
        others = [j for j in range(k) if j != i]
        for size in range(k):
            weight = factorial(size) * factorial(k - size - 1) / factorial(k)
            for those in combinations(others, size):
                exact[i] += weight * (worth((*those, i)) - worth(those))
    assert exact.sum(axis=0) == pytest.approx(found.points.sum(axis=0), abs=1e-9)
    assert np.abs(exact - found.points).mean() < 0.03 * np.abs(exact).mean() + 0.005
    assert np.corrcoef(exact.ravel(), found.points.ravel())[0, 1] > 0.98
    # And never the other way where it matters.
    assert not ((exact * found.points < 0) & (np.abs(exact) > 0.01)).any()


@pytest.mark.parametrize("name", ["logistic", "lightgbm"])
def test_the_order_of_the_customers_changes_no_digit(name):
    rows, found = customers(name), explained(name)
    order = np.random.default_rng(3).permutation(len(rows))
    other = explain(fitted(name).model, rows.take(order), MONTH)
    assert other.reference == found.reference
    assert (other.points == found.points[:, order]).all()


def test_everybody_the_same_is_the_reference():
    rows = customers("logistic").take([5] * 10)
    found = explain(fitted("logistic").model, rows, MONTH)
    assert found.points == pytest.approx(0, abs=1e-7)
    assert found.p == pytest.approx(found.reference, abs=1e-7)


def test_an_interval_in_which_all_did_the_same_adds_nothing_of_its_own():
    model = fitted("logistic").model
    mixed = Hazards(model.name, model.space, (Constant(0.2), *model.intervals[1:]), season=model.season)
    found = explain(mixed, customers("logistic"), MONTH)
    p = mixed.predict(customers("logistic"), MONTH)[:, -1]
    assert found.reference + found.points.sum(axis=0) == pytest.approx(p, abs=1e-12)


def test_what_cannot_be_split_says_why():
    model, rows = fitted("logistic").model, customers("logistic")
    same = Hazards("base_rate", model.space, (Constant(0.2),) * 3)
    unknown = Hazards("forest", model.space, (Unkept(None),) * 3)
    for asked, people, why in (
        (None, rows, "no model"),
        (same, rows, "the same of everybody"),
        (unknown, rows, "Unkept"),
        (model, rows.slice(0, 0), "no customer"),
    ):
        with pytest.raises(UnexplainedError, match=why):
            explain(asked, people, MONTH)


def test_a_mean_is_the_same_in_any_order():
    values = np.random.default_rng(0).normal(size=(2, 9_999))
    assert (mean(values) == mean(values[:, ::-1])).all()
    assert mean(values) == pytest.approx(values.mean(axis=1), abs=shapley.STEP)
