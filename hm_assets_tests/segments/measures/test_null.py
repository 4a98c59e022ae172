"""Data without segments."""

import numpy as np
import pytest

from hm_assets.segments.fitting import Data
from hm_assets.segments.measures.null import gaussian_blob, gaussian_copula, like, spearman
from hm_assets_tests.segments.blobs import blobs


def one_time_buyers(rows: int = 600):
    """Recency and log purchases with 40 % at one purchase, and a constant."""
    rng = np.random.default_rng(5)
    recency = rng.normal(size=rows)
    often = np.maximum(1, np.round(np.exp(0.6 - recency + 0.5 * rng.normal(size=rows))))
    return np.column_stack([recency, np.log1p(often), np.full(rows, 2.0)])


def test_a_copula_keeps_every_marginal_with_its_ties():
    points = one_time_buyers()
    drawn = gaussian_copula(points, np.random.default_rng(0))
    assert (np.sort(drawn, axis=0) == np.sort(points, axis=0)).all()
    assert 0.3 < np.mean(points[:, 1] == np.log(2)) < 0.5


def test_a_copula_keeps_rank_correlations_in_spite_of_ties():
    points = one_time_buyers()
    drawn = gaussian_copula(points, np.random.default_rng(0))
    assert np.allclose(spearman(drawn), spearman(points), atol=0.02)
    assert spearman(points)[0, 1] < -0.7


def test_a_copula_keeps_categories_whole_and_how_they_go_with_the_numbers():
    """Everybody has one channel again, as many have each, and who buys more is as often online."""
    rng = np.random.default_rng(3)
    spend = rng.standard_normal(900)
    channel = np.digitize(spend + 0.8 * rng.standard_normal(900), [-0.8, 0.4])[:, None] == [1, 2, 0]
    club = rng.permutation(900)[:, None] % 2 == [0, 1]
    points = np.column_stack([channel[:, :1], spend, channel[:, 1:], -(spend**3), club])
    drawn = gaussian_copula(points, np.random.default_rng(0), [[0, 2, 3], [5, 6]])
    assert (np.sort(drawn, axis=0) == np.sort(points, axis=0)).all()
    assert set(drawn[:, [0, 2, 3]].sum(axis=1)) == set(drawn[:, [5, 6]].sum(axis=1)) == {1.0}
    assert np.allclose(spearman(drawn), spearman(points), atol=0.08)
    assert spearman(points)[1, 2] > 0.5


def test_a_copula_of_categories_alone_keeps_their_shares():
    points = np.repeat(np.eye(3), (5, 10, 20), axis=0)
    drawn = gaussian_copula(points, np.random.default_rng(0), [[0, 1, 2]])
    assert drawn.sum(axis=0).tolist() == [5, 10, 20]
    assert (drawn.sum(axis=1) == 1).all()


def test_a_copula_breaks_groups_up():
    """Two groups on a diagonal: in the copula the other two corners are no longer empty."""
    points = blobs(300, [[0, 0], [0, 9], [9, 0]])
    drawn = gaussian_copula(points, np.random.default_rng(0))
    assert (points.min(axis=1) > 4).sum() == 0
    assert (drawn.min(axis=1) > 4).sum() > 10


def test_a_blob_keeps_mean_and_covariance():
    points = blobs(1000, [[0, 0, 1], [4, 8, 1]])
    points[:, 2] = 1.0
    drawn = gaussian_blob(points, np.random.default_rng(0))
    assert np.allclose(drawn.mean(axis=0), points.mean(axis=0), atol=0.4)
    assert np.allclose(np.cov(drawn.T), np.cov(points.T), rtol=0.1, atol=0.1)
    assert np.allclose(drawn[:, 2], 1.0)


@pytest.mark.parametrize("kind", ["copula", "blob"])
def test_what_came_later_stays_beside_the_points(kind):
    points = one_time_buyers()[:, :2]
    data = Data(points, points[:, 1] * 2 + 1)
    drawn = like(data, kind, np.random.default_rng(1))
    assert drawn.points.shape == points.shape
    assert spearman(np.column_stack([drawn.points[:, 1], drawn.later]))[0, 1] > 0.95
    again = like(data, kind, np.random.default_rng(1))
    assert (drawn.points.tobytes(), drawn.later.tobytes()) == (again.points.tobytes(), again.later.tobytes())
    assert like(Data(points), kind, np.random.default_rng(1)).later is None


@pytest.mark.parametrize("draw", [gaussian_copula, gaussian_blob])
@pytest.mark.parametrize("points", [np.ones((1, 2)), np.zeros((5, 3)), np.arange(4.0).reshape(4, 1)])
def test_degenerate_points_are_drawn_without_a_fault(draw, points):
    drawn = draw(points, np.random.default_rng(0))
    assert drawn.shape == points.shape
    assert np.isfinite(drawn).all()
