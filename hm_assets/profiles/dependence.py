"""How many customers are in the segment they are in because of a value that was filled in."""

from typing import Any

import ibis

from hm_assets.segments.champion.champion import Champion

IMPUTED = ("age", "club_member_status", "fashion_news_frequency")


def uses_imputed(champion: Champion) -> bool:
    """Whether an axis of the champion's space is a column that is filled where it is unknown."""
    return bool(set(champion.space.columns) & set(IMPUTED))


def dependent(champion: Champion, completed: ibis.Table) -> ibis.Table:
    """The customers (`customer_key`) whose segment is not the same in every draw.

    Parameters
    ----------
    champion
        Who places them.
    completed
        Customers with a filled value, a row per draw: `customer_key`, `as_of`, `month`, `draw` and the columns of the
        space. Whoever has no filled value depends on none.
    """
    placed = [
        champion.assign(completed.filter(completed.draw == draw)).select("customer_key", "segment_id")
        for draw in sorted(completed.select("draw").distinct().draw.to_pyarrow().to_pylist())
    ]
    if not placed:
        return completed.select("customer_key").filter(False)
    every = ibis.union(*placed, distinct=False) if len(placed) > 1 else placed[0]
    return every.group_by("customer_key").having(every.segment_id.nunique() > 1).agg().select("customer_key")


def share_by_segment(
    champion: Champion, assignments: ibis.Table, features: ibis.Table, draws: ibis.Table
) -> dict[int, float]:
    """Segment id -> share of its customers whose segment depends on a filled value; 0 where the space uses none.

    Parameters
    ----------
    champion
        Who places them.
    assignments, features, draws
        One month of `segments/assignments`, `features/customer_features` and `features/imputed_ages`.
    """
    ids = assignments.group_by("segment_id").agg(customers=ibis._.count()).order_by("segment_id").to_pyarrow()
    sizes = dict(zip(ids["segment_id"].to_pylist(), ids["customers"].to_pylist(), strict=True))
    if not uses_imputed(champion):
        return dict.fromkeys(sizes, 0.0)
    completed = features.inner_join(draws.select("customer_key", "draw", "age"), "customer_key")
    moved = assignments.semi_join(dependent(champion, completed), "customer_key")
    counted = moved.group_by("segment_id").agg(customers=ibis._.count()).to_pyarrow()
    found = dict(zip(counted["segment_id"].to_pylist(), counted["customers"].to_pylist(), strict=True))
    return {i: found.get(i, 0) / n for i, n in sizes.items()}


def row(share: float) -> dict[str, Any]:
    """That share as a row of `profiles/segment_profiles`."""
    return {"kind": "demographic", "fact": "depends_on_imputed", "unit": "share", "value": share}
