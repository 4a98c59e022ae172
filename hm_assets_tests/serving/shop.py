"""A small shop whose warehouse is published: tables made by the code of the stages, not by what serves them."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.articles.tables import ARTICLES, MOST_TOPICS, TOPICS
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features import attributes
from hm_assets.features import tables as feature_tables
from hm_assets.features.customer_days import customer_days
from hm_assets.features.snapshot import snapshot
from hm_assets.profiles.tables import SEGMENT_PROFILES, SEGMENT_WORDS
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.recommendations.lists_for.tables import CUSTOMERS as LISTS
from hm_assets.recommendations.lists_for.tables import SEGMENTS as PRODUCTS
from hm_assets.segments.champion.champion import Champion, with_the_rest
from hm_assets.segments.inputs import SPACES, customers_as_of
from hm_assets.segments.models import Centres
from hm_assets.segments.space import Space
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.warehouse import artifacts, delta, identity
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.keys import customer_key
from hm_assets.warehouse.schema import Table

AS_OF = dt.date(2020, 9, 22)
MONTH = month_of(AS_OF)
COUNT, GOODS = 90, 12
HOSTILE = '<script>alert(1)</script> "é" 🧨 =1+1'
IDS = [f"c{i:03d}" for i in range(COUNT)] + [HOSTILE, "nobody bought"]
EMPTY: dict[str, Any] = {}


@cache
def lines() -> pa.Table:
    """Purchases: some come often and some once, cheap and dear, in both channels."""
    rng, rows = np.random.default_rng(3), []
    for place, name in enumerate(IDS[:-1]):
        orders = int(rng.integers(1, 4) if place % 3 else rng.integers(6, 25))
        last = int(rng.integers(0, 40) if place % 2 else rng.integers(100, 400))
        for order in range(orders):
            day = AS_OF - dt.timedelta(days=last + int(order * rng.integers(5, 25)))
            for _ in range(int(rng.integers(1, 4))):
                rows.append(
                    {
                        "t_dat": day,
                        "customer_key": customer_key(name),
                        "article_key": 108775000 + int(rng.integers(0, GOODS)),
                        "price": round(float(rng.uniform(0.01, 0.09)), 6),
                        "sales_channel_id": 1 + int(rng.integers(0, 2)),
                        "source_file": "transactions_train.csv",
                        "month": month_of(day),
                    }
                )
    return pa.Table.from_pylist(rows, schema=TRANSACTIONS.arrow_schema())


def articles() -> pa.Table:
    """A dozen articles; the name of one is an attack."""
    rows = []
    for place in range(GOODS):
        row: dict[str, Any] = {
            column.name: f"{column.name} {place % 3}"
            for column in ARTICLES.columns
            if column.type == "string"
        }
        rows.append({**row, "article_id": f"0{108775000 + place}", "article_key": 108775000 + place})
    rows[0]["prod_name"] = HOSTILE
    return filled(ARTICLES, rows)


def filled(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows with something in every column that may not be empty."""
    some = {"string": "x", "date": AS_OF, "boolean": False, "bool": False, "float64": 0.5}
    found = [
        {c.name: row.get(c.name, None if c.nullable else some.get(c.type, 1)) for c in table.stored_columns}
        for row in rows
    ]
    return pa.Table.from_pylist(found, schema=table.arrow_schema())


def tastes(purchases: pa.Table) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Topics, `features/attribute_values` and `features/customer_tastes`, by that stage's functions."""
    topics = filled(
        TOPICS,
        [
            {
                "article_key": 108775000 + i,
                **{f"topic_{n}": float(n == 1 + i % 2) for n in range(1, MOST_TOPICS + 1)},
            }
            for i in range(GOODS)
        ],
    )
    told = attributes.with_main_topic(ibis.memtable(articles()), ibis.memtable(topics))
    values = attributes.attribute_values(told).to_pyarrow()
    counted = attributes.customer_attributes(ibis.memtable(purchases), told)
    found = attributes.customer_tastes(counted, ibis.memtable(values)).to_pyarrow()
    wanted = feature_tables.CUSTOMER_TASTES.arrow_schema()
    return topics, values, found.select(wanted.names).cast(wanted)


def features(purchases: pa.Table, liked: pa.Table) -> pa.Table:
    """`features/customer_features`, by that stage's functions and in its types."""
    nothing = ibis.memtable(feature_tables.REFERENCE_PRICES.arrow_schema().empty_table())
    days = customer_days(ibis.memtable(purchases), nothing).to_pyarrow()
    wanted = feature_tables.CUSTOMER_DAYS.arrow_schema()
    kept = ibis.memtable(days.select(wanted.names).cast(wanted))
    found = snapshot(kept, ibis.memtable(liked), [], MONTH, AS_OF, AS_OF).to_pyarrow()
    schema = feature_tables.CUSTOMER_FEATURES.arrow_schema()
    return found.select(schema.names).cast(schema)


