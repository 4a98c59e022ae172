"""Consensus clustering: what several algorithms agree on (Strehl and Ghosh 2002; spectral on their co-association).

How often two customers are put together, by votes weighted with how clear each partition is, is a similarity; spectral
clustering cuts it into k. A customer whom an algorithm calls noise has no vote of it. PAC, the share of pairs that are
neither together nor apart (Senbabaoglu, Michailidis and Li 2014), says how much there was to agree on.
"""

from collections.abc import Sequence

import numpy as np

from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.algorithms.density import hdbscan, silhouette_without_noise
from hm_assets.segments.algorithms.guard import guarded
from hm_assets.segments.algorithms.hierarchical import ward
from hm_assets.segments.algorithms.mixture import gaussian_mixture
from hm_assets.segments.algorithms.propagation import tree_of
from hm_assets.segments.fitting import NOISE, CannotFit, Data, Fit, Fitted
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Floats, Ints, sample

MOST_ROWS = 1_500
TOGETHER, APART = 0.9, 0.1
# Groups that nobody ever puts together would make graphs that hang together nowhere, which no spectrum orders.
LEAST_AFFINITY = 1e-4


@guarded
def consensus(data: Data, k: int, seed: int) -> Fitted:
    """Spectral clustering into k of how often k-means (k and k + 1), a mixture, Ward and HDBSCAN agree.

    It looks at 1,500 rows at most, since pairs are counted; `own` is None where it did not see every row.

    Facts: `pac`, `partitions` (how many voted), `agreement`.
    """
    from sklearn.cluster import SpectralClustering

    rows = sample(len(data), MOST_ROWS, np.random.default_rng(seed))
    seen = data.take(rows)
    partitions = _partitions(seen, k, seed)
    together = co_association(partitions, _votes(seen.points, partitions))
    cut = SpectralClustering(k, affinity="precomputed", eigen_solver="arpack", random_state=seed)
    found = cut.fit(np.maximum(together, LEAST_AFFINITY)).labels_
    labels = np.asarray(np.unique(found, return_inverse=True)[1], dtype=np.int64)
    model, agreement = tree_of(seen.points, labels, seed)
    facts = {"pac": pac(together), "partitions": float(len(partitions)), "agreement": agreement}
    return Fitted(model, labels if len(rows) == len(data) else None, facts)


def co_association(partitions: Sequence[Ints], votes: Sequence[float]) -> Floats:
    """How often two rows are together (n x n, 0 to 1), of the votes by partitions where neither of them is noise.

    Parameters
    ----------
    partitions
        Labels of n rows each, -1 for noise.
    votes
        The weight of each, not negative. Rows that no partition knows both of are not together.
    """
    rows = len(partitions[0])
    together, votes_cast = np.zeros((rows, rows)), np.zeros((rows, rows))
    for labels, vote in zip(partitions, votes, strict=True):
        known = labels != NOISE
        both = known[:, None] & known[None, :]
        votes_cast += vote * both
        together += vote * (both & (labels[:, None] == labels[None, :]))
    return np.divide(together, votes_cast, out=np.zeros_like(together), where=votes_cast > 0)


def pac(together: Floats) -> float:
    """Proportion of ambiguous pairs: co-associated between 0.1 and 0.9."""
    pairs = together[np.triu_indices(len(together), 1)]
    return float(np.mean((pairs > APART) & (pairs < TOGETHER)))


def _partitions(data: Data, k: int, seed: int) -> list[Ints]:
    """The labels of every base algorithm that fits; that k-means does, `guarded` has made sure."""
    tries: list[tuple[Fit, int]] = [
        (kmeans, k), (kmeans, k + 1), (gaussian_mixture, k), (ward, k), (hdbscan, 0)
    ]  # fmt: skip
    found = []
    for fit, number in tries:
        try:
            fitted = fit(data, number, seed)
        except CannotFit:
            continue
        found.append(nearest(fitted.model, data.points) if fitted.own is None else fitted.own)
    return found


def _votes(points: Floats, partitions: Sequence[Ints]) -> list[float]:
    """Silhouettes, none below 0; where no partition is clear at all, each has one vote."""
    clear = [max(0.0, float(np.nan_to_num(silhouette_without_noise(points, own)))) for own in partitions]
    return clear if any(clear) else [1.0] * len(partitions)
