"""k-means for every number of segments, and which number to take.

k-means as in Lloyd (1982) with k-means++ starts (Arthur and Vassilvitskii 2007), scikit-learn's implementation.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hm_assets.segments.space import Floats

SMALLEST_SHARE, LARGEST_SHARE = 0.05, 0.60
COUNTS = range(2, 11)
NEARLY_AS_GOOD = 0.9
STARTS, ITERATIONS = 10, 300
FIT_ROWS = {"quick": 20_000, "full": 200_000}
SILHOUETTE_ROWS = {"quick": 2_000, "full": 10_000}


@dataclass(frozen=True)
class Candidate:
    """One clustering: centres (k x features), share of customers per centre, mean silhouette."""

    k: int
    centres: Floats
    shares: Floats
    silhouette: float

    @property
    def fault(self) -> str | None:
        """Why it is not admissible, if so."""
        if self.shares.min() < SMALLEST_SHARE:
            return f"smallest segment below {SMALLEST_SHARE:.0%}"
        if self.shares.max() > LARGEST_SHARE:
            return f"largest segment above {LARGEST_SHARE:.0%}"
        return None


def candidates(points: Floats, depth: str, seed: int) -> list[Candidate]:
    """A k-means fit for each k from 2 to 10 (fewer where there are fewer different points).

    Parameters
    ----------
    points
        n customers x features, standardised, in an order that does not depend on the run.
    depth
        `quick` or `full`: how many rows are used for fitting and for the silhouette.
    seed
        Of the samples and the starts.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    fitted_on = _sample(points, FIT_ROWS[depth], rng)
    judged_on = _sample(points, SILHOUETTE_ROWS[depth], rng)
    different = len(np.unique(fitted_on, axis=0))
    found = []
    # Several threads add up floats in the order in which they finish; one thread gives the same bytes each time.
    with threadpool_limits(1):
        for k in (k for k in COUNTS if k <= different):
            model = KMeans(k, init="k-means++", n_init=STARTS, max_iter=ITERATIONS, random_state=seed)
            centres = np.asarray(model.fit(fitted_on).cluster_centers_, dtype=np.float64)
            labels = nearest(judged_on, centres)
            several = 1 < len(np.unique(labels)) < len(labels)
            silhouette = float(silhouette_score(judged_on, labels)) if several else 0.0
            shares = np.bincount(nearest(points, centres), minlength=k) / len(points)
            found.append(Candidate(k, centres, shares, silhouette))
    return found


def nearest(points: Floats, centres: Floats) -> npt.NDArray[np.int64]:
    """Index of the nearest centre of each point; of equally near ones the first."""
    distances = np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
    return np.asarray(distances.argmin(axis=1))


def choose(found: list[Candidate]) -> Candidate:
    """The champion: of those whose shares all lie in 5-60 % the one with most segments that separates nearly best.

    Nearly best is 90 % of the best silhouette among them: more segments say more to a marketer as long as they
    are about as clear. Among the nearly best a peak goes first, where one segment less and one more are both
    less clear: past a peak, a group that belongs together is cut. Where no candidate is admissible, the one that
    misses the shares least is taken, and its verdict says so.

    Raises
    ------
    ValueError
        There is no candidate: all customers are alike.
    """
    if not found:
        raise ValueError(
            "all customers have the same recency, frequency and spend: there is nothing to segment"
        )
    admissible = [candidate for candidate in found if candidate.fault is None]
    if not admissible:
        return min(found, key=lambda c: (_excess(c), c.k))
    best = max(candidate.silhouette for candidate in admissible)
    # A silhouette may be negative, and 90 % of that would be better than the best.
    nearly_best = [c for c in admissible if c.silhouette >= min(best, best * NEARLY_AS_GOOD)]
    silhouettes = {candidate.k: candidate.silhouette for candidate in found}
    peaks = [candidate for candidate in nearly_best if _is_peak(candidate.k, silhouettes)]
    return max(peaks or nearly_best, key=lambda c: c.k)


def verdict(candidate: Candidate, chosen: Candidate) -> str:
    """What the table says about a candidate."""
    if candidate is chosen:
        return "chosen" if candidate.fault is None else f"chosen for want of a better one: {candidate.fault}"
    return candidate.fault or "admissible"


def _is_peak(k: int, silhouettes: dict[int, float]) -> bool:
    """Whether both neighbours were tried, admissible or not, and are less clear."""
    return all(
        neighbour in silhouettes and silhouettes[neighbour] < silhouettes[k] for neighbour in (k - 1, k + 1)
    )


def _excess(candidate: Candidate) -> float:
    return float(
        max(0, SMALLEST_SHARE - candidate.shares.min()) + max(0, candidate.shares.max() - LARGEST_SHARE)
    )


def _sample(points: Floats, rows: int, rng: np.random.Generator) -> Floats:
    if len(points) <= rows:
        return points
    return points[np.sort(rng.choice(len(points), rows, replace=False))]
