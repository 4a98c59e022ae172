"""Segments by what customers did later: a shallow regression tree (Breiman et al. 1984) on an earlier month."""

import numpy as np

from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.algorithms.propagation import structure, tree_of_leaves
from hm_assets.segments.fitting import SMALLEST_SHARE, CannotFit, Data, Fitted


@guarded
def supervised_tree(data: Data, k: int, seed: int) -> Fitted:
    """At most k segments that tell best what `data.later` was: each is a leaf with at least 5 % of the rows.

    Facts: `r2` (share of the variance of `later` that the leaves explain, on the rows that were learned from).

    Raises
    ------
    CannotFit
        It was not told what happened later, or no split of the rows tells anything about it.
    """
    from sklearn.tree import DecisionTreeRegressor

    if data.later is None or not np.isfinite(data.later).all():
        raise CannotFit("a supervised tree needs to know what every customer did later")
    fitted = DecisionTreeRegressor(max_leaf_nodes=k, min_samples_leaf=SMALLEST_SHARE, random_state=seed)
    fitted.fit(data.points, data.later)
    axes, thresholds, left, right = structure(fitted.tree_)
    leaves = np.flatnonzero(left < 0)
    if len(leaves) < 2:
        raise CannotFit("nothing that is known of the customers tells what they did later")
    segments = np.full(len(left), -1)
    segments[leaves] = np.arange(len(leaves))
    model = tree_of_leaves(axes, thresholds, left, right, segments, len(leaves))
    return Fitted(model, facts={"r2": float(fitted.score(data.points, data.later))})
