"""What a lab would leave of made-up customers: candidates that were really fitted, with figures that were made up."""

import datetime as dt
import json
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.algorithms.hierarchical import ward
from hm_assets.segments.algorithms.mixture import gaussian_mixture
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.choice import decision
from hm_assets.segments.fitting import CannotFit, Data
from hm_assets.segments.inputs import SPACES
from hm_assets.segments.lab.scorecard import RULE_COLUMNS
from hm_assets.segments.measures.quality import judge
from hm_assets.segments.models import nearest
from hm_assets.segments.page import called
from hm_assets.segments.page.pictured import Pictured
from hm_assets.segments.people import price_per_item
from hm_assets.segments.space import Space
from hm_assets.segments.tables import CANDIDATES

AS_OF = dt.date(2020, 9, 22)
# Medians of recency (days), purchase days and spend (price index) of groups that lie far apart.
GROUPS = ((8, 40, 3.0), (30, 14, 0.6), (100, 5, 0.2), (450, 1, 0.03))
FITS = {
    "kmeans": (kmeans, range(2, 6)),
    "gaussian_mixture": (gaussian_mixture, (3, 4, 5)),
    "ward": (ward, (4,)),
}
VERSIONS = {
    path: f"v-{path}"
    for path in (
        "segments/candidates",
        "segments/later_values",
        "segments/agreement",
        "segments/champion",
        "features/customer_features",
    )
}


def customers(each: int = 60, seed: int = 0) -> pa.Table:
    """Customers of four kinds, sorted as the lab reads them, with a column that some do not have."""
    rng = np.random.default_rng(seed)
    values = np.concatenate([np.exp(rng.normal(np.log(m), 0.25, (each, 3))) for m in GROUPS])
    values[:, :2] = np.maximum(values[:, :2].round(), 1)
    values = values[np.lexsort(values.T[::-1])]
    online = rng.random(len(values))
    return table(values, [None if share < 0.2 else float(share) for share in online])


def table(values, online=None) -> pa.Table:
    """Recency, purchase days and spend as all columns that pictures read."""
    recency, often, spend = np.asarray(values, dtype=float).T
    columns: dict[str, Any] = {
        "customer_key": np.arange(1, len(recency) + 1),
        "as_of": [AS_OF] * len(recency),
        "recency_days": recency,
        "purchase_days": often,
        "spend": spend,
        "items": often * 2,
        "price_per_item": spend / (often * 2),
        "online_share_365d": online or [None] * len(recency),
    }
    return pa.table(columns | {name: often for name in RULE_COLUMNS if name not in columns})


def load(rows: pa.Table):
    """A reader of these customers."""
    return lambda month, columns, most: rows if most is None else rows.slice(0, most)


GAPS = {"gap_se": 0.01, "gap_of_one": 0.15, "gap_of_one_se": 0.01}


def candidates(rows: pa.Table, fits=FITS) -> list[dict[str, Any]]:
    """Rows of `segments/candidates`; those without a fit have a reason and no figures."""
    tried = [
        (name, "rfm", fit, k)
        for name, (fit, ks) in {**fits, decision.FALLBACK: (kmeans, (0,))}.items()
        for k in ks
    ]
    found = []
    for name, space_name, fit, k in [*tried, ("kmeans", "spend_frequency_price", kmeans, 4)]:
        space = Space.fit(space_name, SPACES[space_name], rows, price_per_item(rows))
        points = space.transform(rows)
        row: dict[str, Any] = {column.name: None for column in CANDIDATES.columns}
        row |= {
            "algorithm": name, "space": space_name, "k": k, "segments": 0, "noise_share": 0.0, "seconds": 0.25,
            "peak_mb": 3.0, "structure": "structure: it is 90 % emptier", "verdict": "refused: <b>too few</b>",
            "trained_as_of": AS_OF, "customers": len(rows), "depth": "quick", "recipe": "r",
        }  # fmt: skip
        found.append(row)
        try:
            model = fit(Data(points), k or 3, 42).model
        except CannotFit:
            continue
        row |= figures(row, points, nearest(model, points), model.k)
        row["model"] = json.dumps(
            {"space": space.as_json(), "model": model.as_json(), "seed": 42, "names": []}
        )
    return found


def figures(row, points, labels, k) -> dict[str, Any]:
    """Indices of the points; stability and later value by a formula, highest for four segments."""
    here, near = judge(points, labels, k, 42), 1 / (1 + abs(k - 4))
    silhouette = here.silhouette
    return {
        "segments": k,
        "verdict": "dominated by kmeans 4 rfm",
        "silhouette": silhouette and silhouette.mean,
        "silhouette_low": silhouette and silhouette.low,
        "silhouette_high": silhouette and silhouette.high,
        "silhouette_rfm": silhouette and silhouette.mean,
        "centroid_silhouette": here.centroid_silhouette,
        "null_silhouette": 0.4,
        "ch": here.calinski_harabasz,
        "db": here.davies_bouldin,
        "inertia": here.inertia,
        "min_share": here.smallest_share,
        "max_share": here.largest_share,
        "stability": 0.6 + 0.3 * near,
        "null_stability": 0.7,
        "null_stability_high": 0.8 if row["algorithm"] == "kmeans" else None,
        "blob_stability": 0.65,
        "later_value": 0.3 + 0.2 * near,
        "later_low": 0.25,
        "later_high": 0.55,
        "fidelity": 0.9,
        **(
            {"gap": 0.2 + 0.1 * near, "gap_se": 0.01, "gap_of_one": 0.15, "gap_of_one_se": 0.01}
            if row["algorithm"] == "kmeans"
            else {}
        ),
        **({"bic": 900.0 - k, "aic": 850.0 - k} if row["algorithm"] == "gaussian_mixture" else {}),
    }


def later(rows) -> list[dict[str, Any]]:
    """Rows of `segments/later_values` of one past month, with two baselines."""
    tried = [(r["algorithm"], r["space"], r["k"], r["later_value"]) for r in rows if r["later_value"]]
    plain = [("recency_quintiles", "recency_days", 5, 0.24), ("monetary_quintiles", "spend", 5, 0.2)]
    return [
        {"as_of": dt.date(2020, 6, 24), "algorithm": name, "space": space, "k": k, "outcome": "log_spend",
         "value": value, "low": value - 0.05, "high": value + 0.04, "customers": 900, "recipe": "r"}
        for name, space, k, value in (*tried, *plain)
    ]  # fmt: skip


def champion(rows, chosen: str = "kmeans 4 rfm", **decided: Any) -> Champion:
    """The champion that a decision would make of a candidate."""
    (row,) = [r for r in rows if called.key(r) == chosen]
    model = json.loads(row["model"])
    said = {
        "headline": chosen, "reasons": ["It is the most <b>stable</b>."], "override": None, "candidate": chosen,
        "runner_up": None, "structure": True,
    }  # fmt: skip
    return Champion.from_json(
        {
            "algorithm": row["algorithm"], "space": model["space"], "model": model["model"], "seed": 42,
            "ids": list(range(1, row["segments"] + 1)), "last_id": row["segments"], "parts": {},
            "trained_as_of": AS_OF.isoformat(), "decision": {**said, **decided},
        }
    )  # fmt: skip


def pictured(rows, people: pa.Table, crown: Champion) -> Pictured:
    """These customers as the page shows them."""
    seen = Pictured.of(load(people), crown, rows, {}, 42)
    ids, counts = np.unique(seen.segments, return_counts=True)
    return Pictured.of(load(people), crown, rows, dict(zip(ids.tolist(), counts.tolist(), strict=True)), 42)
