"""The two models of a chained equation."""

import json

import numpy as np
import pytest

from hm_assets.customers.matching import MeanMatching, MultinomialLogit


def cells(*sizes: int) -> np.ndarray:
    """Predictors (intercept and one number) of groups of equal rows; group i has the number i."""
    return np.concatenate([np.column_stack([np.ones(n), np.full(n, i)]) for i, n in enumerate(sizes)])


def test_a_value_is_always_that_of_a_donor():
    rng = np.random.default_rng(1)
    values = rng.integers(16, 100, 400)
    model = MeanMatching.fit(np.column_stack([np.ones(400), rng.normal(size=400)]), values, 10, rng)
    drawn = model.draw(np.column_stack([np.ones(5_000), rng.normal(size=5_000) * 3]), rng)
    assert set(drawn) <= set(values)


def test_equal_customers_share_all_equally_far_donors_and_not_a_handful():
    # T57: with ties broken once per cell, 5,000 equal recipients would get at most 10 of the 200 ages.
    rng = np.random.default_rng(2)
    values = np.arange(200)
    model = MeanMatching.fit(cells(200), values, 10, rng)
    drawn = model.draw(cells(5_000), rng)
    assert len(set(drawn)) == len(set(model.values)) > 110


def test_a_tiny_cell_takes_the_rest_of_its_donors_at_random_from_the_next_cell():
    rng = np.random.default_rng(3)
    # Group 1 has 4 donors with value 7; group 0 has 300 donors with values 100 to 399.
    values = np.concatenate([np.arange(100, 400), np.full(4, 7)])
    model = MeanMatching(
        np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([0, 300, 304]), values, nearest=10
    )
    drawn = model.draw(np.column_stack([np.ones(20_000), np.ones(20_000)]), rng)
    assert (drawn == 7).mean() == pytest.approx(0.4, abs=0.02)
    assert len(set(drawn)) == 301


def test_the_nearest_donors_are_taken_on_both_sides():
    means = np.array([0.0, 1.0, 2.0, 3.0, 10.0])
    model = MeanMatching(np.array([1.0]), means, np.arange(6), np.array([0, 1, 2, 3, 10]), nearest=2)
    rng = np.random.default_rng(4)
    for wanted, near in ((1.4, {1, 2}), (-5.0, {0, 1}), (50.0, {3, 10}), (2.9, {2, 3})):
        assert set(model.draw(np.full((400, 1), wanted), rng)) == near


def test_of_two_groups_equally_far_each_is_drawn():
    model = MeanMatching(
        np.array([1.0]), np.array([0.0, 1.0]), np.array([0, 10, 20]), np.repeat([0, 1], 10), nearest=10
    )
    drawn = model.draw(np.full((2_000, 1), 0.5), np.random.default_rng(14))
    assert drawn.mean() == pytest.approx(0.5, abs=0.05)


def test_both_humps_come_back():
    rng = np.random.default_rng(5)
    ages = np.where(rng.random(4_000) < 0.6, rng.integers(20, 30, 4_000), rng.integers(45, 55, 4_000))
    model = MeanMatching.fit(cells(2_000, 2_000), ages, 10, rng)
    drawn = model.draw(cells(2_000, 2_000), rng)
    assert not ((drawn >= 30) & (drawn < 45)).any()
    assert (drawn < 30).mean() == pytest.approx(0.6, abs=0.04)


def test_fewer_donors_than_wanted_are_all_used():
    model = MeanMatching.fit(cells(3), np.array([20, 20, 20]), 10, np.random.default_rng(6))
    assert model.draw(cells(5), np.random.default_rng(7)).tolist() == [20] * 5


def test_a_planted_effect_on_a_category_is_found_and_drawn():
    rng = np.random.default_rng(8)
    predictors = cells(5_000, 5_000)
    codes = np.where(rng.random(10_000) < np.repeat([0.1, 0.6], 5_000), 2, 0)
    model = MultinomialLogit.fit(predictors, codes, predictors[:, 1].astype(int) * 10 + codes, rng)
    drawn = model.draw(predictors, rng)
    assert set(drawn) == {0, 2}
    assert [(drawn[half] == 2).mean() for half in (slice(5_000), slice(5_000, None))] == pytest.approx(
        [0.1, 0.6], abs=0.03
    )


def test_three_levels_keep_their_shares():
    rng = np.random.default_rng(9)
    codes = rng.choice(3, p=[0.7, 0.2, 0.1], size=6_000)
    model = MultinomialLogit.fit(cells(6_000), codes, codes, rng)
    assert np.bincount(model.draw(cells(6_000), rng)) / 6_000 == pytest.approx([0.7, 0.2, 0.1], abs=0.03)


def test_one_known_level_is_the_only_one_drawn():
    model = MultinomialLogit.fit(cells(20), np.full(20, 3), np.full(20, 3), np.random.default_rng(10))
    assert set(model.draw(cells(50), np.random.default_rng(11))) == {3}


def test_a_model_read_back_draws_the_same():
    rng = np.random.default_rng(12)
    predictors, ages = cells(300, 200, 5), rng.integers(16, 99, 505)
    for model in (
        MeanMatching.fit(predictors, ages, 10, rng),
        MultinomialLogit.fit(predictors, ages % 3, ages % 3 + 10 * predictors[:, 1].astype(int), rng),
    ):
        again = type(model).from_json(json.loads(json.dumps(model.as_json())))
        one, two = (m.draw(predictors, np.random.default_rng(13)) for m in (model, again))
        assert one.tolist() == two.tolist()
