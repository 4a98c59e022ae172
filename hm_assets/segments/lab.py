"""The lab: every algorithm of the catalogue fitted on one month's customers, and all judged in the same way."""

import datetime as dt
import json
import math
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.segments import quality, rules, stability
from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.back_test import Load, price_per_item
from hm_assets.segments.fitting import CannotFit, Data, Fit, Fitted
from hm_assets.segments.inputs import RFM, SPACES
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Floats, Ints, Space, stratified


# What rules may speak of: columns of features/customer_features that people can check in their own systems.
RULE_COLUMNS = (
    "recency_days",
    "purchase_days",
    "spend",
    "tenure_days",
    "items",
    "orders_365d",
    "spend_365d",
    "orders_90d",
    "online_share_365d",
    "usual_gap_days",
)


@dataclass(frozen=True)
class Effort:
    """How many rows each part looks at, and the resamples of stability."""

    most_customers: int | None
    most_tastes: int
    silhouette_rows: int
    stability_rows: int
    rule_rows: int
    resamples: stability.Effort


EFFORTS = {
    "quick": Effort(20_000, 5_000, 1_000, 500, 2_000, stability.QUICK),
    "full": Effort(None, 200_000, 2_000, 1_500, 20_000, stability.FULL),
}


@dataclass(frozen=True)
class People:
    """One month's customers in one space: a point each, and the space."""

    rows: pa.Table
    space: Space
    points: Floats

    @classmethod
    def of(cls, load: Load, month: dt.date, name: str, effort: Effort) -> "People":
        """Read and place them.

        Raises
        ------
        ValueError
            There is no customer.
        """
        # Many columns; sorted by key, the first rows are those of the other spaces.
        most = effort.most_tastes if len(SPACES[name]) > len(SPACES["rfm_rhythm"]) else effort.most_customers
        rows = load(month, list(SPACES[name]), most)
        space = Space.fit(name, SPACES[name], rows, price_per_item(rows))
        return cls(rows, space, space.transform(rows))


@dataclass(frozen=True)
class Tried:
    """A candidate: what was fitted, or why nothing was, and the labels of the customers of its space."""

    algorithm: Algorithm
    k: int
    people: People
    fitted: Fitted | None = None
    refused: str | None = None
    labels: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    seconds: float = 0.0
    peak_mb: float = 0.0


def attempts(
    load: Load,
    month: dt.date,
    algorithms: Sequence[Algorithm],
    taught: Callable[[str], tuple[Space, Data] | None],
    effort: Effort,
    seed: int,
    full: bool,
) -> Iterator[tuple[Tried, Data, Fit]]:
    """Fit each algorithm with each k; with what its stability is measured on.

    Parameters
    ----------
    load, month
        The customers.
    algorithms
        Of the catalogue.
    taught
        Space -> that space and the points of an earlier month with what they did later; None without such a month.
    effort, seed
        How much, and by which lot.
    full
        Whether the catalogue's limits of rows hold; else at most as many as the silhouette looks at where one is set.
    """
    for name in dict.fromkeys(a.space for a in algorithms):
        people = People.of(load, month, name, effort)
        for algorithm in (a for a in algorithms if a.space == name):
            own, data = people, Data(people.points)
            if algorithm.needs_later:
                lesson = taught(name)
                if lesson is None:
                    why = "there is no earlier month with 90 days after it to learn from"
                    yield from ((Tried(algorithm, k, people, refused=why), data, _none) for k in algorithm.ks)
                    continue
                own, data = replace(people, space=lesson[0], points=lesson[0].transform(people.rows)), lesson[1]
            most = algorithm.most_rows if full or algorithm.most_rows is None else min(algorithm.most_rows, 1_000)
            data = data.take(stratified(data.points, most, seed))
            fit = algorithm.fit(own.space)
            for k in algorithm.ks:
                yield _tried(algorithm, k, own, data, fit, seed), data, fit


def row(tried: Tried, data: Data, fit: Fit, rfm: People, columns: pa.Table, effort: Effort, seed: int) -> dict[str, Any]:
    """A candidate's row of `segments/candidates`, but for what only all candidates together tell.

    Parameters
    ----------
    tried, data, fit
        Of `attempts`.
    rfm
        The customers in the space `rfm`, where all candidates are compared.
    columns
        Columns in their own units for the rules, of the first customers.
    effort, seed
        How much, and by which lot.
    """
    found: dict[str, Any] = {
        "algorithm": tried.algorithm.name,
        "space": tried.people.space.name,
        "k": tried.k,
        "segments": 0,
        "noise_share": 0.0,
        "seconds": tried.seconds,
        "peak_mb": tried.peak_mb,
        "customers": len(data),
        "verdict": tried.refused or "",
    }
    if tried.fitted is None:
        return found
    model, points, labels = tried.fitted.model, tried.people.points, tried.labels
    here = quality.judge(points, labels, model.k, seed, rows=effort.silhouette_rows)
    on_rfm = quality.silhouette(rfm.points[: len(labels)], labels, seed, rows=effort.silhouette_rows, repeats=1)
    few = data.take(stratified(data.points, effort.stability_rows, seed))
    facts = dict(tried.fitted.facts)
    found |= {
        "segments": model.k,
        "noise_share": tried.fitted.noise_share,
        "agreement": facts.pop("agreement", None),
        "bic": facts.pop("bic", None),
        "aic": facts.pop("aic", None),
        "silhouette": here.silhouette and here.silhouette.mean,
        "silhouette_low": here.silhouette and here.silhouette.low,
        "silhouette_high": here.silhouette and here.silhouette.high,
        "silhouette_rfm": on_rfm and on_rfm.mean,
        "centroid_silhouette": here.centroid_silhouette,
        "ch": here.calinski_harabasz,
        "db": here.davies_bouldin,
        "inertia": here.inertia,
        "min_share": here.smallest_share,
        "max_share": here.largest_share,
        "fidelity": rules.fidelity(columns, labels[: len(columns)], seed),
        "facts": json.dumps(facts, sort_keys=True),
        "model": json.dumps({"space": tried.people.space.as_json(), "model": model.as_json(), "seed": seed}),
    }
    return found | _stability(few, fit, tried.k, seed, effort.resamples)


def _stability(few: Data, fit: Fit, k: int, seed: int, effort: stability.Effort) -> dict[str, Any]:
    try:
        own = stability.stability(few, fit, k, seed, effort.resamples, effort.pac_rows)
    except CannotFit:
        return {}
    null = stability.against_null(few, fit, k, seed, own.mean, effort)
    found = {
        "stability": own.mean,
        "stability_worst": own.worst,
        "null_stability": null.null_mean,
        "null_stability_high": null.null_upper,
        "blob_stability": null.blob_mean,
        "ari": own.ari,
        "pac": own.pac,
    }
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


def _tried(algorithm: Algorithm, k: int, people: People, data: Data, fit: Fit, seed: int) -> Tried:
    tracemalloc.start()
    started = time.perf_counter()
    try:
        fitted = fit(data, k, seed)
    except CannotFit as error:
        return Tried(algorithm, k, people, refused=str(error))
    finally:
        seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    labels = nearest(fitted.model, people.points)
    return Tried(algorithm, k, people, fitted, None, labels, seconds, peak / 2**20)


def _none(data: Data, k: int, seed: int) -> Fitted:
    raise CannotFit("it was not tried")
