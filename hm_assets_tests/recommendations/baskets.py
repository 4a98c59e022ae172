"""A small shop as `raw/transactions`: customers with favourites, other customers with much the same taste, fashions."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.segments.space import Ints

FIRST, LAST = dt.date(2019, 1, 1), dt.date(2019, 6, 30)


def lines(customers: int = 80, articles: int = 60, seed: int = 0, last: dt.date = LAST) -> pa.Table:
    """Rows of `raw/transactions`: each customer belongs to one of four tastes and comes back for a few favourites."""
    rng = np.random.default_rng(seed)
    days = (last - FIRST).days + 1
    taste = np.arange(customers) % 4
    liked = np.array([rng.choice(np.arange(t, articles, 4), 8, replace=False) for t in taste])
    rows = []
    for who in range(customers):
        for day in np.flatnonzero(rng.random(days) < rng.gamma(2, 0.03)):
            for _ in range(rng.integers(1, 4)):
                # Now and then what is in fashion this month, whatever the taste.
                fashion = (day // 30 * 7) % articles
                what = fashion if rng.random() < 0.15 else liked[who][int(8 * rng.beta(1, 3))]
                rows.append((int(day), 1000 + who, int(what)))
    day, who, what = (np.array(column) for column in zip(*sorted(rows), strict=True))
    dates = np.datetime64(FIRST) + day
    return pa.table(
        {
            "t_dat": pa.array(dates, pa.date32()),
            "customer_key": who,
            "article_key": key(what),
            "price": (what % 7 + 3) / 590,
            "sales_channel_id": pa.array(who % 2 + 1, pa.int8()),
            "month": pa.array(dates.astype("datetime64[M]").astype("datetime64[D]"), pa.date32()),
        }
    )


def key(what: Ints) -> Ints:
    """Keys of articles by number."""
    return 100_000_001 + 1000 * what.astype(np.int64)


def as_ibis(rows: pa.Table) -> ibis.Table:
    """As the platform reads it."""
    return ibis.memtable(rows)
