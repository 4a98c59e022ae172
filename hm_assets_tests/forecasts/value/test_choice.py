import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.forecasts.value.back_test import Judged, Said
from hm_assets.forecasts.value.choice import choose
from hm_assets.forecasts.value.models import CATALOGUE
from hm_assets.forecasts.value.spending import column

SIZE = 400
SPENT = np.random.default_rng(0).gamma(1.0, 2.0, SIZE)


def judged(errors: dict[str, float], ranked: dict[str, float] | None = None, spent=SPENT) -> Judged:
    """Each model is off by so much of the truth, up and down; `ranked` shrinks it to the mean on top of that."""
    rng = np.random.default_rng(1)
    sign, noise = rng.choice([-1.0, 1.0], len(spent)), rng.normal(0, 0.01, len(spent))
    said = {}
    for model in CATALOGUE:
        if model.name in errors:
            value = np.maximum(spent + sign * errors[model.name] + noise, 0)
            if ranked and model.name in ranked:
                value = np.full(len(spent), ranked[model.name])
            said[model.name, 90] = Said(value, 0 * value, 2 * value, False)
    rows = pa.table({column(90): spent})
    return Judged(dt.date(2019, 12, 31), dt.date(2019, 12, 1), rows, said, {}, 1)


@pytest.mark.parametrize(
    ("errors", "name", "words"),
    [
        (
            {"naive": 1.0, "mbg_nbd": 0.5, "pareto_nbd": 0.5, "lightgbm_tweedie": 0.5},
            "mbg_nbd",
            "better beyond two",
        ),
        ({"naive": 1.0, "mbg_nbd": 0.9, "lightgbm_tweedie": 0.4}, "lightgbm_tweedie", "better beyond two"),
        (
            {"naive": 0.5, "mbg_nbd": 0.5, "lightgbm_tweedie": 0.9},
            "naive",
            "nothing that was tried is better",
        ),
    ],
)
def test_the_simplest_of_the_best_leads_where_it_beats_last_year_s_spend(errors, name, words):
    choice = choose([judged(errors), judged(errors)], 0)
    assert choice.name == name and words in choice.why and "2 past days" in choice.why
    assert "last year’s spend carried on" in choice.why


def test_a_gain_within_chance_and_a_worse_ranking_leave_the_plain_one_in_front():
    rng = np.random.default_rng(2)
    near = judged({"naive": 1.0, "mbg_nbd": 1.0})
    value = near.said["mbg_nbd", 90].value
    off = value + np.where(rng.random(SIZE) < 0.5, -1, 1) * 0.5
    better = np.where(np.arange(SIZE) % 40 == 0, SPENT, off)
    near.said["mbg_nbd", 90] = Said(np.maximum(better, 0), value, value, False)
    assert choose([near], 0).name == "naive"
    # The mean for everybody: off by less than a noisy ranking, and no ranking at all.
    flat = choose([judged({"naive": 6.0, "mbg_nbd": 0.0}, {"mbg_nbd": float(np.mean(SPENT))})], 0)
    assert flat.name == "naive" and "ranks customers worse: Gini is lower by" in flat.why


def test_a_simpler_model_that_ranks_worse_keeps_no_better_one_from_leading():
    errors = {"naive": 3.0, "mbg_nbd": 0.0, "lightgbm_tweedie": 1.8}
    day = judged(errors, {"mbg_nbd": float(np.median(SPENT))})
    off = {name: np.abs(day.said[name, 90].value - SPENT).mean() for name in errors}
    assert off["mbg_nbd"] < off["lightgbm_tweedie"] < off["naive"]
    assert choose([day], 0).name == "lightgbm_tweedie"


def test_a_model_that_could_not_be_fitted_every_day_is_not_taken():
    days = [judged({"naive": 1.0, "mbg_nbd": 0.1}), judged({"naive": 1.0})]
    assert choose(days, 0).name == "naive"


def test_nothing_spent_and_nobody_judged():
    nothing = judged({"naive": 0.0, "mbg_nbd": 0.5}, spent=np.zeros(50))
    assert choose([nothing], 0).name == "naive"
    with pytest.raises(ValueError, match="no past day"):
        choose([], 0)


def test_promising_half_of_what_comes_leads_nobody():
    """Most customers spend little or nothing: half of an expectation has the smaller absolute error."""
    rng = np.random.default_rng(3)
    rate = rng.gamma(0.3, 1.0, SIZE)
    spent = rng.poisson(rate) * rng.gamma(1.0, 2.0, SIZE)
    day = judged({"naive": 1.0, "mbg_nbd": 1.0}, spent=spent)
    for name, factor in (("naive", 1.0), ("mbg_nbd", 0.5)):
        day.said[name, 90] = Said(2.0 * factor * rate, 0 * rate, 9 * rate, False)
    off = {name: np.abs(day.said[name, 90].value - spent).mean() for name in ("naive", "mbg_nbd")}
    assert off["mbg_nbd"] < off["naive"] and choose([day] * 4, 0).name == "naive"
