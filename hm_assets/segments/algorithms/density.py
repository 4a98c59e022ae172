"""Segments as dense regions, with what lies between them left out as noise: DBSCAN and HDBSCAN.

DBSCAN is Ester et al.'s (1996), its distance is read off the k-distance curve as they propose; HDBSCAN is Campello,
Moulavi and Sander's (2013). Both in scikit-learn's implementation, on a sample in a space of few axes: a distance means
nothing across numbers of axes, and their memory grows with the pairs of neighbours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.segments.algorithms.guard import guarded, value_order
from hm_assets.segments.algorithms.propagation import tree_of
from hm_assets.segments.fitting import NOISE, SMALLEST_SHARE, CannotFit, Data, Fitted
from hm_assets.segments.space import Floats, Ints, sample
from hm_assets.warehouse.threads import one_thread

NEIGHBOURS = 5
DISTANCES = (0.3, 0.5, 0.7, 1.0, 1.5)
MIN_SAMPLES = (3, 5, 10, 15, 20)
FEWEST, MOST, MOST_NOISE = 2, 10, 0.4
SILHOUETTE_ROWS = 2_000


@dataclass(frozen=True)
class Cell:
    """One DBSCAN of the grid.

    Attributes
    ----------
    eps, min_samples
        A core point has this many points, itself included, within this distance.
    clusters
        How many there are.
    noise_share
        Share of the points in none of them.
    core, border, noise
        Numbers of points that have enough neighbours, that are near one who has, and that are neither.
    silhouette
        Mean over the points that are not noise; NaN where it does not exist.
    """

    eps: float
    min_samples: int
    clusters: int
    noise_share: float
    core: int
    border: int
    noise: int
    silhouette: float

    @property
    def reasonable(self) -> bool:
        """Whether this is a segmentation: 2 to 10 clusters and at most 40 % noise."""
        return FEWEST <= self.clusters <= MOST and self.noise_share <= MOST_NOISE


def k_distances(points: Floats, k: int = NEIGHBOURS) -> Floats:
    """The distance of each point to its k-th nearest other one, ascending (n).

    Raises
    ------
    CannotFit
        There are no k other points.
    """
    from scipy.spatial import KDTree

    if len(points) <= k:
        raise CannotFit(f"{len(points)} customers have no {k} neighbours each: densities mean nothing")
    return np.sort(KDTree(points).query(points, k + 1)[0][:, k])


def knee(curve: Floats) -> float:
    """Where an ascending curve bends up: its value farthest below the chord (Satopaa et al. 2011, not smoothed)."""
    height = curve[-1] - curve[0]
    if height <= 0:
        return float(curve[0])
    below = np.linspace(0, 1, len(curve)) - (curve - curve[0]) / height
    return float(curve[below.argmax()])


def grid(points: Floats) -> list[Cell]:
    """Every DBSCAN of the grid: 5 distances x 5 numbers of samples, and the same 5 at the knee's distance.

    Where so many points are the same that the knee is at 0, there is no distance of its own.
    """

    ordered = points[value_order(points)]
    own = knee(k_distances(ordered))
    distances = (*DISTANCES, own) if own > 0 and own not in DISTANCES else DISTANCES
    with one_thread():
        return [_cell(ordered, eps, least)[0] for eps in distances for least in MIN_SAMPLES]


def best(cells: Sequence[Cell]) -> Cell:
    """The reasonable cell whose clusters are the clearest, where a point that is noise counts as 0.

    Without that the most noise wins: what is left of a cluster's core is always clearer than the cluster. Of equal
    ones the first by noise, eps and min_samples.

    Raises
    ------
    CannotFit
        No cell is reasonable.
    """
    found = [cell for cell in cells if cell.reasonable and not math.isnan(cell.silhouette)]
    if not found:
        one = sum(cell.clusters == 1 for cell in cells)
        raise CannotFit(
            f"no density separates the customers: of {len(cells)} settings {one} see a single cloud, and none leaves "
            f"{FEWEST} to {MOST} clusters with at most {MOST_NOISE:.0%} noise"
        )
    return min(
        found,
        key=lambda cell: (
            -cell.silhouette * (1 - cell.noise_share),
            cell.noise_share,
            cell.eps,
            cell.min_samples,
        ),
    )


@guarded
def dbscan(data: Data, k: int, seed: int) -> Fitted:
    """The best cell of the grid; it finds the number of clusters itself, so k says nothing.

    Facts: `eps`, `min_samples`, `knee`, `core`, `border`, `noise`, `silhouette` (without noise), `agreement`.
    """
    chosen = best(grid(data.points))
    own = _cell(data.points, chosen.eps, chosen.min_samples)[1]
    model, agreement = tree_of(data.points, own, seed)
    facts = {
        "eps": chosen.eps,
        "min_samples": float(chosen.min_samples),
        "knee": knee(k_distances(data.points)),
        "core": float(chosen.core),
        "border": float(chosen.border),
        "noise": float(chosen.noise),
        "silhouette": chosen.silhouette,
        "agreement": agreement,
    }
    return Fitted(model, own, facts)


@guarded
def hdbscan(data: Data, k: int, seed: int) -> Fitted:
    """The clusters that persist over the widest range of densities, each at least 5 % of the rows; k says nothing.

    Facts: `min_cluster_size`, `min_samples`, `noise`, `silhouette` (without noise, of 2,000 rows at most), `agreement`.
    Core and border points it does not tell apart: they belong to one distance, and it looks at all.

    Raises
    ------
    CannotFit
        There are fewer than two such clusters.
    """
    from sklearn.cluster import HDBSCAN

    size = max(NEIGHBOURS, math.ceil(SMALLEST_SHARE * len(data)))
    if len(data) <= NEIGHBOURS:
        raise CannotFit(f"{len(data)} customers have no {NEIGHBOURS} neighbours each: densities mean nothing")
    found = HDBSCAN(min_cluster_size=size, min_samples=NEIGHBOURS, copy=True)
    # Equal points are infinitely dense.
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.asarray(found.fit(data.points).labels_, dtype=np.int64)
    if own.max() < 1:
        raise CannotFit(f"no two dense regions hold {size} of {len(data)} customers each: they are one cloud")
    model, agreement = tree_of(data.points, own, seed)
    few = sample(len(own), SILHOUETTE_ROWS, np.random.default_rng(seed))
    facts = {
        "min_cluster_size": float(size),
        "min_samples": float(NEIGHBOURS),
        "noise": float((own == NOISE).sum()),
        "silhouette": silhouette_without_noise(data.points[few], own[few]),
        "agreement": agreement,
    }
    return Fitted(model, own, facts)


def silhouette_without_noise(points: Floats, labels: Ints) -> float:
    """Mean silhouette of the points that are not noise; NaN with fewer than two clusters or only single points."""
    from sklearn.metrics import silhouette_score

    kept = labels != NOISE
    clusters = len(np.unique(labels[kept]))
    if not 1 < clusters < kept.sum():
        return math.nan
    return float(silhouette_score(points[kept], labels[kept]))


def _cell(points: Floats, eps: float, min_samples: int) -> tuple[Cell, Ints]:
    from sklearn.cluster import DBSCAN

    found = DBSCAN(eps=eps, min_samples=min_samples).fit(points)
    labels = np.asarray(found.labels_, dtype=np.int64)
    noise, core = int((labels == NOISE).sum()), len(found.core_sample_indices_)
    clusters = int(labels.max()) + 1
    # Hundreds of crumbs are no segmentation; how clear they are is not worth the time.
    silhouette = silhouette_without_noise(points, labels) if FEWEST <= clusters <= 4 * MOST else math.nan
    border = len(points) - core - noise
    return Cell(eps, min_samples, clusters, noise / len(points), core, border, noise, silhouette), labels
