"""Fits that are in print, and formulas that are in print."""

import numpy as np
import pytest

from hm_assets.forecasts.buyers.gamma_gamma import GammaGamma, fit_gamma_gamma
from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.mbg_nbd import MBGNBD, fit_mbg_nbd
from hm_assets.forecasts.buyers.pareto_nbd import ParetoNBD, fit_pareto_nbd
from hm_assets_tests.forecasts.buyers import closed_forms
from hm_assets_tests.forecasts.buyers.cdnow import cdnow

PARETO, MBG = ParetoNBD(0.553, 10.578, 0.606, 11.669), MBGNBD(0.525, 6.183, 0.891, 1.614)


def test_pareto_nbd_on_cdnow_is_what_fader_hardie_and_lee_print():
    # Marketing Science 24 (2005), table 2; parameters in weeks.
    histories, _ = cdnow()
    model, fit = fit_pareto_nbd(histories)
    assert [round(value, 3) for value in fit.values] == [0.553, 10.578, 0.606, 11.669]
    assert round(fit.log_likelihood, 1) == -9595.0
    assert fit.customers == 2357
    assert fit.converged and not fit.at_bounds
    assert model.log_likelihood(histories).sum() == pytest.approx(fit.log_likelihood, rel=1e-12)
    for name, value in zip(fit.names, fit.values, strict=True):
        low, high = fit.interval(name)
        assert low < value < high


def test_mbg_nbd_on_cdnow_is_what_btydplus_finds():
    # The reference figures that the tests of lifetimes take from BTYDplus; parameters in weeks.
    histories, _ = cdnow()
    model, fit = fit_mbg_nbd(histories)
    assert [round(value, 3) for value in fit.values] == [0.525, 6.183, 0.891, 1.614]
    assert model.log_likelihood(histories).sum() == pytest.approx(fit.log_likelihood, rel=1e-12)


def test_gamma_gamma_on_cdnow_is_what_fader_and_hardie_print():
    # Their note of 2013: 946 customers who came back; v is printed as 15.44, and the likelihood is flat along it.
    histories, mean = cdnow()
    model, found = fit_gamma_gamma(histories.x, mean)
    assert found.fit.customers == 946
    assert [round(model.p, 2), round(model.q, 2)] == [6.25, 3.74]
    assert model.v == pytest.approx(15.44, abs=0.01)
    back = histories.x > 0
    printed = GammaGamma(6.25, 3.74, 15.44).log_likelihood(histories.x[back], mean[back]).sum()
    assert printed <= found.fit.log_likelihood < printed + 0.01
    assert found.correlation == pytest.approx(0.11, abs=0.005)
    assert found.warning is None


@pytest.mark.parametrize("model", [PARETO, ParetoNBD(1.7, 4.0, 2.5, 30.0), ParetoNBD(0.4, 60.0, 0.2, 3.0)])
def test_pareto_nbd_gives_the_printed_formulas(model):
    histories, _ = cdnow()
    expected = closed_forms.pareto_log_likelihood(model, histories)
    np.testing.assert_allclose(model.log_likelihood(histories), expected, rtol=1e-9)
    expected = closed_forms.pareto_p_alive(model, histories)
    np.testing.assert_allclose(model.p_alive(histories), expected, rtol=1e-9)
    expected = closed_forms.pareto_expected_orders(model, histories, 39)
    np.testing.assert_allclose(model.expected_orders(histories, 39), expected, rtol=1e-9)
    found = model.order_probabilities(histories, (4, 13, 39))
    for place, ahead in enumerate((4, 13, 39)):
        silent = closed_forms.pareto_p_silent(model, histories, ahead)
        # 1 minus nearly 1 has 16 digits behind the point and no more.
        np.testing.assert_allclose(found[:, place], 1 - silent, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("model", [MBG, MBGNBD(1.5, 30.0, 3.0, 0.4), MBGNBD(0.3, 2.0, 0.02, 5.0)])
def test_mbg_nbd_gives_the_printed_formulas(model):
    histories, _ = cdnow()
    expected = closed_forms.mbg_log_likelihood(model, histories)
    np.testing.assert_allclose(model.log_likelihood(histories), expected, rtol=1e-9)
    expected = closed_forms.mbg_expected_orders(model, histories, 39)
    np.testing.assert_allclose(model.expected_orders(histories, 39), expected, rtol=1e-9)


def test_where_the_printed_formulas_divide_by_zero_the_models_do_not():
    histories, _ = cdnow()
    for exact, near in (
        (ParetoNBD(0.5, 10.0, 1.0, 12.0), ParetoNBD(0.5, 10.0, 1.0 + 1e-7, 12.0)),
        (MBGNBD(0.5, 6.0, 1.0, 1.6), MBGNBD(0.5, 6.0, 1.0 + 1e-7, 1.6)),
    ):
        np.testing.assert_allclose(
            exact.expected_orders(histories, 39), near.expected_orders(histories, 39), rtol=1e-6
        )


def test_where_the_printed_formula_overflows_the_model_does_not():
    # A thousand purchases in a thousand days, and ten years ahead.
    model, often = MBGNBD(1.1, 60.0, 0.14, 0.6), Histories(*np.full((3, 1), 1000.0))
    assert np.isnan(closed_forms.mbg_expected_orders(model, often, 3650)[0])
    without_leaving = (1000 + model.r) / (1000 + model.alpha) * 3650
    assert 0.8 * without_leaving < model.expected_orders(often, 3650)[0] < without_leaving
