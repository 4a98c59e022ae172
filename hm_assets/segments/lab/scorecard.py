"""What is measured of each candidate: its row of `segments/candidates`."""

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.segments.algorithms.mixed import category_axes
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.lab.attempts import Tried
from hm_assets.segments.lab.effort import Effort
from hm_assets.segments.measures import quality, stability
from hm_assets.segments.people import People
from hm_assets.segments.rules import induction as rules
from hm_assets.segments.space import stratified

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


def row(tried: Tried, rfm: People, columns: pa.Table, effort: Effort, seed: int) -> dict[str, Any]:
    """A candidate's row of `segments/candidates`, but for what only all candidates together tell.

    Parameters
    ----------
    tried
        The candidate.
    rfm
        The customers in the space `rfm`, where all candidates are compared.
    columns
        `customer_key` and `RULE_COLUMNS` of some customers, for the rules.
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
        "customers": len(tried.data),
        "verdict": tried.refused or "",
    }
    if tried.fitted is None:
        return found
    model, points, labels = tried.fitted.model, tried.people.points, tried.labels
    here = quality.judge(
        points, labels, model.k, seed, rows=effort.silhouette_rows, repeats=effort.silhouette_repeats
    )
    on_rfm = quality.silhouette(
        rfm.points_of(tried.people.rows), labels, seed, rows=effort.silhouette_rows, repeats=1
    )
    facts = dict(tried.fitted.facts)
    found |= {
        "segments": model.k,
        "noise_share": tried.fitted.noise_share,
        **{name: facts.pop(name, None) for name in ("agreement", "bic", "aic")},
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
        "fidelity": _fidelity(tried, columns, seed),
        "facts": json.dumps(facts, sort_keys=True),
        "model": json.dumps(
            {
                "space": tried.people.space.as_json(),
                "model": model.as_json(),
                "seed": seed,
                "names": list(tried.fitted.names),
            }
        ),
    }
    return found | _stability(tried, effort, seed)


def _fidelity(tried: Tried, columns: pa.Table, seed: int) -> float | None:
    assert tried.fitted is not None
    keys = tried.people.rows["customer_key"].combine_chunks()
    places = pc.index_in(columns["customer_key"], value_set=keys).to_numpy(zero_copy_only=False)
    known = ~np.isnan(places)
    labels = np.where(known, tried.labels[np.where(known, places, 0).astype(np.int64)], -1)
    try:
        return rules.fidelity(columns.drop_columns(["customer_key"]), labels, seed)
    except CannotFit:
        return None


def _stability(tried: Tried, effort: Effort, seed: int) -> dict[str, Any]:
    fit = tried.algorithm.fit(tried.people.space)
    few = tried.data.take(stratified(tried.data.points, effort.stability_rows, seed))
    often = effort.resamples_of(tried.algorithm)
    try:
        own = stability.stability(few, fit, tried.k, seed, often.resamples, often.pac_rows)
    except CannotFit:
        return {}
    categories = category_axes(tried.people.space)
    null = stability.against_null(few, fit, tried.k, seed, own.mean, often, categories)
    found = {
        "stability": own.mean,
        "stability_worst": own.worst,
        "null_stability": null.null_mean,
        "null_stability_high": null.null_upper,
        "null_silhouette": null.null_silhouette,
        "blob_stability": null.blob_mean,
        "ari": own.ari,
        "pac": own.pac,
    }
    return {name: value if math.isfinite(value) else None for name, value in found.items()}
