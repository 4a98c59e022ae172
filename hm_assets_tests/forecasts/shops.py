"""Simulated buyers with a known rhythm, as the tables that the forecasts read."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.warehouse.calendar import month_end, months_between

FIRST = dt.date(2018, 9, 20)
LAST = dt.date(2020, 3, 31)
STEP = 1 / 590


@dataclass(frozen=True)
class Shop:
    """`features/customer_features` (the columns that are read) of every month end, and `features/customer_days`."""

    features: ibis.Table
    days: ibis.Table

    def known_on(self, day: dt.date) -> "Shop":
        """What there was on that day: nothing later."""
        until = ibis.literal(day, "date")
        return Shop(
            self.features.filter(self.features.as_of <= until), self.days.filter(self.days.t_dat <= until)
        )


def shop(
    customers: int = 250,
    seed: int = 0,
    season: Callable[[dt.date], float] = lambda _: 1.0,
    last: dt.date = LAST,
) -> Shop:
    """Buyers with gamma rates and exponential lifetimes (Schmittlein, Morrison & Colombo 1987), times a season."""
    rng = np.random.default_rng(seed)
    dates = [FIRST + dt.timedelta(days=i) for i in range((last - FIRST).days + 1)]
    rate = rng.gamma(0.8, 1 / 25, customers)
    begin = rng.integers(0, 240, customers)
    gone = begin + rng.exponential(400, customers)
    t = np.arange(len(dates))
    alive = (t >= begin[:, None]) & (t <= gone[:, None])
    p = 1 - np.exp(-rate[:, None] * np.array([season(day) for day in dates]))
    bought = alive & ((rng.random((customers, len(dates))) < p) | (t == begin[:, None]))
    items = rng.integers(1, 4, bought.shape)
    spend = np.where(bought, items * rng.integers(10, 40, bought.shape) * STEP, 0.0)
    items = np.where(bought, items, 0)
    who, when = np.nonzero(bought)
    days = {
        "customer_key": who + 1,
        "t_dat": np.array(dates, dtype="datetime64[D]")[when],
        "new_day": np.ones(len(who), np.int8),
        "spend": spend[who, when],
        "month": pa.array([dates[i].replace(day=1) for i in when], pa.date32()),
    }
    tables = [
        _as_of(bought, items, spend, (month_end(month) - FIRST).days, month)
        for month in months_between(FIRST, last)
        if month_end(month) <= last
    ]
    return Shop(ibis.memtable(pa.concat_tables(tables)), ibis.memtable(pa.table(days)))


def _as_of(bought: np.ndarray, items: np.ndarray, spend: np.ndarray, today: int, month: dt.date) -> pa.Table:
    seen = bought[:, : today + 1]
    (who,) = np.nonzero(seen.any(axis=1))
    seen, items, spend = seen[who], items[who, : today + 1], spend[who, : today + 1]
    first, latest = seen.argmax(axis=1), today - seen[:, ::-1].argmax(axis=1)
    count = seen.sum(axis=1)
    gap = np.where(count > 1, (latest - first) / np.maximum(count - 1, 1), np.nan)
    year = seen[:, -365:].any(axis=1)
    found = {
        "customer_key": who + 1,
        "as_of": pa.array([month_end(month)] * len(who), pa.date32()),
        "month": pa.array([month] * len(who), pa.date32()),
        "items": items.sum(axis=1),
        "orders": count,
        "recency_days": today - latest,
        "purchase_days": count,
        "spend": spend.sum(axis=1),
        "tenure_days": today - first,
        **{f"purchase_days_{w}d": seen[:, -w:].sum(axis=1) for w in (30, 90, 365)},
        **{f"spend_{w}d": spend[:, -w:].sum(axis=1) for w in (90, 365)},
        "mean_gap_days": pa.array(gap, from_pandas=True),
        "online_share_365d": pa.array(np.where(year, (who % 5) / 4, np.nan), from_pandas=True),
        "discount_365d": pa.nulls(len(who), pa.float64()),
    }
    return pa.table(found)
