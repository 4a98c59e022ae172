"""Baskets in memory: what a customer bought on a day in a channel, each article (or product type) once.

A line with a price of 0 is a gift or a coupon, not a choice, and is left out. Nobody chooses fifty garments to go
together: a basket of more is left out too, and counted, since its pairs would be more than those of a thousand others.
"""

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import numpy.typing as npt

from hm_assets.segments.space import Ints

Positions = npt.NDArray[np.int32]
MOST_ITEMS = 50
"""Different items of a basket; one with more is left out."""
SIZES = (2, 3, 4, 5, 7, 10, 15, 25)
"""The first size of each class of baskets."""
PERIOD_DAYS = 30


@dataclass(frozen=True)
class Baskets:
    """Baskets of a window: n rows (basket, item), in the order of baskets, then items.

    Attributes
    ----------
    items
        What occurs in them, ascending: article keys, or whatever `item_of` maps to.
    basket, item
        Positions of the basket and of the item (n).
    customer
        Position of each basket's customer (baskets).
    stratum
        Of each basket: its class of size, 30 days and channel; -1 with one item (baskets).
    left_out
        Baskets with more than `MOST_ITEMS` items.
    """

    items: Ints
    basket: Positions
    item: Positions
    customer: Positions
    stratum: Positions
    left_out: int

    @property
    def count(self) -> int:
        """Baskets, those with one item too."""
        return len(self.customer)

    @property
    def with_item(self) -> Ints:
        """Baskets that hold each item (items)."""
        return np.bincount(self.item, minlength=len(self.items)).astype(np.int64)


def read(
    lines: ibis.Table,
    as_of: dt.date,
    days: int,
    item_of: ibis.Table | None = None,
) -> Baskets:
    """The baskets of the days (as_of - days, as_of].

    Parameters
    ----------
    lines
        `raw/transactions` of the months that hold these days.
    as_of, days
        The last day, and how many.
    item_of
        `article_key` and `item` (int64): what a line counts as; lines without are left out. The article if None.
    """
    known = lines.filter(
        (lines.t_dat <= ibis.literal(as_of, "date"))
        & (lines.t_dat > ibis.literal(as_of - dt.timedelta(days=days), "date"))
        & (lines.price > 0)
    )
    known = known.mutate(item=known.article_key) if item_of is None else known.join(item_of, "article_key")
    key = ("customer_key", "t_dat", "sales_channel_id")
    rows = known.select(*key, "item").distinct().order_by([*key, "item"]).to_pyarrow()
    customer_key, day, channel, bought = (rows[name].to_numpy() for name in (*key, "item"))
    ago = (np.datetime64(as_of) - day.astype("datetime64[D]")).astype(np.int64)
    starts = _changes(customer_key, ago, channel)
    basket = np.cumsum(starts) - 1
    size = np.bincount(basket) if len(basket) else np.empty(0, dtype=np.int64)
    kept = size <= MOST_ITEMS
    rows_kept = kept[basket]
    first = np.flatnonzero(starts)[kept]
    period = ago[first] // PERIOD_DAYS
    in_class = np.searchsorted(SIZES, size[kept], side="right") - 1
    # Numbers of what there is, so that arrays by stratum have no empty columns.
    code = (period * 128 + channel[first]) * len(SIZES) + in_class
    known_codes = np.unique(code[in_class >= 0])
    stratum = np.where(in_class >= 0, np.searchsorted(known_codes, code), -1)
    items, item = np.unique(bought[rows_kept], return_inverse=True)
    return Baskets(
        items.astype(np.int64),
        (np.cumsum(kept) - 1)[basket[rows_kept]].astype(np.int32),
        item.astype(np.int32),
        np.unique(customer_key[first], return_inverse=True)[1].astype(np.int32),
        stratum.astype(np.int32),
        int((~kept).sum()),
    )


def _changes(*columns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a row differs from the one before it; the first does (n)."""
    changed = np.zeros(len(columns[0]), dtype=bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed
