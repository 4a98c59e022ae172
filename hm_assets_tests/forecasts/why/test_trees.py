import numpy as np
import pytest

from hm_assets.forecasts.churn.algorithms import CATALOGUE
from hm_assets.forecasts.churn.algorithms import fitted as fit
from hm_assets.forecasts.why.trees import contributions

AXES = 5


@pytest.fixture(scope="module")
def booster():
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=(3_000, AXES)), 1)  # ties, and exact zeros
    y = rng.random(len(x)) < 1 / (1 + np.exp(-x[:, 0] - x[:, 1] * x[:, 2]))
    return fit(next(a for a in CATALOGUE if a.name == "lightgbm"), x, y, 0, 1).booster


def points(n: int, seed: int = 1) -> np.ndarray:
    return np.round(np.random.default_rng(seed).normal(size=(n, AXES)), 1)


@pytest.mark.parametrize("n", [1, 40, 2_000])
def test_every_customer_has_lightgbm_s_own_values(booster, n):
    x = points(n)
    own = booster.predict(x, pred_contrib=True)
    found, base = contributions(booster, x)
    assert pytest.approx(own[:, :-1], abs=1e-12) == found.T
    assert base == pytest.approx(own[0, -1], abs=1e-12)
    assert found.sum(axis=0) + base == pytest.approx(booster.predict(x, raw_score=True), abs=1e-12)


def test_values_on_thresholds_and_near_zero_go_where_lightgbm_sends_them(booster):
    cuts = []
    for tree in booster.dump_model()["tree_info"][:30]:
        node = tree["tree_structure"]
        while "split_feature" in node:
            cuts.append((node["split_feature"], node["threshold"]))
            node = node["left_child"]
    x = points(len(cuts))
    for row, (axis, cut) in zip(x, cuts, strict=True):
        row[axis] = cut
    x = np.vstack([x, np.full((1, AXES), 1e-40), np.zeros((1, AXES))])
    many = np.vstack([x, points(2_000)])
    found, _ = contributions(booster, many)
    assert found.T[: len(x)] == pytest.approx(booster.predict(x, pred_contrib=True)[:, :-1], abs=1e-12)


def test_a_customer_s_values_do_not_depend_on_who_else_is_asked_for(booster):
    x = points(4_000)
    every, some = contributions(booster, x)[0], contributions(booster, x[7:19])[0]
    assert (every[:, 7:19] == some).all()
