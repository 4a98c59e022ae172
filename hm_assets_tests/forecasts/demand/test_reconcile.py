import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from hm_assets.forecasts.demand.reconcile import cells, reconciled, scaled

COUNTS = st.one_of(st.just(0.0), st.floats(0.01, 1e5))


def some(shape: int | tuple[int, int]) -> st.SearchStrategy:
    return arrays(float, shape, elements=COUNTS)


@given(some((3, 4)), some(3), some(4), COUNTS)
@settings(max_examples=100, deadline=None)
def test_whatever_was_forecast_cells_segments_and_categories_add_up(mix, segments, categories, all_):
    sums, inner = reconciled(all_, segments, categories, mix)
    rows, columns = sums[1:4], sums[4:]
    near = {"rel": 1e-6, "abs": 1e-6 * max(all_, 1)}
    assert (inner >= 0).all() and sums[0] == all_
    assert rows.sum() == pytest.approx(all_, **near) and columns.sum() == pytest.approx(all_, **near)
    assert inner.sum(axis=0) == pytest.approx(columns, **near)
    assert inner.sum(axis=1) == pytest.approx(rows, **near)


def test_the_mix_keeps_its_odds_ratio():
    mix = np.array([[4000.0, 1000.0], [1000.0, 2000.0]])
    found = cells(mix, np.array([30.0, 70.0]), np.array([50.0, 50.0]))
    odds = [m[0, 0] * m[1, 1] / (m[0, 1] * m[1, 0]) for m in (mix, found)]
    assert odds[1] == pytest.approx(odds[0], rel=0.02)


def test_forecasts_that_add_up_already_are_left_as_they_are():
    mix = np.array([[6.0, 2.0], [3.0, 9.0]])
    sums, inner = reconciled(20.0, mix.sum(axis=1), mix.sum(axis=0), mix)
    assert sums.tolist() == pytest.approx([20, 8, 12, 9, 11]) and inner == pytest.approx(mix, rel=0.01)


def test_parts_without_any_units_take_the_usual_shares_and_then_equal_ones():
    assert scaled(np.zeros(2), 10.0, np.array([3.0, 1.0])).tolist() == [7.5, 2.5]
    assert scaled(np.zeros(2), 10.0, np.zeros(2)).tolist() == [5, 5]


def test_sums_that_cannot_both_hold_are_refused():
    with pytest.raises(ValueError, match="rows sum up to 3"):
        cells(np.ones((2, 2)), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
