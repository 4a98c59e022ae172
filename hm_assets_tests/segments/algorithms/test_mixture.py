"""The mixture of Gaussians."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from hm_assets.segments.algorithms import mixture
from hm_assets.segments.fitting import Data
from hm_assets.segments.models import confidence, nearest
from hm_assets_tests.segments.algorithms.planted import blobs, one_cloud


def test_clouds_of_another_shape_are_told_apart_where_nearest_centres_are_not_enough():
    rng = np.random.default_rng(0)
    crossed = np.concatenate([rng.normal(size=(300, 2)) * [3, 0.1], rng.normal(size=(300, 2)) * [0.1, 3]])
    truth = np.repeat([0, 1], 300)
    found = mixture.gaussian_mixture(Data(crossed), 2, 42)
    assert adjusted_rand_score(truth, nearest(found.model, crossed)) > 0.8
    assert found.facts["converged"] == 1.0


def test_costs_are_logarithms_of_the_probabilities_that_scikit_learn_gives():
    points = one_cloud()
    found = mixture.gaussian_mixture(Data(points), 3, 42)
    bare = GaussianMixture(3)
    bare.weights_, bare.means_ = found.model.weights, found.model.means
    bare.precisions_cholesky_ = found.model.precisions
    costs = found.model.costs(points)
    assert (nearest(found.model, points) == bare.predict(points)).all()
    assert np.allclose(confidence(found.model, costs), bare.predict_proba(points).max(axis=1), atol=1e-9)
    assert found.facts["bic"] == pytest.approx(bare.bic(points))
    assert found.facts["aic"] == pytest.approx(bare.aic(points))


def test_bic_finds_the_planted_number():
    points, _ = blobs(80)
    bics = {k: mixture.gaussian_mixture(Data(points), k, 42).facts["bic"] for k in range(2, 7)}
    assert min(bics, key=bics.get) == 4


def test_many_rows_start_on_a_sample_and_end_on_all(monkeypatch):
    points, _ = blobs(300)
    whole = mixture.gaussian_mixture(Data(points), 4, 42)
    monkeypatch.setattr(mixture, "STARTS_ON", 150)
    found = mixture.gaussian_mixture(Data(points), 4, 42)
    assert found.facts["bic"] == pytest.approx(whole.facts["bic"], rel=1e-4)


def test_customers_in_a_plane_have_a_width_all_the_same():
    """Who bought once has a frequency without any variance."""
    points, _ = blobs(80)
    points[:160, 1] = 0.0
    found = mixture.gaussian_mixture(Data(points), 3, 42)
    assert np.isfinite(found.model.costs(points)).all()
    deviations = 1 / np.diagonal(found.model.precisions, axis1=1, axis2=2)
    assert deviations.min() >= np.sqrt(mixture.LEAST_VARIANCE) * 0.99
