"""k-prototypes."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments.algorithms.mixed import category_axes, k_prototypes
from hm_assets.segments.fitting import Data
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Coordinate, Space
from hm_assets_tests.segments.algorithms.planted import mixed

LEVELS = [[1, 2, 3]]


def placed(points: np.ndarray, gamma: float | None = None, k: int = 4) -> np.ndarray:
    return nearest(k_prototypes(LEVELS, gamma)(Data(points), k, 42).model, points)


def test_a_permuted_category_changes_the_segments():
    """Trap T33: numbers alone would not notice."""
    points, truth = mixed()
    shuffled = points.copy()
    shuffled[:, 1:] = points[np.random.default_rng(1).permutation(len(points)), 1:]
    assert adjusted_rand_score(truth, placed(points)) == 1.0
    assert adjusted_rand_score(placed(points), placed(shuffled)) < 0.7


def test_gamma_is_huangs_rule_and_says_how_much_a_category_counts():
    points, truth = mixed()
    found = k_prototypes(LEVELS)(Data(points), 4, 42)
    assert found.facts["gamma"] == pytest.approx(points[:, 0].std() / 2)
    halves = placed(points, gamma=1e-9, k=2), placed(points, gamma=100.0, k=2)
    assert adjusted_rand_score(truth // 2, halves[0]) == 1.0
    assert adjusted_rand_score(truth % 2, halves[1]) == 1.0
    categories_only = k_prototypes([[0, 1, 2]])(Data(points[:, 1:]), 2, 42)
    assert categories_only.facts["gamma"] == 1.0


def test_a_prototype_is_the_mean_of_numbers_and_the_mode_of_categories():
    points, _ = mixed()
    model = k_prototypes(LEVELS)(Data(points), 3, 42).model
    own = nearest(model, points)
    for segment, centre in enumerate(model.centres):
        rows = points[own == segment]
        assert centre[0] == pytest.approx(rows[:, 0].mean())
        assert centre[1:] == pytest.approx(np.eye(3)[rows[:, 1:].sum(axis=0).argmax()] / np.sqrt(2))


def test_another_level_is_gamma_away_and_an_unknown_one_half_of_it_from_all():
    points, _ = mixed()
    model = k_prototypes(LEVELS, 0.8)(Data(points), 4, 42).model
    here = model.centres[:1].copy()
    other, unknown = here.copy(), here.copy()
    other[0, 1:] = np.roll(here[0, 1:], 1)
    unknown[0, 1:] = 0
    assert model.costs(other)[0, 0] ** 2 == pytest.approx(0.8)
    from_all = model.costs(unknown)[0] ** 2 - (model.centres[:, 0] - here[0, 0]) ** 2
    assert from_all == pytest.approx(0.4)


def test_the_axes_of_a_category_are_those_of_its_column():
    axes = (
        Coordinate("a", level="x"),
        Coordinate("n"),
        Coordinate("b", level="x"),
        Coordinate("a", level="y"),
    )
    assert category_axes(Space("s", axes)) == [[0, 3], [2]]
