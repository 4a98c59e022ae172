"""A decision tree that repeats labels, so that algorithms which only label their own rows can place anybody.

How likely each segment is in a node is shrunk towards the node's ancestors (hierarchical shrinkage, Agarwal et al.
2022): a leaf of few rows says less than its parent, nothing is impossible, and next to a pure leaf comes what its
parent has.

scikit-learn compares points rounded to float32 with a threshold midway between two such values. Rounding moves a
value by at most half of their distance, so the rows that were learned from fall into the same leaf in float64.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.segments.fitting import NOISE, CannotFit
from hm_assets.segments.models import Tree, nearest
from hm_assets.segments.space import Floats, Ints

MOST_LEAVES = 64
ROWS_PER_LEAF = 10
HELD_OUT = 5
SHRINKAGE = 1.0
# A rule is certain of its leaves; this only says which segment comes next.
RULE_SHRINKAGE = 0.1


def tree_of(points: Floats, labels: Ints, seed: int) -> tuple[Tree, float]:
    """A tree that repeats labels, and on which share of held-out rows it does.

    Parameters
    ----------
    points
        n x axes.
    labels
        n, from 0 up; rows of noise (-1) are left out.
    seed
        Of which fifth of each segment is held out; the tree that is returned has learned from all rows. Fewer than
        five rows cannot spare one, and are asked about themselves.

    Raises
    ------
    CannotFit
        All rows are noise.
    """
    kept = labels != NOISE
    points, labels = points[kept], labels[kept]
    if not len(labels):
        raise CannotFit("every customer is noise: there is no segment to place anybody in")
    k = int(labels.max()) + 1
    whole = _classifier(points, labels, k, seed)
    if len(labels) < HELD_OUT:
        return whole, float(np.mean(nearest(whole, points) == labels))
    held_out = _fifth(labels, seed)
    learned = _classifier(points[~held_out], labels[~held_out], k, seed)
    return whole, float(np.mean(nearest(learned, points[held_out]) == labels[held_out]))


def tree_of_leaves(axes: Ints, thresholds: Floats, left: Ints, right: Ints, segments: Ints, k: int) -> Tree:
    """A tree whose leaves are the segments by rule: the leaf's own is the likeliest, next comes what its sibling has.

    Every leaf counts as one, however many rows are in it: a rule has no frequency.

    Parameters
    ----------
    axes, thresholds, left, right
        As in `Tree`, every node before its children.
    segments
        The segment of each leaf; what stands at other nodes does not matter.
    k
        Number of segments; one without a leaf is possible nowhere and still not impossible.
    """
    counts = np.zeros((len(left), k))
    for node in reversed(range(len(left))):
        if left[node] < 0:
            counts[node, segments[node]] = 1
        else:
            counts[node] = counts[left[node]] + counts[right[node]]
    return Tree(axes, thresholds, left, right, shrunk(left, right, counts, RULE_SHRINKAGE))


def shrunk(left: Ints, right: Ints, counts: Floats, shrinkage: float) -> Floats:
    """Shares of the segments in each node (nodes x k), all above 0, of counts that every node has of its own.

    Along a path t_0 .. t_l of nodes with N rows and shares E this is E(t_0) + sum over i of
    (E(t_i) - E(t_i-1)) / (1 + shrinkage / N(t_i-1)), written as a sum of parts that are never negative.
    """
    rows = counts.sum(axis=1, keepdims=True)
    shares = counts / rows
    # One more of each, so that what the root has never seen is rare and not impossible.
    shares[0] = (counts[0] + 1) / (rows[0] + counts.shape[1])
    weights, above = np.ones(len(left)), np.zeros_like(shares)
    for node in np.flatnonzero(left >= 0):
        weight = float(rows[node, 0] / (rows[node, 0] + shrinkage))
        for child in (left[node], right[node]):
            weights[child] = weight
            above[child] = above[node] + shares[node] * (weights[node] - weight)
    found = above + shares * weights[:, None]
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def structure(tree: Any) -> tuple[Ints, Floats, Ints, Ints]:
    """Axes, thresholds, left and right children of a fitted scikit-learn tree (its `tree_`), as in `Tree`."""
    inner = tree.children_left >= 0
    return (
        np.where(inner, tree.feature, -1).astype(np.int64),
        np.where(inner, tree.threshold, 0.0).astype(np.float64),
        tree.children_left.astype(np.int64),
        tree.children_right.astype(np.int64),
    )


def _classifier(points: Floats, labels: Ints, k: int, seed: int) -> Tree:
    from sklearn.tree import DecisionTreeClassifier

    leaves = min(MOST_LEAVES, max(2 * k, len(points) // ROWS_PER_LEAF))
    fitted = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=seed).fit(points, labels)
    axes, thresholds, left, right = structure(fitted.tree_)
    counts = np.zeros((len(left), k))
    # Since scikit-learn 1.3 a node's value is the shares of the classes.
    counts[:, fitted.classes_] = fitted.tree_.value[:, 0, :] * fitted.tree_.n_node_samples[:, None]
    return Tree(axes, thresholds, left, right, shrunk(left, right, counts, SHRINKAGE))


def _fifth(labels: Ints, seed: int) -> npt.NDArray[np.bool_]:
    """Which rows are held out: every fifth of each segment, by lot."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    held_out = np.zeros(len(labels), dtype=bool)
    held_out[by_label[HELD_OUT - 1 :: HELD_OUT]] = True
    return held_out
