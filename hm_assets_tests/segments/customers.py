"""Made-up customers as rows of `features/customer_features` and as the lab reads them, and champions for them."""

import datetime as dt
from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.inputs import RFM, SPACES
from hm_assets.segments.lab.scorecard import RULE_COLUMNS
from hm_assets.segments.models import Centres
from hm_assets.segments.people import ORDER, Load
from hm_assets.segments.space import Coordinate, Floats, Space

AS_OF = dt.date(2020, 9, 22)
MONTH = dt.date(2020, 9, 1)
PLAIN = Space("rfm", tuple(Coordinate(name, unit=1.0) for name in RFM))

# Medians of recency (days), purchase days and spend (H&M's price index) of groups that lie far apart.
GROUPS = ((8, 40, 3.0), (30, 14, 0.6), (100, 5, 0.2), (450, 1, 0.03))


def groups(
    each: int, seed: int = 0, medians: Sequence[tuple[float, ...]] = GROUPS, spread: float = 0.25
) -> Floats:
    """n x 3 values of `RFM`: whole days, spend in steps of 1/590, one block of `each` rows per group."""
    rng = np.random.default_rng(seed)
    values = np.concatenate([np.exp(rng.normal(np.log(m), spread, (each, 3))) for m in medians])
    values[:, :2] = np.maximum(values[:, :2].round(), 1)
    values[:, 2] = np.maximum((values[:, 2] * 590).round(), 1) / 590
    return values


def cloud(customers: int, seed: int = 0) -> Floats:
    """n x 3 values of `RFM` without any group: one Gaussian of the logarithms."""
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((customers, 3)) @ np.array([[1.0, -0.4, -0.3], [0, 0.8, 0.7], [0, 0, 0.5]])
    values = np.exp(np.log([60, 12, 0.5]) + 0.8 * latent)
    values[:, :2] = np.maximum(values[:, :2].round(), 1)
    return np.asarray(values)


def rows(values: Floats, keys: Sequence[int] | None = None) -> pa.Table:
    """What the lab may ask of these customers; all that is not in `values` follows from them."""
    recency, days, spend = values.T
    columns = {
        "customer_key": np.arange(1, len(values) + 1) if keys is None else np.asarray(keys),
        "recency_days": recency.astype(int),
        "purchase_days": days.astype(int),
        "spend": spend,
        "items": np.maximum(days * 2, 1).astype(int),
        "tenure_days": (recency + days * 20).astype(int),
        "mean_gap_days": 20 + days % 3,
        "usual_gap_days": 20 + days % 3,
        "items_per_order": 1 + days % 4,
        "price_per_item": spend / np.maximum(days * 2, 1),
        "orders_365d": np.where(recency < 365, days, 0).astype(int),
        "spend_365d": np.where(recency < 365, spend, 0.0),
        "items_per_order_365d": 1 + days % 4,
        "price_per_item_365d": spend / np.maximum(days * 2, 1),
        "orders_90d": np.where(recency < 90, days, 0).astype(int),
        "online_share_365d": (days % 5) / 5,
    }
    columns |= {name: (recency + place * days) % 7 / 10 for place, name in enumerate(SPACES["monthly_shape"])}
    columns |= {name: (days + place) % 4 for place, name in enumerate(SPACES["taste"])}
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    table = table.append_column("main_channel", pa.array(["online" if d % 2 else "store" for d in days]))
    table = table.append_column("favourite_group", pa.array([f"index_group_{int(r) % 3}" for r in recency]))
    return table.append_column("as_of", pa.array([AS_OF] * len(values), pa.date32()))


def load_of(values: Floats, keys: Sequence[int] | None = None) -> Load:
    """How the lab reads these customers, the same in each month."""
    everybody = rows(values, keys)

    def load(month: dt.date, columns: Sequence[str], most: int | None) -> pa.Table:
        first = everybody.sort_by("customer_key").slice(0, most)
        wanted = dict.fromkeys(("customer_key", "as_of", *ORDER, *columns, *RULE_COLUMNS))
        return first.sort_by([(name, "ascending") for name in ORDER]).select(list(wanted))

    return load


def features(values: Floats, keys: Sequence[int] | None = None) -> ibis.Table:
    """The same with key, `as_of` and `month`, as the champion reads them."""
    table = rows(values, keys)
    return ibis.memtable(table.append_column("month", pa.array([MONTH] * len(values), pa.date32())))


def champion(centres: Sequence[Sequence[float]], ids: Sequence[int], space: Space = PLAIN) -> Champion:
    """A champion with centres given in the space's coordinates."""
    model = Centres(np.array(centres, dtype=float))
    return Champion("kmeans", space, model, tuple(ids), max(ids), AS_OF, 42, decision={"override": None})
