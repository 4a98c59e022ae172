"""How good a clustering is: indices of the points and their labels alone, none of which knows the truth.

They say how far apart and how tight segments are in *this* space; a silhouette of one space says nothing beside one of
another. None of them says whether there are segments at all: a continuum that is cut in k has a silhouette too, see
`stability` and `structure` for that.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.segments.fitting import NOISE
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.threads import one_thread

ROWS, REPEATS = 2_000, 5
BATCHES, FEWEST_IN_BATCH = 10, 8


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    """Indices of one clustering; None where an index does not exist, as with a single cluster.

    Attributes
    ----------
    silhouette
        Mean silhouette (Rousseeuw 1987), -1 to 1, with its interval; of a sample where there are many rows.
    centroid_silhouette
        The same with distances to centroids in the place of mean distances to members, on all rows.
    calinski_harabasz
        Variance between over variance within clusters (Calinski and Harabasz 1974); more is better.
    davies_bouldin
        Mean over clusters of the worst (spread + spread) / distance of centroids (Davies and Bouldin 1979); 0 is best.
    inertia
        Sum of squared distances to the centroid of the own cluster.
    smallest_share, largest_share
        Of all rows, noise included; 0 where a cluster has nobody.
    noise_share
        Rows labelled -1, which are left out of every index.
    """

    silhouette: Interval | None
    centroid_silhouette: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    inertia: float
    smallest_share: float
    largest_share: float
    noise_share: float


def judge(
    points: Floats, labels: Ints, k: int, seed: int, *, rows: int = ROWS, repeats: int = REPEATS
) -> Quality:
    """All indices of a clustering.

    Parameters
    ----------
    points
        n rows x axes, standardised; the rows in an order that does not depend on the run.
    labels
        n labels 0 to k - 1, -1 for noise.
    k
        Number of clusters, also of those that nobody is in.
    seed
        Of the samples for the silhouette.
    rows, repeats
        Size and number of these samples.

    Raises
    ------
    ValueError
        No row, or a label outside of -1 to k - 1.
    """
    if not len(labels) or labels.min() < NOISE or labels.max() >= k:
        raise ValueError(f"labels must be {NOISE} to {k - 1}, one for each of at least one row")
    shares = np.bincount(labels[labels != NOISE], minlength=k) / len(labels)
    inside = labels != NOISE
    points, labels = points[inside], labels[inside]
    inertia = _inertia(points, labels)
    return Quality(
        silhouette=silhouette(points, labels, seed, rows=rows, repeats=repeats),
        centroid_silhouette=centroid_silhouette(points, labels),
        calinski_harabasz=calinski_harabasz(points, labels) if inertia > 0 else None,
        davies_bouldin=davies_bouldin(points, labels),
        inertia=inertia,
        smallest_share=float(shares.min()),
        largest_share=float(shares.max()),
        noise_share=float(1 - inside.mean()),
    )


def silhouette(
    points: Floats, labels: Ints, seed: int, *, rows: int = ROWS, repeats: int = REPEATS
) -> Interval | None:
    """The mean silhouette with an interval, exact where there are at most `rows` rows.

    Else the mean over `repeats` samples, each stratified by label with at least two rows of each and weighted back to
    the shares of all rows. The interval covers which rows the samples drew and which customers there happened to be:
    other customers from the same population, with the segments' borders where they are. How the borders would move is
    not in it: that is `stability`. The values of single rows are not independent (all share the same neighbours), so
    the spread is taken between batches, each a small stratified sample with silhouettes of its own. With fewer than 80
    rows there are no batches to take it from, and the interval is -1 to 1.
    """
    if not _exists(labels):
        return None
    rng = np.random.default_rng(seed)
    exact = len(labels) <= rows
    means, variances = [], []
    for _ in range(1 if exact else repeats):
        chosen = _stratified(labels, rows, rng)
        means.append(_mean(points, labels, chosen))
        variances.append(_variance(points, labels, chosen, rng))
    # Of one sample; the share that all rows have themselves is not lessened by drawing again.
    own = min(1.0, rows / len(labels))
    variance = float(np.mean(variances)) * (own + (1 - own) / len(means))
    mean = float(np.mean(means))
    half = 2.0 if np.isnan(variance) else _student() * float(np.sqrt(variance))
    return Interval(mean, max(-1.0, mean - half), min(1.0, mean + half))


def silhouette_values(points: Floats, labels: Ints, seed: int, rows: int = ROWS) -> tuple[Ints, Floats]:
    """Labels and silhouettes of a stratified sample without noise, by label and from the highest value down.

    Empty where silhouettes do not exist.
    """
    points, labels = points[labels != NOISE], labels[labels != NOISE]
    if not _exists(labels):
        return np.empty(0, dtype=np.int64), np.empty(0)
    chosen = _stratified(labels, rows, np.random.default_rng(seed))
    values = _silhouettes(points[chosen], labels[chosen])
    order = np.lexsort((-values, labels[chosen]))
    return labels[chosen][order], values[order]


def centroid_silhouette(points: Floats, labels: Ints) -> float | None:
    """Mean of (b - a) / max(a, b), a to the own centroid and b to the nearest other (Hruschka et al. 2004)."""
    if not _exists(labels):
        return None
    own, other = np.zeros(len(labels)), np.full(len(labels), np.inf)
    # One cluster at a time: millions of rows times all centroids would not fit beside the points.
    for label in np.unique(labels):
        mine = labels == label
        distances = np.sqrt(((points - points[mine].mean(axis=0)) ** 2).sum(axis=1))
        own[mine] = distances[mine]
        other[~mine] = np.minimum(other[~mine], distances[~mine])
    longer = np.maximum(own, other)
    return float(np.divide(other - own, longer, out=np.zeros(len(labels)), where=longer > 0).mean())


def calinski_harabasz(points: Floats, labels: Ints) -> float | None:
    """Variance between over variance within clusters, each by its degrees of freedom."""
    from sklearn.metrics import calinski_harabasz_score

    return float(calinski_harabasz_score(points, labels)) if _exists(labels) else None


def davies_bouldin(points: Floats, labels: Ints) -> float | None:
    """Mean likeness of each cluster to the one most like it; 0 is best."""
    from sklearn.metrics import davies_bouldin_score

    return float(davies_bouldin_score(points, labels)) if _exists(labels) else None


def _exists(labels: Ints) -> bool:
    return 1 < len(np.unique(labels)) < len(labels)


def _inertia(points: Floats, labels: Ints) -> float:
    found = (points[labels == label] for label in np.unique(labels))
    return float(sum(((members - members.mean(axis=0)) ** 2).sum() for members in found))


def _silhouettes(points: Floats, labels: Ints) -> Floats:
    from sklearn.metrics import silhouette_samples

    if not _exists(labels):
        return np.zeros(len(labels))
    with one_thread():
        return np.asarray(silhouette_samples(points, labels), dtype=np.float64)


def _stratified(labels: Ints, rows: int, rng: np.random.Generator) -> Ints:
    """About `rows` positions in order: of each label its share, but at least two where it has two."""
    if len(labels) <= rows:
        return np.arange(len(labels))
    chosen = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        wanted = max(2, round(rows * len(members) / len(labels)))
        chosen.append(rng.choice(members, min(wanted, len(members)), replace=False))
    return np.sort(np.concatenate(chosen))


def _mean(points: Floats, labels: Ints, chosen: Ints) -> float:
    """Mean silhouette among the chosen rows; each label counts its share of all rows."""
    all_rows, sampled = np.bincount(labels), np.bincount(labels[chosen], minlength=labels.max() + 1)
    weights = all_rows[labels[chosen]] / sampled[labels[chosen]]
    return float(weights @ _silhouettes(points[chosen], labels[chosen]) / weights.sum())


def _variance(points: Floats, labels: Ints, chosen: Ints, rng: np.random.Generator) -> float:
    """Squared standard error of the mean silhouette of the chosen rows, from batches of them; NaN for too few rows."""
    if len(chosen) < BATCHES * FEWEST_IN_BATCH:
        return float("nan")
    mixed = rng.permutation(chosen)
    # Dealt out label by label, so that each batch has its share of all of them.
    dealt = mixed[np.argsort(labels[mixed], kind="stable")]
    means = [_mean(points, labels, np.sort(dealt[first::BATCHES])) for first in range(BATCHES)]
    return float(np.var(means, ddof=1)) / BATCHES


def _student() -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, BATCHES - 1))
