"""Small made-up shops: many random lines, and the snapshot that the stage reads."""

import datetime as dt
from collections.abc import Iterable
from functools import cache

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.explore import measures
from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.warehouse.calendar import month_of
from hm_assets_tests.features.histories import Line, articles, features

FIRST = dt.date(2018, 9, 20)


def lines(customers: int = 60, days: int = 400, each: int = 12, seed: int = 1) -> list[Line]:
    """Random lines: who, when, what, at which price, in which channel."""
    random = np.random.default_rng(seed)
    found = []
    for customer in range(1, customers + 1):
        for _ in range(1 + int(random.poisson(each))):
            day = FIRST + dt.timedelta(days=int(random.integers(days)))
            price = round(float(random.gamma(4, 0.008)) + 0.002, 6)
            found.append((customer, day, int(random.integers(1, 10)), price, int(random.integers(1, 3))))
    return found


def catalogue() -> ibis.Table:
    """The ten articles of `histories` with a product type."""
    rows = articles().to_pyarrow().to_pylist()
    return ibis.memtable(
        pa.Table.from_pylist([{**row, "product_type_name": f"Type {row['article_key']}"} for row in rows])
    )


def file_of(customers: Iterable[int], **columns: object) -> ibis.Table:
    """`customers/customers`: ages 20, 21, ..., every second gets the news; a column is a function of the key."""
    usual = {
        "fn": lambda key: key % 2,
        "age": lambda key: 20 + key % 50,
        "club_member_status": lambda key: "ACTIVE",
        **columns,
    }
    rows = [
        {
            **dict.fromkeys((column.name for column in CUSTOMERS.columns), None),
            "customer_id": str(key),
            "customer_key": key,
            "active": 0,
            **{name: make(key) for name, make in usual.items()},
        }
        for key in customers
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=CUSTOMERS.arrow_schema()))


def people(bought: list[Line], as_of: dt.date | None = None, **columns: object) -> tuple[ibis.Table, dt.date]:
    """The snapshot as of the last day of these lines (or a day), and that day."""
    as_of = as_of or max(line[1] for line in bought)
    month = month_of(as_of)
    seen = [line for line in bought if line[1] <= as_of]
    rows = list(features(seen, month, as_of).values())
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=CUSTOMER_FEATURES.arrow_schema()))
    snapshot = measures.snapshot_of(table, file_of({line[0] for line in bought}, **columns), month)
    return ibis.memtable(snapshot.to_pyarrow()), as_of


@cache
def usual() -> tuple[ibis.Table, dt.date]:
    """The snapshot of the usual lines, made once for all tests that only look at it."""
    return people(lines())
