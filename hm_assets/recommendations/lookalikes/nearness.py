"""How much more a place is crowded with customers of a seed than with customers at large.

To be near a member of the seed is not enough: customers crowd around those who bought once, long ago, and whoever lies
in a crowd has somebody of the seed near. What counts is the ratio of two densities, each from the distance to the k-th
nearest neighbour (Loftsgaarden and Quesenberry 1965): of the seed, and of everybody. It ranks as the chance to be of
the seed does, without a model of either. Time grows with the number of customers, as both are samples.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from hm_assets.features import tables as feature_tables
from hm_assets.segments.people import price_per_item
from hm_assets.segments.space import Bools, Floats, Ints, Kind, Space

NEIGHBOURS = 10
FEWEST, MOST = 20, 1_000
"""Members that a seed needs; of more, and of everybody, every n-th stands for all."""
BATCH = 5_000

RFM: Mapping[str, Kind] = {"recency_days": "count", "purchase_days": "count", "spend": "money"}
KINDS: Mapping[str, Kind] = {
    **RFM,
    "orders_90d": "count",
    "orders_365d": "count",
    "spend_365d": "money",
    "online_share_365d": "number",
    "discount_365d": "number",
    **{
        column.name: "number"
        for column in feature_tables.CUSTOMER_FEATURES.columns
        if column.name.startswith("clr_")
    },
}
"""What makes customers alike: how much and how lately they buy, where and how cheaply, and what (log ratios)."""


def points(rows: pa.Table, kinds: Mapping[str, Kind] = KINDS) -> Floats:
    """Customers in the space of these columns (n x axes), each of one standard deviation.

    `rows` are of `features/customer_features`, of one month; a column without a single value is no axis.
    """
    usable: dict[str, Kind] = {
        name: kind for name, kind in kinds.items() if rows[name].null_count < rows.num_rows
    }
    return Space.fit("lookalikes", usable, rows, price_per_item(rows)).transform(rows)


def nearness(at: Floats, seed: Bools) -> Floats:
    """How much more a customer's place is crowded with the seed than with everybody (n); higher is more alike.

    Parameters
    ----------
    at
        Places of n customers, in the order of their keys.
    seed
        Which of them are the seed (n); their own values mean nothing.

    Raises
    ------
    ValueError
        The seed has too few members to be told apart from chance, or from one of them.
    """
    from scipy.spatial.distance import cdist

    members = np.flatnonzero(seed)
    if len(members) < FEWEST:
        raise ValueError(
            f"the seed has {len(members)} customers with a purchase; {FEWEST} are needed to say who is like them"
        )
    theirs, everybody = every_nth(members), every_nth(np.arange(len(at)))
    found = np.empty(len(at))
    for start in range(0, len(at), BATCH):
        part = np.arange(start, min(start + BATCH, len(at)))
        logs = []
        for sample in (theirs, everybody):
            # No BLAS here: how a row is batched must not change its last digit.
            distance = cdist(at[part], at[sample], "sqeuclidean")
            distance[part[:, None] == sample] = np.inf
            k = min(NEIGHBOURS, len(sample) - 1)
            logs.append(np.log(np.partition(distance, k - 1, axis=1)[:, k - 1] + 1e-12))
        found[part] = logs[1] - logs[0]
    return found


def ranked(scores: Floats, pool: Ints) -> Ints:
    """Customers of a pool (positions, ascending by key), highest score first; equal ones by key."""
    return np.asarray(pool[np.lexsort((pool, -scores[pool]))])


def every_nth(positions: Ints, most: int = MOST) -> Ints:
    """At most so many, evenly spread; keys are hashes, so their order has nothing to do with behaviour."""
    if len(positions) <= most:
        return positions
    return np.asarray(positions[np.linspace(0, len(positions) - 1, most).astype(np.int64)])
