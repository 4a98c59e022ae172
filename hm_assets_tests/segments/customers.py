"""Made-up customers as rows of `features/customer_features`, and champions to place them with."""

import datetime as dt
from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.segments.champion import Champion
from hm_assets.segments.space import FEATURES, Floats, Space

AS_OF = dt.date(2020, 9, 22)
MONTH = dt.date(2020, 9, 1)
PLAIN = Space((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))

# Medians of recency (days), purchase days and spend (H&M's price index) of groups that lie far apart.
GROUPS = ((8, 40, 3.0), (30, 14, 0.6), (100, 5, 0.2), (450, 1, 0.03))


def groups(
    each: int, seed: int = 0, medians: Sequence[tuple[float, ...]] = GROUPS, spread: float = 0.25
) -> Floats:
    """n x 3 values of `FEATURES`: whole days, spend in steps of 1/590, one block of `each` rows per group."""
    rng = np.random.default_rng(seed)
    values = np.concatenate([np.exp(rng.normal(np.log(m), spread, (each, 3))) for m in medians])
    values[:, :2] = np.maximum(values[:, :2].round(), 1)
    values[:, 2] = np.maximum((values[:, 2] * 590).round(), 1) / 590
    return values


def features(values: Floats, keys: Sequence[int] | None = None) -> ibis.Table:
    """Rows with these values and keys 1..n where none are given."""
    columns = {name: values[:, place] for place, name in enumerate(FEATURES)}
    return ibis.memtable(
        pa.table(
            {
                "customer_key": pa.array(keys if keys is not None else range(1, len(values) + 1), pa.int64()),
                "as_of": pa.array([AS_OF] * len(values), pa.date32()),
                "month": pa.array([MONTH] * len(values), pa.date32()),
                "recency_days": pa.array(columns["recency_days"].astype(int), pa.int32()),
                "purchase_days": pa.array(columns["purchase_days"].astype(int), pa.int32()),
                "items": pa.array(np.maximum(columns["purchase_days"] * 2, 1).astype(int), pa.int32()),
                "spend": pa.array(columns["spend"], pa.float64()),
            }
        )
    )


def champion(centres: Sequence[Sequence[float]], ids: Sequence[int], space: Space = PLAIN) -> Champion:
    """A champion with centres given in the space's coordinates."""
    return Champion("kmeans", space, np.array(centres, dtype=float), tuple(ids), max(ids), AS_OF, 42)
