"""The verdict over all candidates at once: segments, or a continuum that any clustering would only cut up.

Two facts must both be beyond what data without segments show:

- *separation*: between each segment and its nearest neighbour there are fewer customers than at either of them;
- *silhouette*: segments are tighter and farther apart, by distances to centroids.

Each is held to a level, and the separation to a least depth besides. Either alone is fooled by a continuum that is not
like the null: columns that determine each other (a mean gap by tenure, recency and purchases) raise the silhouette
without a border anywhere, and a dent in a distribution opens a valley between two segments now and then. A stable
clustering proves less still: a copula keeps the humps of each column, and k-means finds them again as reliably as it
finds segments.

There are two kinds of such data (see `null`). The data must be ahead of Gaussian blobs. Many a continuum is, so besides
that the border must be deep, or the data ahead of Gaussian copulas too: those have the humps of each column, and
whatever is ahead of them is in how columns go together. (Copulas alone would not do: groups that show in the columns
themselves they repeat.)

Where many candidates are tried, one is ahead of its null by luck. So the candidates' excesses are standardised and only
the largest counts, and it is held against the largest of every null data set in turn (Westfall and Young 1993). Both
facts must pass, which keeps the level of either (intersection-union; Berger 1982).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from hm_assets.segments.fitting import CannotFit, Data, Fit
from hm_assets.segments.measures.null import like
from hm_assets.segments.measures.quality import centroid_silhouette
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Floats, Ints, sample
from hm_assets.warehouse import beside
from hm_assets.warehouse.threads import one_thread

LEVEL = 0.025
# No population is exactly like a null; a difference that is proven may still be too small to be called a border.
SHALLOWEST, DEEP = 0.25, 0.4
NULLS, ROWS = 39, 1_000
# On whom and how k-means is tried for it: `benchmarks/structure.py` counts how often the verdict is right.
BOUGHT_AGAIN_DAYS, FEW_STARTS = 2, 3
FEWEST_MEMBERS = 5
_GRID = np.linspace(-0.5, 1.5, 81)
_STEP = float(_GRID[1] - _GRID[0])


@dataclass(frozen=True)
class Comparison:
    """The candidates beside data without segments of one kind.

    Attributes
    ----------
    kind
        `copula` or `blob`.
    separation_p, silhouette_p
        Share of the data sets, the data among them, whose largest standardised excess is at least that of the data.
    candidate
        The candidate that is ahead of the null the most in separation.
    separation, null_separation
        Its separation, 0-1, and the mean of the same candidate without segments.
    """

    kind: str
    separation_p: float
    silhouette_p: float
    candidate: str
    separation: float
    null_separation: float

    @property
    def p(self) -> float:
        """Chance that both facts of a continuum of this kind are so far ahead, with this many candidates tried."""
        return max(self.separation_p, self.silhouette_p)


@dataclass(frozen=True)
class Structure:
    """The verdict and what it rests on.

    Attributes
    ----------
    copula, blob
        The comparisons.
    left_out
        Candidates that could not be fitted, on the data or without segments.
    nulls
        Number of data sets without segments, of each kind.
    level
        What p may be at most.
    """

    copula: Comparison
    blob: Comparison
    left_out: tuple[str, ...]
    nulls: int
    level: float = LEVEL

    @property
    def found(self) -> bool:
        """Ahead of blobs with a deep border, or ahead of blobs and copulas with a border."""
        in_columns = self.blob.separation >= DEEP
        in_their_ties = self.copula.p <= self.level + 1e-12 and self.copula.separation >= SHALLOWEST
        return self.blob.p <= self.level + 1e-12 and (in_columns or in_their_ties)

    def words(self, where: str = "") -> str:
        """The verdict in a sentence, with what the candidates looked at (`recency and spend`) if told."""
        parts = (
            f"with {c.candidate} it is {100 * c.separation:.0f} % emptier between segments than in them, and in a "
            f"Gaussian {c.kind} {100 * c.null_separation:.0f} % (p = {c.p:.3f}, all candidates counted)"
            for c in (self.blob, self.copula)
        )
        verdict = "structure" if self.found else "no structure found"
        return f"{verdict}{' in ' if where else ''}{where}: {'; '.join(parts)}"


def find_structure(
    data: Data,
    candidates: Mapping[str, tuple[Fit, int]],
    seed: int,
    *,
    nulls: int = NULLS,
    rows: int = ROWS,
    level: float = LEVEL,
    workers: int = 1,
) -> Structure:
    """Fit all candidates on the data and on data without segments, and compare.

    Parameters
    ----------
    data
        n customers x axes who bought on at least two days, in an order that does not depend on the run. Those who
        bought once are best left out: that they did is a fact that needs no clustering, and it fixes several columns
        at a time, which looks like a segment and which no copula repeats. Whole numbers are best dithered
        (`Space.transform`): between customers of two and of three purchase days nobody can be.
    candidates
        Name -> algorithm and k. Order decides between equal ones.
    seed
        Of the sample, the null data and the starts.
    nulls
        Number of data sets without segments of each kind, 39 at least: the smallest p is 1 / (nulls + 1).
    rows
        Size of the sample. What a larger one would add is power against ever smaller departures from a copula that
        are no segments.
    level
        What p may be at most; less where several verdicts are asked for.
    workers
        Processes that share the fits.

    Raises
    ------
    CannotFit
        No candidate could be fitted.
    ValueError
        Too few null data sets to reach the level.
    """
    if 1 / (nulls + 1) > level + 1e-12:
        raise ValueError(
            f"{nulls} data sets without segments cannot reach p = {level}; take {round(1 / level) - 1}"
        )

    rng = np.random.default_rng(seed)
    data = data.take(sample(len(data), rows, rng))

    facts = partial(_facts, candidates=candidates)
    seed_of = partial(rng.integers, 2**31)
    own = facts((data, int(seed_of())))
    if np.isnan(own).all():
        raise CannotFit("no candidate can be fitted: there is nothing to look for structure in")
    # Several threads add up floats in the order in which they finish; one gives the same bytes each time.
    with one_thread():
        drawn = [(like(data, kind, rng), int(seed_of())) for kind in ("copula", "blob") for _ in range(nulls)]
    found = list(beside.each(facts, drawn, workers))
    nulls_of = {"copula": found[:nulls], "blob": found[nulls:]}
    fitted = ~np.isnan([own, *found]).any(axis=(0, 2))
    names = np.array(list(candidates))
    if not fitted.any():
        raise CannotFit("no candidate can be fitted on data without segments: nothing can be compared")
    copula, blob = (
        _compare(kind, names[fitted].tolist(), np.array([own, *each])[:, fitted])
        for kind, each in nulls_of.items()
    )
    return Structure(copula, blob, tuple(names[~fitted].tolist()), nulls, level)


def _compare(kind: str, names: list[str], facts: Floats) -> Comparison:
    """From sets (the data first) x candidates x the two facts."""
    separations, silhouettes = facts[:, :, 0], facts[:, :, 1]
    best = int(_excesses(separations)[0].argmax())
    return Comparison(
        kind,
        separation_p=family_wise(separations),
        silhouette_p=family_wise(silhouettes),
        candidate=names[best],
        separation=float(separations[0, best]),
        null_separation=float(separations[1:, best].mean()),
    )


def family_wise(values: Floats) -> float:
    """Of sets x candidates, the data in the first row: share of sets whose largest standardised excess is at least its.

    Every set is standardised by all the others, so that under no structure all are alike and the share is exact.
    """
    largest = _excesses(values).max(axis=1)
    return float(np.mean(largest >= largest[0] - 1e-12))


def separation(points: Floats, labels: Ints, k: int) -> float:
    """Mean over the segments of the shallowest valley to any other, 0 (no border) to 1 (nobody in between)."""
    members = [points[labels == label] for label in range(k)]
    valleys = np.ones((k, k))
    for one in range(k):
        for other in range(one + 1, k):
            valleys[one, other] = valleys[other, one] = valley(members[one], members[other])
    return float(valleys.min(axis=1).mean()) if k > 1 else 0.0


def valley(one: Floats, other: Floats) -> float:
    """How much emptier it is between two groups than at the sparser of them, 0-1, along Fisher's discriminant.

    The density is a Gaussian kernel estimate with Silverman's (1986) bandwidth for one group. A cut through a continuum
    has no valley: the halves meet where they are densest. 0 for groups of fewer than five.
    """
    if min(len(one), len(other)) < FEWEST_MEMBERS:
        return 0.0
    centre, across = one.mean(axis=0), other.mean(axis=0) - one.mean(axis=0)
    residuals = np.concatenate([one - centre, other - other.mean(axis=0)])
    within = residuals.T @ residuals / len(residuals)
    # A little of a round covariance, or a column without differences would have no inverse.
    within += (1e-3 * np.trace(within) / len(within) + 1e-12) * np.eye(len(within))
    direction = np.linalg.solve(within, across)
    length = float(across @ direction)
    if length <= 0:
        return 0.0
    direction /= length
    # One group lies around 0, the other around 1.
    places = (np.concatenate([one, other]) - centre) @ direction
    bandwidth = max(1.06 * float((residuals @ direction).std()) * len(places) ** -0.2, _STEP)
    density = np.exp(-0.5 * ((_GRID[:, None] - places) / bandwidth) ** 2).sum(axis=1)
    peaks = np.minimum(np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1])
    between = (_GRID > 0) & (_GRID < 1)
    return float((1 - density[between] / peaks[between]).max())


def _facts(of: tuple[Data, int], candidates: Mapping[str, tuple[Fit, int]]) -> Floats:
    """Of data and a seed: separation and silhouette of each candidate (candidates x 2), NaN where none is fitted."""
    data, seed = of
    found = np.full((len(candidates), 2), np.nan)
    with one_thread():
        for row, (fit, k) in enumerate(candidates.values()):
            try:
                model = fit(data, k, seed).model
            except CannotFit:
                continue
            labels = nearest(model, data.points)
            silhouette = centroid_silhouette(data.points, labels)
            found[row] = separation(data.points, labels, model.k), 0.0 if silhouette is None else silhouette
    return found


def _excesses(values: Floats) -> Floats:
    """Each row less the mean of all other rows, over their standard deviation."""
    excesses = []
    for row in range(len(values)):
        others = np.delete(values, row, axis=0)
        spread = others.std(axis=0, ddof=1)
        excess = values[row] - others.mean(axis=0)
        excesses.append(np.divide(excess, np.maximum(spread, 1e-9)))
    return np.array(excesses)
