"""A mixture of Gaussians by expectation maximisation (Dempster, Laird and Rubin 1977).

In scikit-learn's implementation.
"""

import numpy as np

from hm_assets.segments.algorithms.guard import guarded, need
from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.models import Gaussians
from hm_assets.segments.space import sample

STARTS, ITERATIONS = 5, 300
STARTS_ON = 20_000
# Least variance of a segment along any direction, where the whole has 1: customers who bought once lie in a plane, and
# without it a Gaussian on them would be likelier without end.
LEAST_VARIANCE = 1e-3


@guarded
def gaussian_mixture(data: Data, k: int, seed: int) -> Fitted:
    """k Gaussians with full covariances, from five k-means starts.

    Above 20,000 rows the starts run on a sample of that many, and the likeliest goes on on all rows.

    Facts: `bic` and `aic` (on these rows; comparable on the same rows and space only), `iterations` (of the last
    run), `converged`.
    """
    from sklearn.mixture import GaussianMixture

    settings = {"covariance_type": "full", "max_iter": ITERATIONS, "reg_covar": LEAST_VARIANCE}
    rows = sample(len(data), STARTS_ON, np.random.default_rng(seed))
    starts = data.points[rows]
    need(starts, k)
    try:
        model = GaussianMixture(k, n_init=STARTS, random_state=seed, **settings).fit(starts)
        if len(rows) < len(data):
            begin = {
                "weights_init": model.weights_,
                "means_init": model.means_,
                "precisions_init": model.precisions_,
            }
            model = GaussianMixture(k, random_state=seed, **settings, **begin).fit(data.points)
    except ValueError as error:
        raise CannotFit(f"{k} Gaussians have too few rows each to have a shape: {error}") from error
    facts = {
        "bic": float(model.bic(data.points)),
        "aic": float(model.aic(data.points)),
        "iterations": float(model.n_iter_),
        "converged": float(model.converged_),
    }
    return Fitted(Gaussians(model.weights_, model.means_, model.precisions_cholesky_), facts=facts)
