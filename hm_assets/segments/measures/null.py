"""Data without segments, to hold results against: what a clustering reaches there it reaches for nothing.

The Gaussian copula keeps each column as it is (its skew, its humps, its many customers with one purchase) and how
columns rise and fall together; what it leaves out is any grouping beyond that. The Gaussian blob is the plainer one: it
keeps mean and covariance only.
"""

from collections.abc import Sequence

import numpy as np

from hm_assets.segments.fitting import Data
from hm_assets.segments.space import Floats

TUNING = 5
LARGEST_CORRELATION = 0.999


def gaussian_copula(
    points: Floats, rng: np.random.Generator, categories: Sequence[Sequence[int]] = ()
) -> Floats:
    """Draw n rows x axes with exactly the marginals of `points` and very nearly its rank correlations.

    Each column of the result is a permutation of the column of `points`, so ties and atoms keep their shares. Ties
    weaken a rank correlation; the latent one is raised until Spearman's of the draw is that of the points. Where ties
    do not allow it, it comes as near as it can.

    Each of the `categories`, given by its axes (`mixed.category_axes`), is drawn as one column of levels, so that
    everybody has one level again. The levels are ranked by where they lie along the first principal component of the
    numbers, which is as much of how they go together with these as one latent can keep.
    """
    if categories:
        return _with_categories(points, rng, categories)
    rows, axes = points.shape
    wanted = spearman(points)
    ordered = np.sort(points, axis=0)
    normal = rng.standard_normal((rows, axes))
    latent = 2 * np.sin(np.pi * wanted / 6)
    drawn = ordered
    for _ in range(TUNING):
        latent = _correlation(latent)
        places = np.argsort(
            np.argsort(normal @ _root(latent).T, axis=0, kind="stable"), axis=0, kind="stable"
        )
        drawn = np.take_along_axis(ordered, places, axis=0)
        latent = latent + wanted - spearman(drawn)
    return drawn


def gaussian_blob(points: Floats, rng: np.random.Generator) -> Floats:
    """Draw n rows x axes of one Gaussian with the mean and covariance of `points`."""
    covariance = np.atleast_2d(np.cov(points, rowvar=False, bias=True))
    return np.asarray(points.mean(axis=0) + rng.standard_normal(points.shape) @ _root(covariance).T)


def like(data: Data, kind: str, rng: np.random.Generator, categories: Sequence[Sequence[int]] = ()) -> Data:
    """Null data (`copula` or `blob`) with what the points did later as one more column, where it is known.

    A copula keeps `categories` whole; a blob is the plainest of all, and knows of none.
    """

    def draw(points: Floats) -> Floats:
        return gaussian_copula(points, rng, categories) if kind == "copula" else gaussian_blob(points, rng)

    if data.later is None:
        return Data(draw(data.points))
    both = draw(np.column_stack([data.points, data.later]))
    return Data(both[:, :-1], both[:, -1])


def spearman(points: Floats) -> Floats:
    """Spearman's rank correlations (axes x axes), ties at their mean rank, 0 for a column without differences."""
    from scipy.stats import rankdata

    ranks = rankdata(points, axis=0)
    ranks = ranks - ranks.mean(axis=0)
    lengths = np.sqrt((ranks**2).sum(axis=0))
    unit = np.divide(ranks, lengths, out=np.zeros_like(ranks), where=lengths > 0)
    found = unit.T @ unit
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _with_categories(points: Floats, rng: np.random.Generator, categories: Sequence[Sequence[int]]) -> Floats:
    taken = {axis for axes in categories for axis in axes}
    numeric = [axis for axis in range(points.shape[1]) if axis not in taken]
    main = _first_component(points[:, numeric])
    levels, ranks = [], []
    for axes in categories:
        found, of_row = np.unique(points[:, list(axes)], axis=0, return_inverse=True)
        of_row = of_row.reshape(-1)
        place = np.bincount(of_row, main) / np.bincount(of_row)
        order = np.argsort(place, kind="stable")
        levels.append(found[order])
        ranks.append(np.argsort(order)[of_row])
    drawn = gaussian_copula(np.column_stack([points[:, numeric], *ranks]), rng)
    together = np.empty_like(points)
    together[:, numeric] = drawn[:, : len(numeric)]
    for axes, found, rank in zip(categories, levels, drawn.T[len(numeric) :], strict=True):
        together[:, list(axes)] = found[rank.astype(np.int64)]
    return together


def _first_component(points: Floats) -> Floats:
    """Where each row lies along the direction of the largest variance; 0 without any axis."""
    if not points.shape[1]:
        return np.zeros(len(points))
    centred = points - points.mean(axis=0)
    return np.asarray(centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1])


def _correlation(wanted: Floats) -> Floats:
    """The correlation matrix next to a symmetric one: no value beyond +-0.999, no negative eigenvalue."""
    bounded = np.clip(wanted, -LARGEST_CORRELATION, LARGEST_CORRELATION)
    np.fill_diagonal(bounded, 1.0)
    values, vectors = np.linalg.eigh(bounded)
    found = (vectors * np.maximum(values, 1e-9)) @ vectors.T
    lengths = np.sqrt(np.diag(found))
    return np.asarray(found / np.outer(lengths, lengths))


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
