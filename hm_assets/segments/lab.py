"""The clustering lab: every candidate fitted on one snapshot, as rows of `segments/candidates`."""

import json

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.segments import clustering
from hm_assets.segments.space import FEATURES, Space
from hm_assets.segments.tables import CANDIDATES


def fit(snapshot: ibis.Table, depth: str, seed: int, recipe: str) -> pa.Table:
    """The candidates of one month's `features/customer_features`; the order of its rows does not matter.

    Raises
    ------
    ValueError
        There is no customer, or all of them are alike.
    """
    rows = snapshot.order_by("customer_key").select("as_of", "items", *FEATURES).to_pyarrow()
    values = np.column_stack([rows[name].to_numpy().astype(np.float64) for name in FEATURES])
    per_item = rows["spend"].to_numpy() / rows["items"].to_numpy()
    space = Space.fit(values, float(np.median(per_item)) if len(per_item) else 1.0)
    found = clustering.candidates(space.transform(values), depth, seed)
    chosen = clustering.choose(found)
    return pa.Table.from_pylist(
        [
            {
                "algorithm": "kmeans",
                "k": candidate.k,
                "silhouette": candidate.silhouette,
                "min_share": float(candidate.shares.min()),
                "max_share": float(candidate.shares.max()),
                "verdict": clustering.verdict(candidate, chosen),
                "trained_as_of": rows["as_of"][0].as_py(),
                "customers": len(values),
                "recipe": recipe,
                "model": json.dumps(
                    {"space": space.as_json(), "centres": candidate.centres.tolist(), "seed": seed}
                ),
            }
            for candidate in found
        ],
        schema=CANDIDATES.arrow_schema(),
    )
