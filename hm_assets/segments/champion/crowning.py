"""What makes a fitted model the champion: ids that stay, and parts of its large segments."""

from collections.abc import Sequence
from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.segments import models
from hm_assets.segments.algorithms.centres import kmeans, kmeans_of
from hm_assets.segments.champion import canonical
from hm_assets.segments.champion.champion import Champion, cost_names, first, with_costs
from hm_assets.segments.champion.subsegments import STABLE, subsegments
from hm_assets.segments.fitting import Data
from hm_assets.segments.measures import stability
from hm_assets.segments.measures.structure import BOUGHT_AGAIN_DAYS, FEW_STARTS, LEVEL, find_structure
from hm_assets.segments.space import Floats, numbers, stratified

MOST_RESAMPLED = 1_000
RANKED_BY = ("spend", "recency_days", "purchase_days")


def crowned(
    model: Champion,
    customers: ibis.Table,
    previous: Champion | None = None,
    earlier: ibis.Table | None = None,
) -> Champion:
    """The same model with canonical ids: by its members' spend, or the previous ones where the members are the same.

    Parameters
    ----------
    model
        Whose ids are not settled yet.
    customers
        Customers of the training month: `inputs.customers_as_of` with the columns of the space and of `RANKED_BY`.
    previous
        The champion before.
    earlier
        The same customers with the columns of the previous champion's space; needed with `previous`.
    """
    k = model.model.k
    costed = with_costs(customers, model.space, model.model, *RANKED_BY)
    names = cost_names(model.model)
    own = ibis.least(*(costed[name] for name in names))
    placed = costed.select("customer_key", *RANKED_BY, place=first(costed, names, own, range(k)))
    facts = (
        placed.group_by("place")
        .agg(
            **{name: placed[name].cast("float64").mean() for name in RANKED_BY}, key=placed.customer_key.min()
        )
        .order_by("place")
        .to_pyarrow()
    )
    used = facts["place"].to_pylist()
    ranked = canonical.ordered(*(facts[name].to_numpy() for name in (*RANKED_BY, "key")))
    # A segment that nobody is in, which only a person would choose, comes last.
    order = [used[i] for i in ranked] + [i for i in range(k) if i not in used]
    if previous is None or earlier is None:
        return replace(model, model=model.model.reordered(order), ids=tuple(range(1, k + 1)), last_id=k)
    before = previous.assign(earlier).select("customer_key", "segment_id")
    both = placed.inner_join(before, "customer_key").group_by("place", "segment_id").agg(n=ibis._.count())
    overlap = np.zeros((k, len(previous.ids)), dtype=np.int64)
    for row in both.to_pyarrow().to_pylist():
        overlap[order.index(row["place"]), previous.ids.index(row["segment_id"])] = row["n"]
    ids = canonical.matched_ids(overlap, previous.ids, previous.last_id)
    by_id = sorted(range(k), key=lambda i: ids[i])
    return replace(
        model,
        model=model.model.reordered([order[i] for i in by_id]),
        ids=tuple(ids[i] for i in by_id),
        last_id=max(previous.last_id, *ids),
    )


def with_parts(champion: Champion, rows: pa.Table) -> Champion:
    """The same with the large segments split where their parts are stable, and the reason for each segment.

    Parameters
    ----------
    champion
        With settled ids.
    rows
        Customers of the training month, in the order of their behaviour: the columns of the space, `spend` and
        `purchase_days`.
    """

    def proof(points: Floats, ks: Sequence[int], segments: int) -> tuple[dict[int, float], bool]:
        few = Data(points[stratified(points, MOST_RESAMPLED, champion.seed)])
        resamples = stability.QUICK.resamples
        worst = {k: stability.stability(few, kmeans, k, champion.seed, resamples).worst for k in ks}
        if max(worst.values()) <= STABLE:
            return worst, False
        # Each of so many verdicts is held to its part of the level (Bonferroni), which takes as many more nulls.
        level = LEVEL / segments
        candidates = {f"{k} parts": (kmeans_of(FEW_STARTS), k) for k in ks}
        nulls = round(1 / level) - 1
        return worst, find_structure(few, candidates, champion.seed, nulls=nulls, level=level).found

    points = champion.space.transform(rows)
    dithered = champion.space.transform(rows, dither=np.random.default_rng(champion.seed))
    labels = np.array(champion.ids)[models.nearest(champion.model, points)]
    bought_again = numbers(rows, "purchase_days") >= BOUGHT_AGAIN_DAYS
    spend = numbers(rows, "spend")
    splits = subsegments(points, dithered, labels, spend, bought_again, proof, champion.seed)
    return replace(
        champion,
        parts={number: split.parts for number, split in splits.items() if split.parts is not None},
        decision={
            **champion.decision,
            "parts": {str(number): split.reason for number, split in splits.items()},
        },
    )
