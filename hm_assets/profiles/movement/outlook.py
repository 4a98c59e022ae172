"""Who is about to drop if nothing is bought, and whom one more order would lift.

Both ask the champion what it would say of the same customer with a later date or with one more order. The clock moves
`recency_days` and `tenure_days`; an order changes what `ORDER_COLUMNS` names. Other columns of a space (a mix of
tastes, a share by month) are held as they are: a space of those alone moves nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.models import nearest
from hm_assets.segments.space import Floats, Ints, Space, numbers

HORIZON_DAYS = 90
# The clock is read every 15 days and then halved to the day: a stay below of less than 15 days may go unseen.
STEP_DAYS = 15
CLOCK = ("recency_days", "tenure_days")
BEHAVIOUR = ("recency_days", "tenure_days", "purchase_days", "orders", "items", "spend")
ORDER_COLUMNS = (*BEHAVIOUR, "mean_gap_days", "items_per_order", "price_per_item")
CHUNK = 200_000


@dataclass(frozen=True)
class Order:
    """What an order of a segment holds on average: units, and their price."""

    items: float
    spend: float


def held(space: Space) -> list[str]:
    """Columns of the space that neither the clock nor an order moves here."""
    return [name for name in space.columns if name not in ORDER_COLUMNS]


def outlook(
    champion: Champion, people: pa.Table, places: Mapping[int, int], orders: Mapping[int, Order]
) -> pa.Table:
    """What time alone, and one order, would do.

    Parameters
    ----------
    champion
        The model.
    people
        Customers with a purchase: `customer_key`, `BEHAVIOUR` and the columns of the champion's space.
    places
        Segment -> its place by value (`chain.order_of_value`); a segment that is not there is lowest.
    orders
        Segment -> its typical order.

    Returns
    -------
    pa.Table
        `customer_key`, `drops_without_order_in_days` (1 to 90, null = not within these) and `rises_with_one_order`.
    """
    value = np.array([places.get(i, 0) for i in champion.ids])
    drops, rises = [], []
    for start in range(0, len(people), CHUNK):
        rows = people.slice(start, CHUNK)
        points = champion.space.transform(rows)
        labels = nearest(champion.model, points)
        drops.append(_drops(champion, rows, points, value, value[labels]))
        lifted = champion.space.transform(_after_one_order(rows, champion, labels, orders))
        rises.append(value[nearest(champion.model, lifted)] > value[labels])
    dropped = np.concatenate([np.empty(0), *drops])
    return pa.table(
        {
            "customer_key": people["customer_key"],
            "drops_without_order_in_days": pa.array(dropped, pa.float64(), from_pandas=True).cast(pa.int16()),
            "rises_with_one_order": pa.array(np.concatenate([np.empty(0, dtype=bool), *rises])),
        }
    )


def _drops(
    champion: Champion, rows: pa.Table, points: Floats, value: Ints, today: npt.NDArray[np.int64]
) -> Floats:
    """Days until the value is lower than today's; NaN where it is not within the horizon."""
    axes = [i for i, axis in enumerate(champion.space.coordinates) if axis.column in CLOCK]
    found = np.full(len(rows), np.nan)
    if not axes:
        return found
    clock = Space(champion.space.name, tuple(champion.space.coordinates[i] for i in axes))

    def is_lower(which: Ints, days: Floats) -> npt.NDArray[np.bool_]:
        moved = points[which]
        later = {name: numbers(rows, name)[which] + days for name in clock.columns}
        moved[:, axes] = clock.transform(pa.table(later))
        return np.asarray(value[nearest(champion.model, moved)] < today[which])

    waiting = np.flatnonzero(today > value.min(initial=0))
    for day in range(STEP_DAYS, HORIZON_DAYS + 1, STEP_DAYS):
        lower = is_lower(waiting, np.full(len(waiting), float(day)))
        found[waiting[lower]] = day
        waiting = waiting[~lower]
    dropping = np.flatnonzero(~np.isnan(found))
    high, low = found[dropping], found[dropping] - STEP_DAYS
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        lower = is_lower(dropping, middle)
        high, low = np.where(lower, middle, high), np.where(lower, low, middle)
    found[dropping] = high
    return found


def _after_one_order(
    rows: pa.Table, champion: Champion, labels: Ints, orders: Mapping[int, Order]
) -> pa.Table:
    """The same customers after an order today as their segment places them."""
    typical = [orders.get(i, Order(0.0, 0.0)) for i in champion.ids]
    more_items = np.array([order.items for order in typical])[labels]
    more_spend = np.array([order.spend for order in typical])[labels]
    recency, tenure, days, count, items, spend = (numbers(rows, name) for name in BEHAVIOUR)
    # A second order on the same day is one more order, but no other day.
    days = days + (recency > 0)
    count, items, spend = count + 1, items + more_items, spend + more_spend
    gap = np.divide(tenure, days - 1, out=np.full(len(rows), np.nan), where=days > 1)
    changed = {
        "recency_days": np.zeros(len(rows)),
        "purchase_days": days,
        "orders": count,
        "items": items,
        "spend": spend,
        "mean_gap_days": gap,
        "items_per_order": items / count,
        "price_per_item": np.divide(spend, items, out=np.zeros(len(rows)), where=items > 0),
    }
    for name, values in changed.items():
        if name in champion.space.columns:
            rows = rows.set_column(rows.column_names.index(name), name, pa.array(values))
    return rows
