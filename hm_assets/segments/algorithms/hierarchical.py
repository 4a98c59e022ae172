"""Agglomerative clustering with Ward's (1963) criterion: the two groups whose union adds the least variance merge.

Its memory grows with the square of the rows, so it sees a sample and a tree places the rest.
"""

import numpy as np

from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.algorithms.propagation import tree_of
from hm_assets.segments.fitting import Data, Fitted
from hm_assets.segments.space import Floats, Ints


@guarded
def ward(data: Data, k: int, seed: int) -> Fitted:
    """Ward's tree cut into k groups.

    Facts: `agreement`, and `merge_height`: at which height two of the k groups would merge next.
    """
    merges = ward_linkage(data.points)
    own = cut(merges, k)
    model, agreement = tree_of(data.points, own, seed)
    height = float(merges[len(data) - k, 2]) if k > 1 else 0.0
    return Fitted(model, own, {"agreement": agreement, "merge_height": height})


def ward_linkage(points: Floats) -> Floats:
    """The n - 1 merges of n points (n - 1 x 4: two groups, height, rows), as SciPy's dendrogram reads them."""
    from scipy.cluster.hierarchy import linkage

    return np.asarray(linkage(points, "ward"))


def cut(merges: Floats, k: int) -> Ints:
    """The labels (n, 0 to k - 1) of exactly k groups: all merges but the last k - 1.

    SciPy's own cut by height gives fewer groups where several merges have the same height.
    """
    rows = len(merges) + 1
    done = merges[: rows - k, :2].astype(np.int64)
    group = np.arange(rows + len(done))
    for i in reversed(range(len(done))):
        group[done[i]] = group[rows + i]
    _, first, labels = np.unique(group[:rows], return_index=True, return_inverse=True)
    # Numbered in the order of their first rows.
    return np.asarray(np.argsort(np.argsort(first))[labels], dtype=np.int64)
