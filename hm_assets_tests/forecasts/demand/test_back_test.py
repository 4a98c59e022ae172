import numpy as np
import pytest

from hm_assets.forecasts.demand.back_test import NOISE, Origin, choice, ends, half_widths, origins
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


def past_of(errors: dict[str, list[float]]) -> tuple[np.ndarray, list[Origin]]:
    """A series of ones, and origins whose models were off by this much one month ahead; others could say nothing."""
    many = max(map(len, errors.values()))
    found, none = [], np.zeros((1, 1))
    for at in range(many):
        said = np.full((len(MODELS), 1, 1), np.nan)
        for name, off in errors.items():
            # A model that came later is known from the latest origins only.
            if at >= many - len(off):
                said[NAMES.index(name)] = 1 + off[at - many + len(off)]
        found.append(Origin(at, said, np.ones(1), np.zeros(1, int), none, none, none, none))
    return np.ones((many + 1, 1)), found


@pytest.mark.parametrize(
    ("errors", "usual", "taken"),
    [
        # As good as the best but for chance: the usual one stays, then the simplest.
        ({"seasonal_naive": [2, 1, 2, 1], "theta": [1, 2, 1, 1]}, "seasonal_naive", "seasonal_naive"),
        (
            {"drift": [2, 1, 2, 1], "seasonal_naive": [9] * 4, "theta": [1, 2, 1, 1]},
            "seasonal_naive",
            "drift",
        ),
        ({"last_month": [1, 1, 2, 1], "seasonal_naive": [1, 2, 1, 1]}, "seasonal_naive", "seasonal_naive"),
        # Better beyond chance.
        ({"seasonal_naive": [5, 4, 5, 4], "theta": [1, 1, 1, 1]}, "seasonal_naive", "theta"),
        # Known from too few months to be judged, and nothing takes its place before that.
        ({"theta": [0] * 6, "seasonal_naive": [9, 9, 9]}, "seasonal_naive", "seasonal_naive"),
        ({"theta": [0] * 3, "last_month": [9] * 3}, "seasonal_naive", "last_month"),
    ],
)
def test_the_usual_model_stays_until_another_one_is_better_beyond_chance(errors, usual, taken):
    series, past = past_of(errors)
    said = np.full((len(MODELS), 1, 1), np.nan)
    for name in errors:
        said[NAMES.index(name)] = 1.0
    assert NAMES[choice(0, said, series, past, usual)] == taken


@pytest.mark.parametrize(("many", "place"), [(3, None), (4, 4), (5, 5), (8, 8), (9, 8), (12, 11)])
def test_an_interval_is_the_split_conformal_quantile_of_past_errors_and_never_less_than_noise(many, place):
    """The ceil((n + 1) x 0.8)-th smallest of n errors, the largest where that is more than there are."""
    off = [np.array([[1.0 + k]]) for k in np.random.default_rng(0).permutation(many)]
    (found,) = half_widths(np.zeros((1, 1)), off)[0]
    assert np.isnan(found) if place is None else found == place
    assert many < 4 or half_widths(np.zeros((1, 1)), [0 * each for each in off])[0, 0] == NOISE


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
    for seed in range(3):
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
