"""The space that customers are clustered in."""

import json
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import skew

from hm_assets.segments.inputs import RFM, SPACES
from hm_assets.segments.people import People
from hm_assets.segments.space import UNITS_PER_MEDIAN_PRICE, Space, stratified
from hm_assets_tests.segments.customers import MONTH, features, groups, rows

VALUES = groups(50)


def table(values=VALUES) -> pa.Table:
    return pa.table({name: pa.array(values[:, place], pa.float64()) for place, name in enumerate(RFM)})


def fitted(values=VALUES, price=15 / 590) -> Space:
    return Space.fit("rfm", RFM, table(values), price)


def points(values=VALUES, price=15 / 590):
    return fitted(values, price).transform(table(values))


def test_a_logarithm_of_raw_prices_leaves_the_skew_and_of_rescaled_ones_removes_it():
    """Trap T55: H&M's prices are k/590 with mean 0.03, where log(1 + x) is a straight line."""
    rng = np.random.default_rng(0)
    items = 1 + rng.poisson(np.exp(rng.normal(1.5, 1.0, 4_000)))
    spend = np.array([(rng.integers(5, 40, n) / 590).sum() for n in items])
    raw, price = skew(spend), float(np.median(spend / items))
    values = np.column_stack([items, items, spend])
    assert fitted(values, price).coordinates[2].unit == pytest.approx(1 / 590, rel=0.6)
    assert raw > 3
    assert skew(np.log1p(spend)) > 0.5 * raw
    assert abs(skew(points(values, price)[:, 2])) < 0.15 * raw


@given(st.floats(1e-6, 1e6))
@settings(max_examples=20)
def test_the_currency_does_not_matter(rate):
    """Prices in another unit give the same coordinates."""
    assert np.allclose(points(VALUES * [1, 1, rate], 15 / 590 * rate), points(), atol=1e-9)


def test_dithered_whole_numbers_fill_the_gaps_between_them_and_go_no_farther():
    values = np.repeat([[0.0, 2, 5.5], [1, 3, 5], [1, 9, 5]], 500, axis=0)
    space = Space.fit("rfm", RFM, table(values), 15.0)
    one, again = (space.transform(table(values), np.random.default_rng(1)) for _ in range(2))
    assert one.tobytes() == again.tobytes()
    scales, centres = (
        np.array([getattr(a, name) for a in space.coordinates]) for name in ("scale", "centre")
    )
    shift = np.expm1(one * scales + centres) - values
    assert np.allclose(shift[:, 2], 0)  # not all of them are whole
    assert shift.min() > -0.5
    assert shift.max() < 0.5
    assert (values + shift).min() >= 0
    filled = np.sort((values + shift)[:1000, 1])
    assert np.diff(filled).max() < 0.02


def test_coordinates_are_standardised():
    assert np.allclose(points().mean(axis=0), 0, atol=1e-12)
    assert np.allclose(points().std(axis=0), 1, atol=1e-12)


def test_a_feature_that_is_the_same_for_everybody_separates_nobody():
    values = VALUES.copy()
    values[:, 1] = 7
    assert np.allclose(points(values)[:, 1], 0, atol=1e-12)
    assert np.isfinite(points(values)).all()


@pytest.mark.parametrize("bad", [math.inf, -1.0])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_value_that_cannot_be_is_refused_by_name(bad, place):
    values = VALUES.copy()
    values[3, place] = bad
    with pytest.raises(ValueError, match=f"{list(RFM)[place]} has the value {bad}"):
        fitted(values)


def test_an_empty_value_is_the_median():
    values = VALUES.copy()
    values[3, 1] = math.nan
    assert points(values)[3, 1] == pytest.approx(
        fitted(values).transform(table(np.array([[1, np.nanmedian(values[:, 1]), 1]])))[0, 1]
    )


def test_nobody_and_a_column_without_a_value_are_refused():
    with pytest.raises(ValueError, match="no customer"):
        fitted(np.empty((0, 3)))
    with pytest.raises(ValueError, match="spend has no value"):
        fitted(VALUES * [1, 1, math.nan])


def test_a_base_that_pays_nothing_has_a_unit_all_the_same():
    assert np.isfinite(points(VALUES * [1, 1, 0], 0.0)).all()


def test_the_unit_is_a_fifteenth_of_the_median_price():
    assert fitted(price=30.0).coordinates[2].unit == 30.0 / UNITS_PER_MEDIAN_PRICE


def test_two_different_levels_of_a_category_are_one_apart():
    space = Space.fit("c", {"channel": "category"}, pa.table({"channel": ["a", "b", None, "b"]}), 1.0)
    found = space.transform(pa.table({"channel": ["a", "b", "c", None]}))
    assert np.linalg.norm(found[0] - found[1]) == pytest.approx(1.0)
    assert not found[2:].any()  # a level that was not there, and an empty one, are none of them


@pytest.mark.parametrize("name", SPACES)
def test_the_engine_computes_what_numpy_does(name):
    values = np.concatenate([VALUES, [[0, 1, 0], [5000, 3000, 1e6], [0, 1, 1e-12]]])
    space = Space.fit(name, SPACES[name], rows(values), 0.025)
    axes = [f"axis_{place}" for place in range(len(space.coordinates))]
    people = features(values)
    asked = people.select("customer_key", **dict(zip(axes, space.expressions(people), strict=True)))
    got = asked.order_by("customer_key").to_pyarrow()
    on_engine = np.column_stack([got[axis].to_numpy() for axis in axes])
    assert np.abs(on_engine - space.transform(rows(values))).max() < 1e-12


@given(st.lists(st.tuples(*[st.floats(0, 1e9)] * 3), min_size=1, max_size=8), st.floats(1e-9, 1e9))
@settings(max_examples=50)
def test_json_keeps_every_digit(values, price):
    space = fitted(np.array(values), price)
    assert Space.from_json(json.loads(json.dumps(space.as_json()))) == space


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 5))
@settings(max_examples=60)
def test_a_stratified_sample_has_each_row_once_and_all_kinds_in_their_share(n, most, seed):
    kinds = np.repeat([0.0, 1.0, 2.0], [n, 2 * n, n])[:, None]
    chosen = stratified(kinds, most, seed)
    assert len(set(chosen.tolist())) == len(chosen) == min(most, 4 * n)
    shares = np.bincount(kinds[chosen, 0].astype(int), minlength=3) / len(chosen)
    assert np.abs(shares - [0.25, 0.5, 0.25]).max() <= 1 / len(chosen) + 1e-12


def test_what_is_known_of_nobody_is_no_axis_of_the_first_days():
    everybody = rows(groups(20))
    place = everybody.column_names.index("mean_gap_days")
    nobody = everybody.set_column(place, "mean_gap_days", pa.nulls(len(everybody), pa.float64()))
    first, later = (
        People.of(lambda *_, told=told: told, MONTH, "rfm_rhythm", None) for told in (nobody, everybody)
    )
    assert set(later.space.columns) - set(first.space.columns) == {"mean_gap_days"}
    assert np.isfinite(first.points).all() and first.points.shape[1] == later.points.shape[1] - 1
