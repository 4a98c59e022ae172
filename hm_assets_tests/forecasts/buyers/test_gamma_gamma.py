"""What customers spend on a day with a purchase."""

import numpy as np
import pytest

from hm_assets.forecasts.buyers.gamma_gamma import GammaGamma, fit_gamma_gamma
from hm_assets.forecasts.buyers.histories import TooFewBuyersError
from hm_assets.warehouse.errors import ContractError
from hm_assets_tests.forecasts.buyers import simulate

# Days cost about 0.06, as on H&M, whose prices are k / 590.
TRUTH = GammaGamma(4.0, 5.0, 0.06)


def bought(size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.25, size) - 1.0
    return x, *simulate.mean_spend(TRUTH, x, rng)


def test_a_fit_finds_the_model_that_spend_was_simulated_with():
    x, mean, _ = bought(40_000, 1)
    model, found = fit_gamma_gamma(x, mean)
    assert [model.p, model.q, model.v] == pytest.approx([TRUTH.p, TRUTH.q, TRUTH.v], rel=0.1)
    assert model.population_mean == pytest.approx(TRUTH.population_mean, rel=0.02)
    assert found.fit.converged and found.fit.customers == (x > 0).sum()
    assert model.log_likelihood(x[x > 0], mean[x > 0]).sum() == pytest.approx(found.fit.log_likelihood)


def test_expected_spend_is_what_customers_spend():
    x, mean, true = bought(60_000, 2)
    expected = TRUTH.expected_spend(x, mean)
    for days in (0, 1, 4):
        chosen = x == days
        error = true[chosen].std() / np.sqrt(chosen.sum())
        assert expected[chosen].mean() == pytest.approx(true[chosen].mean(), abs=4 * error)
    # Of the unknown it is the mean of all; the better known, the nearer to their own mean.
    assert set(expected[x == 0]) == {TRUTH.population_mean}
    own = np.full(3, 0.2)
    assert (np.diff(TRUTH.expected_spend(np.array([1.0, 5.0, 500.0]), own)) > 0).all()
    assert TRUTH.expected_spend(np.array([1e6]), np.array([0.2]))[0] == pytest.approx(0.2, rel=1e-4)


def test_another_unit_of_money_changes_values_by_that_unit_alone():
    x, mean, _ = bought(5_000, 3)
    (small, about_small), (large, about_large) = fit_gamma_gamma(x, mean), fit_gamma_gamma(x, mean * 590)
    assert [large.p, large.q, large.v] == pytest.approx([small.p, small.q, small.v * 590], rel=1e-5)
    assert large.expected_spend(x, mean * 590) == pytest.approx(small.expected_spend(x, mean) * 590, rel=1e-6)
    back = (x > 0).sum()
    shift = about_small.fit.log_likelihood - about_large.fit.log_likelihood
    assert shift == pytest.approx(back * np.log(590), rel=1e-6)


def test_spend_that_grows_with_the_number_of_days_is_warned_of():
    x, mean, _ = bought(3_000, 4)
    assert fit_gamma_gamma(x, mean)[1].warning is None
    _, found = fit_gamma_gamma(x, mean * np.maximum(x, 1) ** 0.7)
    assert found.correlation > 0.3
    assert found.warning is not None and f"{found.correlation:.2f}" in found.warning


def test_who_paid_nothing_is_counted_and_still_gets_a_figure():
    x, mean, _ = bought(500, 5)
    back = np.flatnonzero(x > 0)
    mean[back[:7]] = 0.0
    model, found = fit_gamma_gamma(x, mean)
    assert found.without_spend == 7
    expected = model.expected_spend(x, mean)
    assert np.isfinite(expected).all() and (expected > 0).all()


def test_spend_that_is_the_same_for_all_gives_a_fit_that_says_so():
    x = np.array([1.0, 2.0, 3.0] * 10)
    model, found = fit_gamma_gamma(x, np.full(30, 0.05))
    assert found.fit.at_bounds
    assert found.correlation == 0
    assert model.expected_spend(np.zeros(1), np.full(1, np.nan))[0] == pytest.approx(0.05, rel=0.01)


def test_bad_or_too_little_spend_is_a_sentence():
    x = np.arange(20.0)
    with pytest.raises(ContractError, match="Customer 3 came back on 3 days and has a mean spend of -1"):
        fit_gamma_gamma(x, np.where(x == 3, -1.0, 1.0))
    with pytest.raises(ContractError, match=r"Customer 5 .* mean spend of nan"):
        fit_gamma_gamma(x, np.where(x == 5, np.nan, 1.0))
    with pytest.raises(TooFewBuyersError, match="9 customers came back and paid something"):
        fit_gamma_gamma(x[:10], np.ones(10))
