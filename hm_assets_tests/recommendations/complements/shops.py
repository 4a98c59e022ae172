"""Baskets with planted pairs: `raw/transactions` and `articles/articles` of a small shop."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa

LAST = dt.date(2019, 6, 30)
PLANTED = ((0, 1), (6, 13))
"""Articles that go together: of different types, and none of a product of another."""
COLOURS = (20, 21)
"""Two colours of one product that people buy together."""
TYPES = 6


def key(what: int) -> int:
    """Key of an article by its number."""
    return 100_000_000 + what


def lines(
    baskets: int = 3_000,
    articles: int = 40,
    customers: int = 700,
    days: int = 120,
    planted: bool = True,
    seed: int = 0,
) -> pa.Table:
    """Baskets of one to ten articles, some bought more often than others, in two channels.

    A third of the customers buy what they bought before once more. With `planted`, who has the first of a pair takes
    the second in six of ten cases.
    """
    rng = np.random.default_rng(seed)
    weight = 1 / (1 + np.arange(articles)) ** 0.5
    before: dict[int, np.ndarray] = {}
    rows = []
    for i in range(baskets):
        who, ago = int(rng.integers(customers)), days - 1 - i * days // baskets
        size = min(int(rng.geometric(0.35)), 10)
        chosen = np.argsort(rng.exponential(1, articles) / weight)[:size]
        if who in before and rng.random() < 0.3:
            chosen = before[who]
        before[who] = chosen
        bought = set(chosen.tolist())
        for first, second in (*PLANTED, COLOURS) if planted else ():
            if first in bought and rng.random() < 0.6:
                bought.add(second)
        rows += [(ago, who, what, 1 + who % 2) for what in sorted(bought)]
    ago_of, who_of, what_of, channel = (np.array(column) for column in zip(*rows, strict=True))
    dates = np.datetime64(LAST) - ago_of
    return pa.table(
        {
            "t_dat": pa.array(dates, pa.date32()),
            "customer_key": who_of.astype(np.int64),
            "article_key": 100_000_000 + what_of.astype(np.int64),
            "price": np.full(len(rows), 0.03),
            "sales_channel_id": pa.array(channel, pa.int8()),
            "month": pa.array(dates.astype("datetime64[M]").astype("datetime64[D]"), pa.date32()),
        }
    )


def articles(count: int = 40) -> ibis.Table:
    """The catalogue: each article a product of its own, but for `COLOURS`."""
    rows = [
        {
            "article_key": key(i),
            "article_id": f"0{key(i)}",
            "product_code": f"{COLOURS[0] if i in COLOURS else i:07d}",
            "product_type_name": None if i == 39 else f"type {i % TYPES}",
        }
        for i in range(count)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows))
