"""Whether the same segments come out of other customers from the same population, and more so than without segments.

Bootstrap of Hennig (2007): fit again on n rows drawn with replacement, place all rows with that model, and see how
much of each segment is found again (Jaccard: rows in both over rows in either). A stable cut is no proof of segments:
k-means cuts one Gaussian in two the same way each time. So the same is done to data without segments (`null`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hm_assets.segments.fitting import CannotFit, Data, Fit
from hm_assets.segments.measures.null import like
from hm_assets.segments.measures.quality import centroid_silhouette
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Floats, Ints, sample
from hm_assets.warehouse.threads import one_thread

AMBIGUOUS_FROM, AMBIGUOUS_TO = 0.1, 0.9
LEVEL = 0.95


@dataclass(frozen=True)
class Effort:
    """How much is spent: 1 + resamples + (nulls + blobs) * (1 + null_resamples) fits for a candidate.

    Attributes
    ----------
    resamples
        Bootstrap resamples of the data.
    nulls, blobs
        Data sets without segments: copulas, which decide (19 at least, or nothing is ever above 95 % of them), and
        Gaussian blobs beside them.
    null_resamples
        Bootstrap resamples of each of those. One or a few are enough: what counts is the spread between null data sets.
    pac_rows
        Rows whose pairs are looked at for PAC.
    """

    resamples: int
    nulls: int
    blobs: int
    null_resamples: int
    pac_rows: int = 500


QUICK = Effort(resamples=10, nulls=19, blobs=3, null_resamples=1)
FULL = Effort(resamples=20, nulls=19, blobs=5, null_resamples=3)


@dataclass(frozen=True)
class Stability:
    """How stable one clustering is.

    Attributes
    ----------
    jaccard
        For each segment the mean over resamples of its best match's Jaccard, 0-1; 0 for one that has nobody.
    mean, worst
        Over the segments.
    low, high
        95 % interval (Student) of `mean`: what another set of resamples of the same customers would give.
    spread
        Standard deviation of the mean Jaccard between resamples.
    ari
        Mean adjusted Rand index between the placements by two resamples' models (Hubert and Arabie 1985).
    pac
        Share of pairs of rows that 10-90 % of the resamples put together (Senbabaoglu et al. 2014); 0 is best.
    resamples, failed
        How many, and on how many of them nothing could be fitted: those count as 0 in Jaccard and ARI.
    """

    jaccard: tuple[float, ...]
    mean: float
    worst: float
    low: float
    high: float
    spread: float
    ari: float
    pac: float
    resamples: int
    failed: int


@dataclass(frozen=True)
class AgainstNull:
    """The mean Jaccard of the data beside that of data without segments.

    Attributes
    ----------
    null_mean, null_upper
        Mean over copula data sets, and what one more of them passes with a chance of at most 5 % (the largest of 19,
        the second of 39): free of any distribution. Infinite with fewer than 19.
    blob_mean
        Mean over Gaussian blobs; no decision rests on them.
    null_silhouette
        Mean centroid silhouette over copula data sets.
    excess
        The mean of the data less `null_mean`.
    above
        Whether the mean of the data is above `null_upper`. For one candidate alone; over many see `structure`.
    nulls, failed
        Null data sets of both kinds that were tried, and on how many nothing could be fitted (left out).
    """

    null_mean: float
    null_upper: float
    blob_mean: float
    null_silhouette: float
    excess: float
    above: bool
    nulls: int
    failed: int


def stability(data: Data, fit: Fit, k: int, seed: int, resamples: int, pac_rows: int = 500) -> Stability:
    """Fit on all rows and on resamples, and compare.

    Parameters
    ----------
    data
        n rows in an order that does not depend on the run.
    fit
        The algorithm; each resample gets another seed, so that what hangs on the start counts as unstable too.
    k
        Number of segments, 0 where the algorithm finds it.
    seed
        Of everything here.
    resamples
        At least 2.
    pac_rows
        Rows whose pairs are looked at for PAC; memory is the square of it.

    Raises
    ------
    CannotFit
        The data themselves do not allow it.
    """
    rng = np.random.default_rng(seed)
    with one_thread():
        segments, original, again = _placements(data, fit, k, rng, resamples)
    found = [labels for labels in again if labels is not None]
    matches = _matches(segments, original, again)
    per_resample = matches.mean(axis=1)
    spread = float(per_resample.std(ddof=1))
    half = student(0.975, resamples) * spread / np.sqrt(resamples)
    mean = float(per_resample.mean())
    pairs = resamples * (resamples - 1) // 2
    chosen = sample(len(data), pac_rows, rng)
    return Stability(
        jaccard=tuple(matches.mean(axis=0).tolist()),
        mean=mean,
        worst=float(matches.mean(axis=0).min()),
        low=max(0.0, mean - half),
        high=min(1.0, mean + half),
        spread=spread,
        ari=sum(adjusted_rand(one, other) for one, other in combinations(found, 2)) / pairs,
        pac=ambiguous_share([labels[chosen] for labels in found]),
        resamples=resamples,
        failed=resamples - len(found),
    )


def against_null(
    data: Data,
    fit: Fit,
    k: int,
    seed: int,
    mean: float,
    effort: Effort,
    categories: Sequence[Sequence[int]] = (),
) -> AgainstNull:
    """Hold the mean Jaccard of `stability` against data without segments.

    Parameters
    ----------
    data, fit, k, seed
        As for `stability`.
    mean
        What the data reached.
    effort
        Numbers of null data sets and of their resamples. The null's means rest on fewer resamples than the data's and
        scatter more for it, which raises `null_upper`: the comparison errs to the safe side.
    categories
        The axes of each category, which null data keep together (`mixed.category_axes`).
    """
    # Candidates that are given the same seed are held against the same null data.
    rng = np.random.default_rng([seed, 1])
    means: dict[str, list[float]] = {"copula": [], "blob": []}
    silhouettes = []
    with one_thread():
        for kind, sets in (("copula", effort.nulls), ("blob", effort.blobs)):
            for _ in range(sets):
                null, own = like(data, kind, rng, categories), np.random.default_rng(int(rng.integers(2**31)))
                try:
                    segments, original, again = _placements(null, fit, k, own, effort.null_resamples)
                except CannotFit:
                    continue
                means[kind].append(float(_matches(segments, original, again).mean()))
                if kind == "copula":
                    silhouettes.append(centroid_silhouette(null.points, original) or 0.0)
    null_mean, null_upper = _mean(means["copula"]), _upper(means["copula"])
    return AgainstNull(
        null_mean,
        null_upper,
        _mean(means["blob"]),
        _mean(silhouettes),
        excess=mean - null_mean,
        above=bool(mean > null_upper),
        nulls=effort.nulls + effort.blobs,
        failed=effort.nulls + effort.blobs - len(means["copula"]) - len(means["blob"]),
    )


def jaccard(segments: int, original: Ints, other: Ints) -> Floats:
    """For each label 0 to `segments` - 1 of `original` the Jaccard index with its best match in `other`."""
    both = _crossed(original, other, segments)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.asarray(np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1))


def adjusted_rand(one: Ints, other: Ints) -> float:
    """Adjusted Rand index of two labellings 0.. of the same rows; 1 where both put everybody together."""
    return adjusted_rand_of(_crossed(one, other, int(one.max()) + 1))


def adjusted_rand_of(both: Floats) -> float:
    """The same from the counts of rows by label and other label (Hubert and Arabie 1985)."""

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    rows, columns, total = pairs(both.sum(axis=1)), pairs(both.sum(axis=0)), pairs(both.sum()[None])
    expected = rows * columns / total if total else 0.0
    best = (rows + columns) / 2
    return (pairs(both) - expected) / (best - expected) if best > expected else 1.0


def student(level: float, values: int) -> float:
    """The quantile of Student's t for the mean of so many values."""
    from scipy.stats import t

    return float(t.ppf(level, values - 1))


