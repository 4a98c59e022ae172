"""The space that customers are clustered in."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import skew

from hm_assets.segments.space import UNITS_PER_MEDIAN_PRICE, Space
from hm_assets_tests.segments.customers import features, groups

VALUES = groups(50)


def fitted(values=VALUES, price=15 / 590) -> Space:
    return Space.fit(values, price)


def test_a_logarithm_of_raw_prices_leaves_the_skew_and_of_rescaled_ones_removes_it():
    """Trap T55: H&M's prices are k/590 with mean 0.03, where log(1 + x) is a straight line."""
    rng = np.random.default_rng(0)
    items = 1 + rng.poisson(np.exp(rng.normal(1.5, 1.0, 4_000)))
    spend = np.array([(rng.integers(5, 40, n) / 590).sum() for n in items])
    raw = skew(spend)
    space = fitted(np.column_stack([items, items, spend]), float(np.median(spend / items)))
    assert space.units[2] == pytest.approx(1 / 590, rel=0.6)
    assert raw > 3
    assert skew(np.log1p(spend)) > 0.5 * raw
    assert abs(skew(space.transform(np.column_stack([items, items, spend]))[:, 2])) < 0.15 * raw


@given(st.floats(1e-6, 1e6))
@settings(max_examples=20)
def test_the_currency_does_not_matter(rate):
    """Prices in another unit give the same coordinates."""
    points = fitted().transform(VALUES)
    other = VALUES * [1, 1, rate]
    assert np.allclose(fitted(other, 15 / 590 * rate).transform(other), points, atol=1e-9)


def test_coordinates_are_standardised():
    points = fitted().transform(VALUES)
    assert np.allclose(points.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(points.std(axis=0), 1, atol=1e-12)


def test_a_feature_that_is_the_same_for_everybody_separates_nobody():
    values = VALUES.copy()
    values[:, 1] = 7
    points = fitted(values).transform(values)
    assert np.allclose(points[:, 1], 0, atol=1e-12)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_value_that_cannot_be_is_refused(bad, place):
    values = VALUES.copy()
    values[3, place] = bad
    with pytest.raises(
        ValueError, match="recency_days, purchase_days, spend must be finite and not negative"
    ):
        fitted(values)


def test_nobody_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="no customer"):
        fitted(np.empty((0, 3)))


@pytest.mark.parametrize("price", [0.0, math.nan])
def test_a_base_that_pays_nothing_has_a_unit_all_the_same(price):
    values = VALUES * [1, 1, 0]
    assert np.isfinite(fitted(values, price).transform(values)).all()


def test_the_unit_is_a_fifteenth_of_the_median_price():
    assert fitted(price=30.0).units == (1.0, 1.0, 30.0 / UNITS_PER_MEDIAN_PRICE)


def test_the_engine_computes_what_numpy_does():
    values = np.concatenate([VALUES, [[0, 1, 0], [5000, 3000, 1e6], [0, 1, 1e-12]]])
    space, table = fitted(), features(values)
    expressions = dict(zip("xyz", space.expressions(table), strict=True))
    got = table.select("customer_key", **expressions).order_by("customer_key").to_pyarrow()
    on_engine = np.column_stack([got[name].to_numpy() for name in "xyz"])
    assert np.abs(on_engine - space.transform(values)).max() < 1e-12


def test_values_undo_the_transformation():
    space = fitted()
    assert np.allclose(space.values(space.transform(VALUES)), VALUES, rtol=1e-9)


@given(st.lists(st.tuples(*[st.floats(0, 1e9)] * 3), min_size=1, max_size=8), st.floats(1e-9, 1e9))
@settings(max_examples=50)
def test_json_keeps_every_digit(rows, price):
    space = Space.fit(np.array(rows), price)
    assert Space.from_json(json.loads(json.dumps(space.as_json()))) == space