@cache
def known() -> tuple[pa.Table, pa.Table]:
    """`features/customer_features` and `features/customer_tastes` of `lines`: Ibis takes seconds to write the first."""
    liked = tastes(lines())[2]
    return features(lines(), liked), liked


@cache
def people(space: str) -> pa.Table:
    """The customers in the columns of a space."""
    found, liked = known()
    return customers_as_of(
        ibis.memtable(found), ibis.memtable(liked), MONTH, tuple(SPACES[space])
    ).to_pyarrow()


def champion(space: str, rows: pa.Table, k: int = 3, seed: int = 1) -> Champion:
    """A model of that space, around k customers."""
    rows = rows.sort_by("customer_key")
    fitted = Space.fit(space, dict(SPACES[space]), rows, 0.05)
    points = fitted.transform(rows)
    taken = np.random.default_rng(seed).choice(len(points), k, replace=False)
    decision = {"headline": "Three segments", "override": None}
    ids = tuple(range(1, k + 1))
    return Champion("kmeans", fitted, Centres(points[taken]), ids, k, AS_OF, 42, {}, decision)


def write(warehouse: Path, table: Table, rows: pa.Table) -> None:
    """Write a table as the run does."""
    schema = table.arrow_schema()
    months = sorted(set(rows["month"].to_pylist())) if table.monthly else ()
    delta.write(warehouse, table, rows.select(schema.names).cast(schema).to_batches(), months)


def publish(warehouse: Path, model: Champion, placed: pa.Table, names: dict[int, str]) -> None:
    """Assignments by the champion itself, profiles and words."""
    artifacts.write_json(artifacts.path_of(warehouse, ("segments", "champion")), model.as_json())
    everybody = ibis.memtable(pa.table({"customer_key": [customer_key(name) for name in IDS]}))
    placed = with_the_rest(model.assign(ibis.memtable(placed)), everybody, AS_OF, MONTH, model).to_pyarrow()
    write(warehouse, ASSIGNMENTS, placed)
    rows, words = [], []
    for number, name in names.items():
        facts = (
            ("size", "customers", "customers", 30.0),
            ("behaviour", "spend_365d", "price index", 4.0 - number),
        )
        rows += [
            {
                **{"segment_id": number, "segment_name": name, "kind": kind, "fact": fact, "unit": unit},
                **{"value": value, "base": 1.0, "customers": 30, "month": MONTH},
            }
            for kind, fact, unit, value in facts
        ]
        said = {"kind": "who", "position": 1, "sentence": f"They are {name}.", "pieces": "[]", "facts": ""}
        words.append({"segment_id": number, "segment_name": name, "month": MONTH, **said})
    write(warehouse, SEGMENT_PROFILES, filled(SEGMENT_PROFILES, rows))
    write(warehouse, SEGMENT_WORDS, filled(SEGMENT_WORDS, words))


NAMES = {1: f"Regulars: {HOSTILE}", 2: "Newcomers: recent", 3: "Dormant: lapsed"}


def make(folder: Path, space: str = "rfm_rhythm") -> Path:
    """A published warehouse with a landing zone beside it."""
    warehouse, raw = folder / "warehouse", folder / "raw"
    raw.mkdir(parents=True)
    (raw / "transactions_train.csv").write_text("t_dat,customer_id,article_id,price,sales_channel_id\n")
    identity.claim(
        warehouse, "a shop", raw, (dt.date(2019, 1, 1), AS_OF), "quick", AS_OF + dt.timedelta(days=365)
    )
    write(warehouse, TRANSACTIONS, lines())
    write(warehouse, ARTICLES, articles())
    write(warehouse, feature_tables.CUSTOMER_FEATURES, known()[0])
    who = [
        {"customer_id": name, "customer_key": customer_key(name), "fn": 0, "active": 0, "age": None}
        for name in IDS
    ]
    write(warehouse, CUSTOMERS, filled(CUSTOMERS, who))
    listed = [
        {
            **{"customer_key": customer_key(name), "rank": 1 + place, "month": MONTH, "as_of": AS_OF},
            **{
                "article_key": 108775000 + place,
                "article_id": f"0{108775000 + place}",
                "reason": "a bestseller",
            },
        }
        for name in IDS
        for place in range(GOODS)
    ]
    write(warehouse, LISTS, filled(LISTS, listed))
    shown = [
        {
            **{"segment_id": number, "rank": 1, "month": MONTH, "article_id": "0108775000", "name": HOSTILE},
            **{"article_key": 108775000, "lift": 2.0, "low": 1.5, "high": 2.5},
        }
        for number in NAMES
    ]
    write(warehouse, PRODUCTS, filled(PRODUCTS, shown))
    publish(warehouse, champion(space, people(space)), people(space), NAMES)
    return warehouse
