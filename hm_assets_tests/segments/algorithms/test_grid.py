"""The classic RFM grid."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments.algorithms import grid
from hm_assets.segments.algorithms.grid import NAMES, name_of, named_grid, quintiles
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.models import nearest
from hm_assets_tests.segments.algorithms.planted import customers

SCORES = list(product(range(1, 6), repeat=3))


def test_each_of_the_125_cells_has_exactly_one_name_and_every_name_has_one():
    names = [name_of(*scores) for scores in SCORES]
    assert set(names) == set(NAMES)
    assert len(NAMES) == len(set(NAMES)) == 11


@pytest.mark.parametrize(
    ("scores", "name"),
    [
        ((5, 5, 5), "Champions"),
        ((5, 1, 1), "New Customers"),
        ((4, 1, 1), "Promising"),
        ((3, 3, 3), "Need Attention"),
        ((3, 1, 2), "About To Sleep"),
        ((2, 4, 4), "At Risk"),
        ((1, 5, 5), "Cannot Lose Them"),
        ((1, 5, 4), "Cannot Lose Them"),  # a half is rounded up
        ((2, 2, 2), "Hibernating"),
        ((1, 1, 1), "Lost"),
        ((4, 5, 3), "Loyal Customers"),
        ((4, 2, 3), "Potential Loyalists"),
    ],
)
def test_a_name_says_what_its_scores_say(scores, name):
    assert name_of(*scores) == name


def test_the_tree_gives_each_cell_its_name():
    # One customer in each cell; recency counts days, so the fifth with the fewest has score 5.
    points = np.array([(6 - r, f, m) for r, f, m in SCORES], dtype=float)
    model = named_grid(points).model
    assert [NAMES[segment] for segment in nearest(model, points)] == [name_of(*scores) for scores in SCORES]
    # And whoever is beyond all of them has the scores of the last.
    assert NAMES[nearest(model, np.array([[-99.0, 99, 99]]))[0]] == "Champions"
    assert NAMES[nearest(model, np.array([[99.0, -99, -99]]))[0]] == "Lost"


def test_quintiles_of_different_values_are_fifths():
    cuts, scores = quintiles(np.arange(100.0))
    assert cuts.tolist() == [19.5, 39.5, 59.5, 79.5]
    assert scores.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("values", "cuts", "scores"),
    [
        ([1] * 70 + [2] * 15 + [5] * 15, [1.5, 3.5], [1, 4, 5]),  # 70 % are 1: nobody has 2 or 3
        ([1] * 10 + [9] * 90, [5.0], [1, 5]),
        ([4] * 9, [], [3]),
    ],
)
def test_equal_values_have_equal_scores(values, cuts, scores):
    found = quintiles(np.array(values, dtype=float))
    assert (found[0].tolist(), found[1].tolist()) == (cuts, scores)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_scores_rise_with_the_value_and_no_cut_point_is_a_value(values):
    cuts, scores = quintiles(np.array(values, dtype=float))
    assert len(scores) == len(cuts) + 1
    assert (np.diff(scores) > 0).all()
    assert 1 <= scores[0] <= scores[-1] <= 5
    assert not set(cuts.tolist()) & set(map(float, values))


def test_the_grid_as_an_algorithm_has_all_eleven_names_even_without_customers():
    points = customers(once=0.7)
    found = grid.rfm_grid(Data(points), 0, 42)
    assert found.model.k == len(NAMES)
    assert np.isfinite(found.model.costs(points)).all()


def test_a_grid_needs_its_three_axes_and_customers_who_differ():
    with pytest.raises(CannotFit, match="all customers are alike"):
        named_grid(np.zeros((10, 3)))
    with pytest.raises(CannotFit, match="first three axes"):
        named_grid(customers(20)[:, :2])
