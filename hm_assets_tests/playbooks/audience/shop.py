"""A small warehouse to choose audiences from: hostile ids, unknown values, customers nobody may write to."""

import datetime as dt

import numpy as np
import pyarrow as pa

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features.tables import AFFINITIES, ATTRIBUTE_VALUES, CUSTOMER_FEATURES
from hm_assets.forecasts.tables import CUSTOMERS as OUTLOOK
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.keys import customer_key

MONTH, AS_OF = dt.date(2019, 5, 1), dt.date(2019, 5, 30)
SEND_ON = dt.date(2019, 6, 10)
MANY = 600
HOSTILE = (
    *("=1+1", "+7", "-cmd|x", "@SUM(A1)", "\t=2", "\r=3", "＝4"),
    *('"; DROP TABLE x; --', "<script>alert(1)</script>", "a,b\nc", "😀" * 40),
)
NAMES = [*HOSTILE, *(f"customer {i}" for i in range(MANY - len(HOSTILE)))]
CATEGORIES = ("Shoes", "Socks & Tights", 'A "quoted" <b>name</b>')
EMPTY = {"string": "x", "date": AS_OF, "boolean": False}
TABLES = (CUSTOMERS, ASSIGNMENTS, CUSTOMER_FEATURES, OUTLOOK, AFFINITIES, ATTRIBUTE_VALUES)


def row(table, **values):
    """A row of a table: nothing known, and a plain value where one has to be."""
    plain = {c.name: EMPTY.get(c.type, 1) for c in table.columns if not c.nullable}
    return plain | values | ({"month": MONTH} if table.monthly else {})


def write(folder, table, rows):
    made = pa.Table.from_pylist(rows, schema=table.arrow_schema())
    delta.write(folder, table, made.to_batches(), *([[MONTH]] if table.monthly else []))


def fill(folder, without=(), seed=0):
    """Write the tables; returns the settings."""
    rng = np.random.default_rng(seed)
    rows = {table: [] for table in TABLES}
    for i, name in enumerate(NAMES):
        key, bought, forecast = customer_key(name), i % 13 != 5, i % 7 != 3
        rows[CUSTOMERS].append(
            row(
                CUSTOMERS,
                customer_id=name,
                customer_key=key,
                fn=int(i % 4 != 1),
                active=int(i % 3 == 0),
                club_member_status=[None, "ACTIVE", "ACTIVE", "PRE-CREATE", "LEFT CLUB"][i % 5],
                fashion_news_frequency=["REGULARLY", "NONE", None][i % 3],
                age=[None, 20, 30, 40, 60][int(rng.integers(5))],
            )
        )
        rows[ASSIGNMENTS].append(
            row(ASSIGNMENTS, customer_key=key, as_of=AS_OF, segment_id=(i % 3 + 1) if bought else 0)
        )
        if bought:
            share = [None, 0.0, 0.2, 0.5, 0.8, 1.0][int(rng.integers(6))]
            rows[CUSTOMER_FEATURES].append(
                row(
                    CUSTOMER_FEATURES,
                    customer_key=key,
                    recency_days=int(rng.integers(400)),
                    value_tier=["low", "medium", "high", "premium"][int(rng.integers(4))],
                    lifecycle_stage=["new", "active", "lost"][int(rng.integers(3))],
                    online_share_365d=share,
                )
            )
        if bought and forecast:
            chance, value = rng.random(), float(rng.gamma(2.0))
            rows[OUTLOOK].append(
                row(OUTLOOK, customer_key=key, p_order_90d=chance, value_90d=value, value_12m=3 * value)
            )
        rows[AFFINITIES] += [
            row(
                AFFINITIES,
                customer_key=key,
                attribute="product_group",
                position=p,
                affinity=float(rng.gamma(1.5)),
            )
            for p in range(1, 4)
            if bought and rng.random() < 0.6
        ]
    rows[ATTRIBUTE_VALUES] = [
        row(ATTRIBUTE_VALUES, attribute="product_group", position=p, value=value)
        for p, value in enumerate(CATEGORIES, 1)
    ]
    for table in TABLES:
        if table not in without:
            write(folder, table, rows[table])
    return Settings(warehouse=folder, threads=1)
