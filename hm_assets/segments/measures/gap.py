"""The gap statistic: how much tighter k clusters are than in data without any (Tibshirani, Walther and Hastie 2001)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.space import Floats, sample
from hm_assets.warehouse import beside
from hm_assets.warehouse.threads import one_thread

MOST, REFERENCES, ROWS, STARTS = 10, 20, 1_000, 3


@dataclass(frozen=True)
class GapRow:
    """The gap at one k: mean log inertia of the references less that of the data, and its standard error."""

    k: int
    gap: float
    se: float


def gap_statistic(
    points: Floats,
    seed: int,
    *,
    most: int = MOST,
    references: int = REFERENCES,
    rows: int = ROWS,
    workers: int = 1,
) -> tuple[GapRow, ...]:
    """The gap statistic of k-means for k = 1 to `most`, fewer where there are fewer different points.

    The reference is uniform over the box along the principal axes of the data (the paper's (b)): over a box along the
    original axes, correlation alone would pass for clusters.

    Parameters
    ----------
    points
        n rows x axes, in an order that does not depend on the run.
    seed
        Of the sample, the references and the starts.
    most
        The largest k.
    references
        Number of reference data sets; the standard error holds their number too.
    rows
        Size of the sample.
    workers
        Processes that share the references.

    Raises
    ------
    CannotFit
        Fewer than two different points.
    """
    rng = np.random.default_rng(seed)
    points = points[sample(len(points), rows, rng)]
    # With as many clusters as different points nothing is left within them, and its logarithm does not exist.
    last = min(most, len(np.unique(points, axis=0)) - 1)
    if last < 1:
        raise CannotFit("all points are the same: there is nothing that clusters could make tighter")
    drawn = [(_uniform(points, rng), int(rng.integers(2**31))) for _ in range(references)]
    own, *others = beside.each(partial(_log_inertias, last=last), [(points, seed), *drawn], workers)
    null = np.array(others)
    gaps = null.mean(axis=0) - own
    errors = null.std(axis=0) * np.sqrt(1 + 1 / references)
    ks = range(1, last + 1)
    return tuple(GapRow(k, float(gap), float(se)) for k, gap, se in zip(ks, gaps, errors, strict=True))


def by_one_se(rows: Sequence[GapRow]) -> int:
    """The rule of the paper: the smallest k with gap(k) >= gap(k + 1) - se(k + 1); the last where none has it."""
    found = (row.k for row, following in pairwise(rows) if row.gap >= following.gap - following.se)
    return next(found, rows[-1].k)


def at_maximum(rows: Sequence[GapRow]) -> int:
    """The k with the largest gap, of equal ones the smallest. It takes more clusters than there are."""
    return max(rows, key=lambda row: (row.gap, -row.k)).k


def _log_inertias(of: tuple[Floats, int], last: int) -> Floats:
    """Of points and a seed, with 1 to `last` clusters."""
    from sklearn.cluster import KMeans

    points, seed = of
    # Several threads add up floats in the order in which they finish; one gives the same bytes each time.
    with one_thread():
        inertias = [
            KMeans(k, n_init=STARTS, random_state=seed).fit(points).inertia_ for k in range(1, last + 1)
        ]
    return np.log(inertias)


def _uniform(points: Floats, rng: np.random.Generator) -> Floats:
    centre = points.mean(axis=0)
    axes = np.linalg.svd(points - centre, full_matrices=False)[2]
    turned = (points - centre) @ axes.T
    return np.asarray(rng.uniform(turned.min(axis=0), turned.max(axis=0), turned.shape) @ axes + centre)