def ambiguous_share(labellings: Sequence[Ints]) -> float:
    """PAC: share of pairs of rows that more than 10 % and less than 90 % of the labellings put together.

    NaN with fewer than two labellings or rows.
    """
    if len(labellings) < 2 or len(labellings[0]) < 2:
        return float("nan")
    rows = len(labellings[0])
    together = np.zeros((rows, rows))
    for labels in labellings:
        together += labels[:, None] == labels[None, :]
    consensus = together[np.triu_indices(rows, 1)] / len(labellings)
    return float(((consensus > AMBIGUOUS_FROM) & (consensus < AMBIGUOUS_TO)).mean())


def _placements(
    data: Data, fit: Fit, k: int, rng: np.random.Generator, resamples: int
) -> tuple[int, Ints, list[Ints | None]]:
    """Number of segments, all rows placed by the data's model, and by each resample's, None where it has none."""
    model = fit(data, k, int(rng.integers(2**31))).model
    again: list[Ints | None] = []
    for _ in range(resamples):
        drawn = np.sort(rng.integers(len(data), size=len(data)))
        own_seed = int(rng.integers(2**31))
        try:
            again.append(nearest(fit(data.take(drawn), k, own_seed).model, data.points))
        except CannotFit:
            again.append(None)
    return model.k, nearest(model, data.points), again


def _matches(segments: int, original: Ints, again: Sequence[Ints | None]) -> Floats:
    """Jaccard of each segment (columns) on each resample (rows)."""
    return np.array(
        [np.zeros(segments) if labels is None else jaccard(segments, original, labels) for labels in again]
    )


def _crossed(one: Ints, other: Ints, rows: int) -> Floats:
    columns = int(other.max()) + 1
    counts = np.bincount(one * columns + other, minlength=rows * columns)
    return counts.reshape(-1, columns).astype(np.float64)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _upper(means: Sequence[float]) -> float:
    """What one more value of the same kind passes with a chance of at most 5 %."""
    may_pass = int((len(means) + 1) * (1 - LEVEL) + 1e-9)
    return sorted(means)[-may_pass] if may_pass else float("inf")
