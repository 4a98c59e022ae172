import numpy as np
import pytest
from sklearn.linear_model import Ridge

from hm_assets.forecasts.churn import hazards
from hm_assets.forecasts.churn.season import shifted
from hm_assets.forecasts.why import lime
from hm_assets.forecasts.why.shapley import explain
from hm_assets_tests.forecasts.why.models import MONTH, customers, explained, fitted


@pytest.fixture(scope="module")
def compared():
    return lime.compared(explained("rfm_logistic"), 0)


def test_of_few_inputs_lime_and_shap_agree_on_the_largest(compared):
    rows, alike = compared
    assert len(rows) == lime.EXAMPLES * 4
    assert alike.correlation > 0.6 and "rank correlation" in alike.words


def test_another_seed_gives_another_line_and_the_same_seed_the_same(compared):
    rows, _ = compared
    assert all(row["lime_low"] < row["lime_high"] for row in rows if abs(row["lime"]) > 1e-6)
    assert lime.compared(explained("rfm_logistic"), 0) == compared
    assert lime.compared(explained("rfm_logistic"), 100)[0] != rows


def test_the_customers_are_spread_over_the_probabilities_and_chosen_without_their_ids(compared):
    rows, _ = compared
    p = [row["p_order_90d"] for row in rows[::4]]
    assert p == sorted(p) and len(set(p)) == lime.EXAMPLES
    order = np.random.default_rng(1).permutation(len(customers("rfm_logistic")))
    mixed = explain(fitted("rfm_logistic").model, customers("rfm_logistic").take(order), MONTH)
    assert lime.compared(mixed, 0)[0] == rows


def test_the_line_is_the_weighted_ridge_regression_of_the_authors():
    model = fitted("rfm_logistic").model
    x = model.space.transform(customers("rfm_logistic"))
    centre, spread, at = x.mean(axis=0), x.std(axis=0), x[3]
    drawn = np.random.default_rng(7).standard_normal((lime.DRAWN, 4))
    drawn[0] = (at - centre) / spread
    said = np.column_stack([each.predict(centre + drawn * spread) for each in model.intervals])
    p = hazards.together(shifted(said, model.shifts(MONTH)))[:, -1]
    weights = np.sqrt(np.exp(-((drawn - drawn[0]) ** 2).sum(axis=1) / (0.75 * 2) ** 2))
    theirs = Ridge(alpha=1.0).fit(drawn, p, sample_weight=weights).coef_ * drawn[0]
    assert lime.line(model, MONTH, centre, spread, at, 7) == pytest.approx(theirs, abs=1e-10)


def test_one_input_has_no_ranks_to_compare():
    rows, alike = lime.compared(explained("recency"), 0)
    assert rows and alike is None


def test_fewer_customers_than_examples_are_all_shown():
    few = explain(fitted("logistic").model, customers("logistic").slice(0, 2), MONTH)
    assert {row["example"] for row in lime.compared(few, 0)[0]} == {1, 2}
