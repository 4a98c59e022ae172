"""Trees that repeat labels, and how sure they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from hm_assets.segments.algorithms.propagation import shrunk, structure, tree_of, tree_of_leaves
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.models import Tree, nearest
from hm_assets_tests.segments.algorithms.planted import blobs, one_cloud

# Two questions on one axis: below -1, up to 1, above.
QUESTIONS = (
    np.array([0, 0, -1, -1, -1]),
    np.array([1.0, -1.0, 0.0, 0.0, 0.0]),
    np.array([1, 2, -1, -1, -1]),
    np.array([4, 3, -1, -1, -1]),
)


def test_labels_of_planted_groups_are_repeated():
    points, truth = blobs()
    tree, agreement = tree_of(points, truth, 42)
    assert agreement > 0.95
    assert np.mean(nearest(tree, points) == truth) > 0.98


def test_the_agreement_is_that_of_rows_which_were_not_learned_from():
    points = one_cloud(500)
    coins = np.random.default_rng(1).integers(0, 2, 500)
    _, agreement = tree_of(points, coins, 42)
    assert agreement < 0.65


def test_noise_is_left_out():
    points, truth = blobs()
    with_noise = np.concatenate([points, one_cloud(100) * 9])
    labels = np.concatenate([truth, np.full(100, -1)])
    assert tree_of(with_noise, labels, 42)[0].as_json() == tree_of(points, truth, 42)[0].as_json()
    with pytest.raises(CannotFit, match="every customer is noise"):
        tree_of(points, np.full(len(points), -1), 42)


@pytest.mark.parametrize("rows", [1, 2, 4, 9])
def test_few_rows_do(rows):
    tree, agreement = tree_of(np.arange(rows)[:, None] * 1.0, np.arange(rows) % 2, 0)
    assert 0 <= agreement <= 1
    assert np.allclose(tree.memberships.sum(axis=1), 1)


@given(st.integers(0, 2**31), st.sampled_from([1e-6, 1e-3, 1.0, 1e4]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_float64_leads_to_the_leaf_that_scikit_learn_takes_in_float32(seed, scale, tied):
    rng = np.random.default_rng(seed)
    points = rng.normal(1, scale, (200, 3))
    points = points.round(1) if tied else points
    labels = rng.integers(0, 4, 200)
    bare = DecisionTreeClassifier(random_state=0).fit(points, labels)
    axes, thresholds, left, right = structure(bare.tree_)
    tree = Tree(axes, thresholds, left, right, np.ones((len(left), 4)))
    assert (tree.leaves(points) == bare.apply(points)).all()


def test_shrinkage_is_the_published_sum():
    _, _, left, right = QUESTIONS
    counts = np.array([[6, 3, 1], [6, 0, 1], [6, 0, 0], [0, 0, 1], [0, 3, 0]], dtype=float)
    found = shrunk(left, right, counts, 2.0)
    raw = counts / counts.sum(axis=1, keepdims=True)
    root = (counts[0] + 1) / 13
    expected = root + (raw[1] - root) / (1 + 2 / 10) + (raw[2] - raw[1]) / (1 + 2 / 7)
    assert np.allclose(found[2], expected)
    assert np.allclose(found.sum(axis=1), 1)
    assert (found > 0).all()


def test_next_to_a_pure_leaf_comes_what_its_parent_has():
    points, truth = blobs(axes=1)
    tree, _ = tree_of(points, truth, 42)
    pure = [n for n in np.flatnonzero(tree.left < 0) if tree.memberships[n].max() > 0.9]
    assert len(pure) >= 3
    for leaf in pure:
        parent = np.flatnonzero((tree.left == leaf) | (tree.right == leaf))[0]
        own, second = np.argsort(-tree.memberships[leaf])[:2]
        rest = np.delete(tree.memberships[parent], own)
        assert tree.memberships[parent, second] == rest.max()


def test_a_rules_leaf_is_its_own_segment_and_its_sibling_comes_next():
    tree = tree_of_leaves(*QUESTIONS, np.array([-1, -1, 0, 2, 1]), 3)
    points = np.array([[-2.0], [0.0], [2.0]])
    assert np.argsort(tree.costs(points), axis=1).tolist()[:2] == [[0, 2, 1], [2, 0, 1]]
    assert nearest(tree, points).tolist() == [0, 2, 1]
    assert (tree.memberships > 0).all()
