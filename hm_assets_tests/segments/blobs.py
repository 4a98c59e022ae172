"""Points with planted groups or without any, and a k-means of a few lines to cluster them with."""

import numpy as np
from sklearn.cluster import KMeans

from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.models import Centres
from hm_assets.warehouse.threads import one_thread


def blobs(each: int, centres, spread: float = 1.0, seed: int = 0):
    """`each` rows around each centre, one block after the other."""
    rng = np.random.default_rng(seed)
    centres = np.asarray(centres, dtype=float)
    return np.repeat(centres, each, axis=0) + spread * rng.standard_normal(
        (each * len(centres), centres.shape[1])
    )


def kmeans(data: Data, k: int, seed: int) -> Fitted:
    if len(np.unique(data.points, axis=0)) < k:
        raise CannotFit(f"fewer than {k} different points")
    with one_thread():
        model = KMeans(k, n_init=3, random_state=seed).fit(data.points)
    return Fitted(Centres(np.asarray(model.cluster_centers_)))
