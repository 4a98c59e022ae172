"""k-prototypes (Huang 1998): k-means for numbers and categories side by side.

The centre of a segment is the mean of each number and the mode of each category; the squared distance is that of the
numbers plus gamma for every category that is another. In the lab's space a category is one axis per level, 1/sqrt(2)
where it has the level, so that two levels are 1 apart, squared: a weight of gamma on these axes makes it the
model of centres. A level that was not there at fitting is half a gamma from every segment, and so decides nothing.
"""

from collections.abc import Sequence

import numpy as np

from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.fitting import Data, Fit, Fitted
from hm_assets.segments.models import Centres
from hm_assets.segments.space import Floats, Ints, Space

STARTS, ITERATIONS = 10, 100


def k_prototypes(groups: Sequence[Sequence[int]], gamma: float | None = None) -> Fit:
    """k-prototypes for a space where these groups of axes are one category each.

    All rows move at once, as in Lloyd's k-means; Huang moves one at a time. Ten k-means++ starts.

    Parameters
    ----------
    groups
        For each category its axes (`category_axes`).
    gamma
        What a category that differs costs, in squared units of the numeric axes. By default Huang's rule, half the mean
        standard deviation of the numeric axes; 1 where there is none.

    Returns
    -------
    A fit with the facts `gamma`, `cost` (sum of squared distances), `iterations`, `converged`.
    """

    @guarded
    def fit(data: Data, k: int, seed: int) -> Fitted:
        from sklearn.cluster import kmeans_plusplus

        points = data.points
        categorical = np.zeros(points.shape[1], dtype=bool)
        categorical[[axis for group in groups for axis in group]] = True
        price = _huangs_gamma(points[:, ~categorical]) if gamma is None else gamma
        weights = np.where(categorical, price, 1.0)
        rng = np.random.default_rng(seed)
        best: tuple[float, int, Centres] | None = None
        for _ in range(STARTS):
            start = int(rng.integers(2**31))
            rows = kmeans_plusplus(points * np.sqrt(weights), k, random_state=start)[1]
            found = _descend(points, Centres(points[rows], weights), groups)
            if best is None or found[0] < best[0]:
                best = found
        assert best is not None
        cost, iterations, model = best
        facts = {
            "gamma": float(price),
            "cost": cost,
            "iterations": float(iterations),
            "converged": float(iterations < ITERATIONS),
        }
        return Fitted(model, facts=facts)

    return fit


def category_axes(space: Space) -> list[list[int]]:
    """For each category of a space the positions of its axes."""
    found: dict[str, list[int]] = {}
    for i, axis in enumerate(space.coordinates):
        if axis.level is not None:
            found.setdefault(axis.column, []).append(i)
    return list(found.values())


def _huangs_gamma(numeric: Floats) -> float:
    deviation = float(numeric.std(axis=0).mean()) if numeric.shape[1] else 0.0
    return 0.5 * deviation or 1.0


def _descend(points: Floats, model: Centres, groups: Sequence[Sequence[int]]) -> tuple[float, int, Centres]:
    """Cost, iterations and prototypes where no row changes its segment any more."""
    labels = np.full(len(points), -1, dtype=np.int64)
    iterations = 0
    while iterations < ITERATIONS:
        iterations += 1
        costs = model.costs(points)
        now = costs.argmin(axis=1)
        if (now == labels).all():
            break
        labels = now
        rows = _with_empty_ones_filled(labels, costs.min(axis=1), model.k)
        centres = np.stack([_prototype(points[rows == segment], groups) for segment in range(model.k)])
        model = Centres(centres, model.weights)
    return float((model.costs(points).min(axis=1) ** 2).sum()), iterations, model


def _with_empty_ones_filled(labels: Ints, costs: Floats, k: int) -> Ints:
    """The labels, where a segment that nobody is in takes the row that is farthest from its prototype."""
    filled, costs = labels.copy(), costs.copy()
    for segment in np.flatnonzero(np.bincount(labels, minlength=k) == 0):
        row = int(costs.argmax())
        filled[row], costs[row] = segment, -1.0
    return filled


def _prototype(rows: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    found = np.asarray(rows.mean(axis=0))
    for group in groups:
        # Of equally frequent levels the first.
        mode = group[int(found[list(group)].argmax())]
        found[list(group)] = 0.0
        found[mode] = 1 / np.sqrt(2)
    return found
