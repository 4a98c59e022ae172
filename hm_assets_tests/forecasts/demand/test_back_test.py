import numpy as np
import pytest

from hm_assets.forecasts.demand.back_test import ends, origins
from hm_assets.forecasts.demand.models import MODELS, NAMES
from hm_assets.forecasts.demand.scores import lead, scores
from hm_assets_tests.forecasts.demand.series import cube_of, seasonal


@pytest.fixture(scope="module")
def year_and_more():
    known = cube_of(seasonal(24))
    return known, origins(known, 3, 10)


def test_a_planted_season_is_taken_and_last_month_is_beaten(year_and_more):
    known, found = year_and_more
    assert NAMES[found[-1].chosen[0]] in ("seasonal_naive", "seasonal_growth", "seasonal_smoothing")
    rows = {
        (r["level"], r["model"], r["months_ahead"]): r
        for r in scores(known, found, 0, 0)
        if r["level"] == "all"
    }
    assert rows["all", "published", 3]["mase"] < 0.6 * rows["all", "last_month", 3]["mase"]
    assert sum(row["leads"] for (_, model, h), row in rows.items() if h == 1 and model != "published") == 1


def test_where_nothing_is_better_beyond_chance_a_plain_one_leads_and_the_words_say_so():
    rng = np.random.default_rng(1)
    walk = np.exp(5 + np.cumsum(rng.normal(0, 0.3, 24)))
    known = cube_of(np.round(walk)[:, None, None])
    found = origins(known, 3, 10)
    assert MODELS[found[-1].chosen[0]].plain
    assert "no fitted model is better" in lead(known, found, 0)


def test_deleting_the_future_changes_no_origin(year_and_more):
    known, found = year_and_more
    at = found[5].at
    before = origins(cube_of(known.units[: at + 1]), 3, at - found[0].at)
    assert before[-1].at == at
    for name in ("said", "chosen", "sums", "cells", "half_sums", "half_cells"):
        assert np.array_equal(getattr(before[-1], name), getattr(found[5], name), equal_nan=True), name


def test_every_origin_adds_up(year_and_more):
    for then in year_and_more[1]:
        total = then.sums[0]
        assert then.sums[1:3].sum(axis=0) == pytest.approx(total)
        assert then.sums[3:].sum(axis=0) == pytest.approx(total)
        assert then.cells.sum(axis=0) == pytest.approx(then.sums[3:], abs=1e-5)


def test_intervals_of_a_steady_shop_hold_about_as_often_as_they_say():
    inside = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        units = rng.poisson(np.array([[300.0, 90.0], [40.0, 10.0]]), (12, 2, 2)).astype(float)
        now = origins(cube_of(units[:11]), 1, 5)[-1]
        low, high = ends(now.cells[..., 0], now.half_cells[..., 0])
        inside += ((units[11] >= low) & (units[11] <= high)).ravel().tolist()
    assert 0.70 <= np.mean(inside) <= 0.98


def test_intervals_hold_the_forecast_and_nothing_below_none():
    low, high = ends(np.array([0.0, 0.2, 50.0]), np.array([0.7, 2.0, 1.0]))
    assert (low >= 0).all() and (low <= [0, 0.2, 50]).all() and (high >= [0, 0.2, 50]).all()


@pytest.mark.parametrize("units", [np.zeros((20, 2, 2)), np.full((20, 1, 1), 5.0), np.ones((1, 2, 3))])
def test_no_sales_the_same_sales_and_one_month(units):
    known = cube_of(units)
    found = origins(known, 3, 6)
    assert found[-1].sums[0] == pytest.approx(units[-1].sum())
    for row in scores(known, found, 0, 0):
        assert row.get("mase") is None and (row["origins"] == 0 or row["smape"] == 0)
