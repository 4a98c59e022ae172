"""Segments around centres: k-means, and two ways to have it sooner.

k-means is Lloyd's (1982), from k-means++ starts (Arthur and Vassilvitskii 2007); mini-batch k-means Sculley's (2010);
bisecting k-means Steinbach, Karypis and Kumar's (2000). All in scikit-learn's implementation.
"""

from typing import Any

import numpy as np

from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.fitting import Data, Fit, Fitted
from hm_assets.segments.models import Centres, nearest
from hm_assets.segments.space import sample

STARTS, ITERATIONS = 10, 300
STARTS_ON = 50_000
BATCH = 4_096


def kmeans_of(starts: int) -> Fit:
    """k-means with so many k-means++ starts; see `kmeans`."""

    @guarded
    def fit(data: Data, k: int, seed: int) -> Fitted:
        from sklearn.cluster import KMeans

        rows = sample(len(data), STARTS_ON, np.random.default_rng(seed))
        model = KMeans(k, init="k-means++", n_init=starts, max_iter=ITERATIONS, random_state=seed)
        model.fit(data.points[rows])
        if len(rows) < len(data):
            model = KMeans(k, init=model.cluster_centers_, n_init=1, max_iter=ITERATIONS, random_state=seed)
            model.fit(data.points)
        return _around(model)

    return fit


def kmeans(data: Data, k: int, seed: int) -> Fitted:
    """k-means with ten k-means++ starts and at most 300 iterations.

    Above 50,000 rows the starts run on a sample of that many, and the best goes on on all rows: which start is best
    shows on a sample, where the centres are in the end does not.

    Facts: `inertia` (sum of squared distances to the nearest centre), `iterations` (of the last run), `converged`.
    """
    return kmeans_of(STARTS)(data, k, seed)


@guarded
def minibatch_kmeans(data: Data, k: int, seed: int) -> Fitted:
    """k-means on batches of 4,096 rows: for bases that do not fit into memory; here to see what it costs.

    Facts as of `kmeans`; an iteration is one pass over the rows.
    """
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(k, n_init=STARTS, max_iter=ITERATIONS, batch_size=BATCH, random_state=seed)
    return _around(model.fit(data.points))


@guarded
def bisecting_kmeans(data: Data, k: int, seed: int) -> Fitted:
    """k-means with two centres, again and again in the part with the largest inertia.

    Its own labels are where the cuts lead; the model takes the nearest of the centres, and `agreement` is the share of
    rows where that is the same. Above 50,000 rows each cut has one start, since all rows make a cut nearly certain.

    Facts: `inertia`, `agreement`.
    """
    from sklearn.cluster import BisectingKMeans

    starts = STARTS if len(data) <= STARTS_ON else 1
    found = BisectingKMeans(k, n_init=starts, max_iter=ITERATIONS, random_state=seed).fit(data.points)
    model = Centres(np.asarray(found.cluster_centers_, dtype=np.float64))
    own = np.asarray(found.labels_, dtype=np.int64)
    agreement = float(np.mean(nearest(model, data.points) == own))
    return Fitted(model, own, {"inertia": float(found.inertia_), "agreement": agreement})


def _around(found: Any) -> Fitted:
    facts = {
        "inertia": float(found.inertia_),
        "iterations": float(found.n_iter_),
        "converged": float(found.n_iter_ < ITERATIONS),
    }
    return Fitted(Centres(np.asarray(found.cluster_centers_, dtype=np.float64)), facts=facts)
