"""How far the algorithms make the same segments: the adjusted Rand index (Hubert and Arabie 1985) of each pair.

Each algorithm is there with its best candidate. All place the same customers, by the models that they left.
"""

from collections.abc import Sequence
from typing import Any

from hm_assets.segments.models import nearest
from hm_assets.segments.page.called import Row, best_first, candidate
from hm_assets.segments.page.pictured import MOST, stored
from hm_assets.segments.people import Load


def best_of_each(rows: Sequence[Row]) -> list[Row]:
    """The best candidate of each algorithm in each space, those that were chosen or nearly so first."""
    fitted = [row for row in best_first(list(rows)) if row.get("model") is not None]
    found: dict[tuple[str, str], Row] = {}
    for row in fitted:
        found.setdefault((row["algorithm"], row["space"]), row)
    return list(found.values())


def agreement(rows: Sequence[Row], load: Load) -> list[dict[str, Any]]:
    """Rows of `segments/agreement` without `recipe`: each pair once, in the order of `best_of_each`.

    Parameters
    ----------
    rows
        Of `segments/candidates`, all of one training day.
    load
        Customers of a month.
    """
    from sklearn.metrics import adjusted_rand_score

    compared = best_of_each(rows)
    if not compared:
        return []
    models = [stored(row) for row in compared]
    columns = sorted({name for space, _ in models for name in space.columns})
    people = load(compared[0]["trained_as_of"].replace(day=1), columns, MOST)
    labels = [nearest(model, space.transform(people)) for space, model in models]
    names = [candidate(row) for row in compared]
    return [
        {
            "first": names[i],
            "second": names[j],
            "ari": float(adjusted_rand_score(labels[i], labels[j])),
            "customers": len(people),
        }
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]
