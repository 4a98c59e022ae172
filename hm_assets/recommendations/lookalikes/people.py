"""The customers of a month as lookalikes see them."""

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.lookalikes.nearness import KINDS


def read(features: ibis.Table, most: int | None = None) -> pa.Table:
    """`customer_key`, `as_of`, `items` and the columns of `KINDS`, by key.

    Parameters
    ----------
    features
        `features/customer_features` of one month.
    most
        With it every n-th, at most so many.
    """
    wanted = features.select("customer_key", "as_of", "items", *KINDS)
    if most is not None:
        keys = (
            features.select("customer_key").order_by("customer_key").to_pyarrow()["customer_key"].to_numpy()
        )
        if len(keys) > most:
            taken = keys[np.linspace(0, len(keys) - 1, most).astype(np.int64)]
            wanted = wanted.semi_join(ibis.memtable(pa.table({"customer_key": taken})), "customer_key")
    return wanted.order_by("customer_key").to_pyarrow()
