"""What holds for both models of when customers buy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.forecasts.buyers.histories import Histories, TooFewBuyersError
from hm_assets.forecasts.buyers.mbg_nbd import MBGNBD, fit_mbg_nbd
from hm_assets.forecasts.buyers.pareto_nbd import ParetoNBD, fit_pareto_nbd
from hm_assets_tests.forecasts.buyers import simulate

PARETO, MBG = ParetoNBD(0.8, 40.0, 0.7, 200.0), MBGNBD(0.8, 40.0, 0.7, 2.0)
MODELS = {
    "pareto": (PARETO, fit_pareto_nbd, simulate.pareto_nbd),
    "mbg": (MBG, fit_mbg_nbd, simulate.mbg_nbd),
}
BOTH = pytest.mark.parametrize(("truth", "fit", "simulated"), MODELS.values(), ids=MODELS)
HORIZONS = (30, 60, 90)

decades = st.floats(-3, 3).map(lambda power: 10.0**power)
models = st.one_of(
    st.builds(ParetoNBD, decades, decades.map(lambda v: 50 * v), decades, decades.map(lambda v: 50 * v)),
    st.builds(MBGNBD, decades, decades.map(lambda v: 50 * v), decades, decades),
)


def of(*rows: tuple[float, float, float]) -> Histories:
    return Histories(*np.array(rows, dtype=float).T)


@st.composite
def histories(draw):
    x, since = draw(st.integers(0, 1000)), draw(st.floats(1, 4000))
    return x, draw(st.floats(0.001, 1)) * since if x else 0.0, since


@BOTH
def test_a_fit_finds_the_model_that_customers_were_simulated_with(truth, fit, simulated):
    rng = np.random.default_rng(8)
    found = simulated(truth, rng.integers(300, 3000, 30_000).astype(float), 90, rng)
    model, about = fit(found.histories)
    values = np.array(about.values)
    expected = np.array([getattr(truth, name) for name in about.names])
    assert np.abs(values / expected - 1).max() < 0.1
    # And says how well: within four standard errors, which are a few percent.
    assert (np.abs(np.log(values / expected)) < 4 * np.array(about.errors)).all()
    assert max(about.errors) < 0.05
    assert about.converged and not about.at_bounds
    assert [getattr(model, name) for name in about.names] == values.tolist()


@BOTH
def test_what_is_forecast_is_what_comes(truth, fit, simulated):
    rng = np.random.default_rng(9)
    size = 40_000
    found = simulated(truth, rng.integers(1, 730, size).astype(float), 90, rng)
    soon = truth.order_probabilities(found.histories, HORIZONS)
    forecasts = [(truth.p_alive(found.histories), found.alive)]
    forecasts += [(soon[:, at], found.first_later <= days) for at, days in enumerate(HORIZONS)]
    forecasts += [(truth.expected_orders(found.histories, 90), found.later)]
    for forecast, came in forecasts:
        # By tenths of the forecast: the mean that came lies within four standard errors.
        order = np.argsort(forecast, kind="stable")
        for tenth in np.array_split(order, 10):
            error = came[tenth].std() / np.sqrt(len(tenth))
            assert forecast[tenth].mean() == pytest.approx(came[tenth].mean(), abs=4 * error + 0.002)


@BOTH
def test_who_bought_once_may_have_left_and_more_so_the_longer_ago(truth, fit, simulated):
    since = np.arange(1.0, 4000.0)
    alive = truth.p_alive(Histories(np.zeros(len(since)), np.zeros(len(since)), since))
    assert alive.max() < 1
    assert (np.diff(alive) < 0).all()
    assert alive[-1] < 0.5 * alive[0]


@settings(max_examples=150, deadline=None)
@given(models, histories(), st.floats(1.001, 3))
def test_figures_are_finite_in_range_and_monotone(model, history, longer):
    x, t_x, since = history
    found = of(history, (x, t_x, since * longer))
    alive, expected = model.p_alive(found), model.expected_orders(found, 90)
    soon = model.order_probabilities(found, (30, 60, 90, 365))
    for values in (alive, expected, soon, model.log_likelihood(found)):
        assert np.isfinite(values).all()
    assert ((alive >= 0) & (alive <= 1)).all()
    assert (soon >= 0).all() and (np.diff(soon, axis=1) >= 0).all()
    assert (soon <= alive[:, None]).all()
    # Who buys at all buys at least once.
    assert (expected >= soon[:, 2] * (1 - 1e-6)).all()
    # Silence speaks against a customer.
    assert alive[1] <= alive[0] + 1e-12
    assert expected[1] <= expected[0] * (1 + 1e-9)


@given(models, histories())
def test_the_order_of_the_horizons_does_not_matter(model, history):
    found = of(history)
    sorted_ones = model.order_probabilities(found, (30, 60, 90))
    np.testing.assert_allclose(model.order_probabilities(found, (90, 30, 60))[:, [1, 2, 0]], sorted_ones)


@BOTH
def test_weeks_give_the_probabilities_of_days(truth, fit, simulated):
    rng = np.random.default_rng(10)
    found = simulated(truth, rng.integers(30, 900, 3_000).astype(float), 90, rng).histories
    weekly = found.in_units_of(7.0)
    (by_day, about), (by_week, about_weeks) = fit(found), fit(weekly)
    for one, other in (
        (by_day.p_alive(found), by_week.p_alive(weekly)),
        (by_day.expected_orders(found, 90), by_week.expected_orders(weekly, 90 / 7)),
        (
            by_day.order_probabilities(found, HORIZONS),
            by_week.order_probabilities(weekly, [d / 7 for d in HORIZONS]),
        ),
    ):
        np.testing.assert_allclose(one, other, rtol=1e-4)
    assert about_weeks.log_likelihood - about.log_likelihood == pytest.approx(
        found.x.sum() * np.log(7), rel=1e-6
    )


@BOTH
def test_neither_order_nor_repetition_of_customers_changes_a_fit(truth, fit, simulated):
    rng = np.random.default_rng(11)
    found = simulated(truth, rng.integers(30, 900, 2_000).astype(float), 90, rng).histories
    mixed = rng.permutation(len(found))
    assert fit(found.where(mixed))[1] == fit(found)[1]
    twice = fit(found.where(np.repeat(np.arange(len(found)), 2)))[1]
    np.testing.assert_allclose(twice.values, fit(found)[1].values, rtol=1e-4)
    np.testing.assert_allclose(twice.errors, np.array(fit(found)[1].errors) / np.sqrt(2), rtol=1e-2)


@BOTH
def test_data_that_want_a_simpler_model_get_one_that_says_so(truth, fit, simulated):
    # All buy every tenth day or so, to the end: rates do not differ, and nobody leaves.
    rng = np.random.default_rng(12)
    since = np.full(300, 400.0)
    x = rng.poisson(40.0, 300)
    model, about = fit(Histories(x, since * rng.random(300) ** (1 / x), since))
    assert about.at_bounds
    assert all(np.isfinite(about.values))
    for name in about.at_bounds:
        assert about.interval(name) == (0.0, np.inf)
    soon = model.order_probabilities(of((40, 395, 400)), (10,))[0, 0]
    assert soon == pytest.approx(1 - np.exp(-1), abs=0.05)


@BOTH
def test_without_anybody_who_came_back_there_is_nothing_to_learn(truth, fit, simulated):
    with pytest.raises(TooFewBuyersError, match="None of the 2 customers bought on a second day"):
        fit(of((0, 0, 10), (0, 0, 0)))
    with pytest.raises(TooFewBuyersError, match="None of the 0 customers"):
        fit(Histories(np.zeros(0), np.zeros(0), np.zeros(0)))


@BOTH
def test_few_customers_and_one_day_of_history_give_figures(truth, fit, simulated):
    model, _ = fit(of((1, 3, 9), (0, 0, 9), (0, 0, 0), (2, 9, 9)))
    found = of((0, 0, 0), (0, 0, 9), (1, 3, 9), (2, 9, 9))
    for values in (model.p_alive(found), model.order_probabilities(found, HORIZONS)):
        assert ((values >= 0) & (values <= 1)).all()
    nobody = found.where(np.zeros(4, bool))
    assert len(model.p_alive(nobody)) == len(model.expected_orders(nobody, 90)) == 0
    assert model.order_probabilities(nobody, HORIZONS).shape == (0, 3)


def test_those_who_may_have_come_before_the_files_mislead_a_fit():
    # Half of the customers are older than the files: they look newer than they are, and those who left are not seen.
    found, first_seen = simulate.files_that_begin_in_the_middle(
        PARETO, 30_000, before=2000.0, window=730.0, rng=np.random.default_rng(13)
    )
    true = PARETO.p_alive(found).mean()
    of_all, of_fair = (fit_pareto_nbd(h)[0] for h in (found, found.where(first_seen >= 365)))
    too_alive, fair = (model.p_alive(found).mean() - true for model in (of_all, of_fair))
    assert too_alive > 0.04
    assert abs(fair) < 0.5 * too_alive
