import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from hm_assets.forecasts.demand import models
from hm_assets.forecasts.demand.models import MODELS, MOST_TIMES, NAMES, go_on

YEARS = np.array([10.0, 12, 15, 20, 30, 45, 50, 40, 30, 22, 15, 11] * 2)


def said(units: np.ndarray, steps: int = 3) -> dict[str, list[float]]:
    return dict(zip(NAMES, go_on(units, steps).tolist(), strict=True))


def test_the_plain_rules_say_what_can_be_counted_by_hand():
    found = said(YEARS[:16])
    assert found["last_month"] == [20, 20, 20]
    assert found["seasonal_naive"] == [30, 45, 50]
    assert found["drift"] == pytest.approx([20 + (20 - 10) / 15 * h for h in (1, 2, 3)])
    assert found["seasonal_growth"] == [30, 45, 50], "the last three months are as they were a year before"
    doubled = np.concatenate([YEARS[:12], 2 * YEARS[:4]])
    assert said(doubled)["seasonal_growth"] == [60, 90, 100]
    assert said(YEARS, 14)["seasonal_naive"] == [*YEARS[:12], *YEARS[:2]]


def test_a_year_that_repeats_is_met_by_what_knows_seasons():
    found = said(YEARS * 10)
    for name in ("seasonal_naive", "seasonal_growth", "seasonal_smoothing"):
        assert found[name] == pytest.approx((YEARS[:3] * 10).tolist(), rel=1e-6), name


def test_seasonal_smoothing_is_the_arima_that_it_stands_for():
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    rng = np.random.default_rng(3)
    units = YEARS * 40 * np.exp(np.cumsum(rng.normal(0, 0.15, 24)))
    arima = SARIMAX(np.log1p(units), order=(0, 1, 1), seasonal_order=(0, 1, 0, 12)).fit(disp=False)
    assert models.seasonal_smoothing(units, 3) == pytest.approx(np.expm1(arima.forecast(3)), rel=0.1)


def test_a_short_history_has_no_season():
    able = {name for name, values in said(YEARS[:8]).items() if not np.isnan(values).any()}
    assert able == {"last_month", "drift", "exponential_smoothing", "theta"}
    assert [name for name, v in said(YEARS[:1]).items() if not np.isnan(v).any()] == ["last_month"]


def test_what_is_new_has_no_season_of_the_year_before_its_first_sale():
    found = said(np.concatenate([np.zeros(14), YEARS[:4]]))
    assert found["last_month"] == [20, 20, 20] and np.isnan(found["seasonal_naive"]).all()


@given(
    st.lists(st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 10**6)), min_size=1, max_size=25),
    st.integers(1, 4),
)
@settings(max_examples=25, deadline=None)
def test_whatever_came_before_forecasts_are_finite_and_not_negative(units, steps):
    found = go_on(np.array(units, dtype=float), steps)
    sold = [i for i, sold in enumerate(units) if sold]
    months = len(units) - (sold[0] if sold else 0)
    for model, values in zip(MODELS, found, strict=True):
        assert np.isfinite(values).all() or np.isnan(values).all()
        assert not (values < 0).any() and not (values > MOST_TIMES * max(units)).any()
        if model.plain:
            assert np.isfinite(values).all() == (months >= model.fewest)


def test_what_never_changes_goes_on():
    assert np.nanmax(np.abs(go_on(np.full(25, 7.0), 3) - 7)) == 0
    assert np.nanmax(go_on(np.zeros(25), 3)) == 0
