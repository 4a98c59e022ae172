"""Indices of a clustering."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from hm_assets.segments.measures.quality import (
    centroid_silhouette,
    judge,
    silhouette,
    silhouette_values,
)
from hm_assets_tests.segments.blobs import blobs

FOUR = np.array([[0.0], [1.0], [10.0], [12.0]])
PAIRS = np.array([0, 0, 1, 1])
# Of each point: own distance, mean distance to the other pair.
BY_HAND = [(11 - 1) / 11, (10 - 1) / 10, (9.5 - 2) / 9.5, (11.5 - 2) / 11.5]
THREE = blobs(200, [[0, 0], [6, 0], [0, 6]])
LABELS = np.repeat([0, 1, 2], 200)


def test_four_points_by_hand():
    found = judge(FOUR, PAIRS, 2, seed=0)
    assert found.silhouette.mean == pytest.approx(np.mean(BY_HAND))
    own, other = np.array([0.5, 0.5, 1, 1]), np.array([11, 10, 9.5, 11.5])
    assert found.centroid_silhouette == pytest.approx(np.mean((other - own) / other))
    assert found.inertia == pytest.approx(0.5 + 2)
    assert found.calinski_harabasz == pytest.approx((10.5**2) / (2.5 / 2))
    assert found.davies_bouldin == pytest.approx((0.5 + 1) / 10.5)
    assert (found.smallest_share, found.largest_share, found.noise_share) == (0.5, 0.5, 0.0)
    assert (found.silhouette.low, found.silhouette.high) == (-1, 1)  # nothing is known of the spread of four


def test_values_for_the_plot_are_sorted_within_each_label():
    labels, values = silhouette_values(FOUR, PAIRS, seed=0)
    assert labels.tolist() == [0, 0, 1, 1]
    assert values.tolist() == pytest.approx([BY_HAND[0], BY_HAND[1], BY_HAND[3], BY_HAND[2]])


def test_noise_is_left_out_of_the_indices_and_counted():
    points, labels = np.append(FOUR, [[500.0]], axis=0), np.append(PAIRS, -1)
    found, clean = judge(points, labels, 2, seed=0), judge(FOUR, PAIRS, 2, seed=0)
    assert found.inertia == clean.inertia
    assert found.silhouette.mean == clean.silhouette.mean
    assert (found.noise_share, found.largest_share) == (pytest.approx(0.2), pytest.approx(0.4))
    assert silhouette_values(points, labels, seed=0)[0].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("labels", "k"), [([0, 0, 0, 0], 1), ([1, 1, 1, 1], 2), ([0, 1, 2, 3], 4), ([-1, -1, -1, -1], 3)]
)
def test_an_index_that_does_not_exist_is_none(labels, k):
    found = judge(FOUR, np.array(labels), k, seed=0)
    assert found.silhouette is found.centroid_silhouette is found.calinski_harabasz is None
    assert found.davies_bouldin is None
    assert silhouette_values(FOUR, np.array(labels), seed=0)[1].tolist() == []


def test_a_segment_with_nobody_has_the_share_0():
    assert judge(FOUR, PAIRS, 3, seed=0).smallest_share == 0.0


def test_equal_points_in_two_clusters_have_no_separation():
    found = judge(np.zeros((4, 2)), PAIRS, 2, seed=0)
    assert (found.silhouette.mean, found.centroid_silhouette, found.inertia) == (0.0, 0.0, 0.0)
    assert found.calinski_harabasz is None


@pytest.mark.parametrize("labels", [[0, 0, 1, 2], [0, 0, 1, -2]])
def test_labels_beyond_the_clusters_are_refused(labels):
    with pytest.raises(ValueError, match="-1 to 1"):
        judge(FOUR, np.array(labels), 2, seed=0)


def test_samples_agree_with_all_rows_and_their_interval_holds_it():
    """A rare label is sampled more than its share; the weights undo that."""
    points = np.concatenate([THREE, blobs(6, [[6, 6]], seed=1)])
    labels = np.concatenate([LABELS, [3] * 6])
    exact = silhouette_score(points, labels)
    found = [silhouette(points, labels, seed, rows=120, repeats=3) for seed in range(12)]
    assert np.mean([item.mean for item in found]) == pytest.approx(exact, abs=0.01)
    assert sum(item.low <= exact <= item.high for item in found) >= 11
    assert all(item.high - item.low < 0.15 for item in found)


def test_the_interval_covers_other_customers_too():
    """Exact for these rows is not exact for the next customers from the same place."""
    wide = silhouette(THREE[::6], LABELS[::6], seed=0)
    narrow = silhouette(THREE, LABELS, seed=0)
    assert 0 < narrow.high - narrow.low < wide.high - wide.low
    others = [
        silhouette(blobs(200, [[0, 0], [6, 0], [0, 6]], seed=seed), LABELS, seed=0) for seed in range(1, 31)
    ]
    usual = np.mean([item.mean for item in others])
    assert sum(item.low <= usual <= item.high for item in others) >= 26


def test_the_order_of_labels_and_of_rows_changes_nothing_but_the_last_digits():
    order = np.random.default_rng(3).permutation(len(LABELS))
    found = judge(THREE, LABELS, 3, seed=1)
    other = judge(THREE[order], (2 - LABELS)[order], 3, seed=1)
    assert other.silhouette.mean == pytest.approx(found.silhouette.mean)
    assert other.calinski_harabasz == pytest.approx(found.calinski_harabasz)
    assert other.davies_bouldin == pytest.approx(found.davies_bouldin)
    assert judge(THREE, LABELS, 3, seed=1, rows=100) == judge(THREE, LABELS, 3, seed=1, rows=100)


def test_separated_groups_are_judged_better_than_blurred_ones():
    blurred = blobs(200, [[0, 0], [2, 0], [0, 2]])
    better, worse = judge(THREE, LABELS, 3, seed=0), judge(blurred, LABELS, 3, seed=0)
    assert better.silhouette.low > worse.silhouette.high
    assert better.davies_bouldin < worse.davies_bouldin
    assert centroid_silhouette(THREE, LABELS) > centroid_silhouette(blurred, LABELS)
