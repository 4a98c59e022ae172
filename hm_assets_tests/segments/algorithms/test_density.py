"""DBSCAN's grid and knee, and HDBSCAN."""

import math

import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from sklearn.metrics import silhouette_score

from hm_assets.segments.algorithms import density
from hm_assets.segments.algorithms.density import Cell
from hm_assets.segments.fitting import NOISE, CannotFit, Data
from hm_assets_tests.segments.algorithms.planted import blobs


def cell(**facts) -> Cell:
    usual = {"eps": 0.5, "min_samples": 5, "clusters": 3, "noise_share": 0.1, "silhouette": 0.5}
    return Cell(**{**usual, "core": 80, "border": 10, "noise": 10, **facts})


def test_the_grid_is_the_required_one_and_the_knees_distance():
    points, _ = blobs(40)
    cells = density.grid(points)
    asked = [(found.eps, found.min_samples) for found in cells]
    assert asked[:25] == [(eps, least) for eps in (0.3, 0.5, 0.7, 1.0, 1.5) for least in (3, 5, 10, 15, 20)]
    assert {eps for eps, _ in asked[25:]} == {density.knee(density.k_distances(points))}
    assert len(asked) == 30


def test_a_cell_is_what_dbscan_says():
    points, _ = blobs(40)
    points = points[np.lexsort(points.T[::-1])]
    (found,) = [c for c in density.grid(points) if (c.eps, c.min_samples) == (0.5, 5)]
    bare = DBSCAN(eps=0.5, min_samples=5).fit(points)
    inside = bare.labels_ != NOISE
    assert found.core == len(bare.core_sample_indices_)
    assert found.noise == (~inside).sum()
    assert found.core + found.border + found.noise == len(points)
    assert found.noise_share == found.noise / len(points)
    assert found.clusters == bare.labels_.max() + 1
    assert found.silhouette == pytest.approx(silhouette_score(points[inside], bare.labels_[inside]))


def test_the_k_distance_is_that_of_the_fifth_other_point():
    line = np.arange(11)[:, None] * 1.0
    assert density.k_distances(line).tolist() == [3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5]
    with pytest.raises(CannotFit, match="no 5 neighbours"):
        density.k_distances(line[:5])


def test_the_knee_is_where_the_curve_bends():
    assert density.knee(np.array([1.0, 1.1, 1.2, 1.3, 5.0, 9.0])) == 1.3
    assert density.knee(np.array([2.0, 2.0, 2.0])) == 2.0


@pytest.mark.parametrize(
    ("cells", "eps"),
    [
        ([cell(eps=0.3, silhouette=0.4), cell(eps=0.5, silhouette=0.6)], 0.5),
        ([cell(eps=0.3, silhouette=0.9, noise_share=0.41), cell(eps=0.5)], 0.5),
        ([cell(eps=0.3, silhouette=0.9, clusters=11), cell(eps=0.5)], 0.5),
        ([cell(eps=0.3, silhouette=math.nan, clusters=1), cell(eps=0.5)], 0.5),
        ([cell(eps=0.7), cell(eps=1.0)], 0.7),
        ([cell(eps=0.3, silhouette=0.55, noise_share=0.35), cell(eps=0.5)], 0.5),  # noise is not clearness
    ],
)
def test_the_clearest_reasonable_cell_is_taken(cells, eps):
    assert density.best(cells).eps == eps
    assert density.best(cells[::-1]).eps == eps


def test_one_dense_region_is_no_segmentation_and_the_words_say_so():
    lattice = np.indices((7, 7, 7)).reshape(3, -1).T * 0.4
    with pytest.raises(CannotFit, match="no density separates the customers: of 30 settings"):
        density.dbscan(Data(lattice), 0, 42)
    thinning_out = np.arange(100.0)[:, None] ** 2
    with pytest.raises(CannotFit, match="no two dense regions hold 5 of 100 customers each"):
        density.hdbscan(Data(thinning_out), 0, 42)


def test_outliers_are_noise_and_are_placed_all_the_same():
    points, truth = blobs(40)
    far = np.array([[9.0, 9, 9], [-9, 9, 9]])
    found = density.dbscan(Data(np.concatenate([points, far])), 0, 42)
    assert (found.own[-2:] == NOISE).all()
    assert found.noise_share == found.facts["noise"] / len(found.own)
    assert found.model.k == len(set(truth.tolist()))
    assert np.isfinite(found.model.costs(far)).all()


def test_each_of_hdbscans_clusters_is_a_twentieth_at_least():
    points, _ = blobs(60)
    crumb = np.random.default_rng(0).normal(20, 0.1, (8, 3))
    found = density.hdbscan(Data(np.concatenate([points, crumb])), 0, 42)
    assert found.facts["min_cluster_size"] == math.ceil(0.05 * 248)
    assert np.bincount(found.own[found.own >= 0]).min() >= 13
    assert found.facts["noise"] == (found.own == NOISE).sum() > 0
    assert found.facts["silhouette"] > 0.5
    assert found.model.k == 4


def test_equal_points_are_no_reason_to_warn(recwarn):
    points, _ = blobs(20)
    for fit in (density.dbscan, density.hdbscan):
        fit(Data(np.repeat(points, 8, axis=0)), 0, 42)
    assert not recwarn.list
