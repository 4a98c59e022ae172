"""k-means and its relatives."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from hm_assets.segments.algorithms import centres
from hm_assets.segments.fitting import Data
from hm_assets.segments.models import nearest
from hm_assets_tests.segments.algorithms.planted import blobs, one_cloud


def test_kmeans_is_scikit_learns_with_ten_starts():
    points = one_cloud()
    found = centres.kmeans(Data(points), 5, 42)
    bare = KMeans(5, n_init=10, max_iter=300, random_state=42).fit(points[np.lexsort(points.T[::-1])])
    assert found.facts["inertia"] == pytest.approx(bare.inertia_, rel=1e-12)
    assert found.facts["converged"] == 1.0
    distances = found.model.costs(points).min(axis=1)
    assert (distances**2).sum() == pytest.approx(found.facts["inertia"])


def test_many_rows_start_on_a_sample_and_end_on_all(monkeypatch):
    points, truth = blobs(300)
    whole = centres.kmeans(Data(points), 4, 42)
    monkeypatch.setattr(centres, "STARTS_ON", 100)
    found = centres.kmeans(Data(points), 4, 42)
    assert adjusted_rand_score(truth, nearest(found.model, points)) > 0.99
    # The centres are those of all rows: no sample of 100 has them.
    assert found.facts["inertia"] == pytest.approx(whole.facts["inertia"], rel=1e-9)


def test_minibatches_lose_little():
    points = one_cloud(3_000)
    exact, quick = (fit(Data(points), 4, 42) for fit in (centres.kmeans, centres.minibatch_kmeans))
    assert 1.0 <= quick.facts["inertia"] / exact.facts["inertia"] < 1.1


def test_bisecting_says_how_often_the_nearest_centre_is_where_its_cuts_lead():
    points = one_cloud(1_000)
    found = centres.bisecting_kmeans(Data(points), 5, 42)
    assert found.facts["agreement"] == np.mean(nearest(found.model, points) == found.own)
    assert 0.7 < found.facts["agreement"] < 1.0


def test_one_segment_is_the_mean():
    """For the gap statistic, which asks whether two are better than one."""
    points = one_cloud()
    assert np.allclose(centres.kmeans(Data(points), 1, 42).model.centres, points.mean(axis=0))
