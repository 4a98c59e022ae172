"""Raw purchases to the features that the champion reads, by the code of `features/`, for one customer or for millions.

The tables of that stage are made month by month and kept; here the same functions are put one after another into a
single query over whatever purchases are given, and nothing is kept. So a customer who is scored online has the features
that the next run would give them.
"""

import datetime as dt
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import duckdb
import ibis
import pyarrow as pa
import sqlglot
from ibis.backends.sql.datatypes import DuckDBType
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify

from hm_assets.articles.tables import ARTICLES, TOPICS
from hm_assets.features.attributes import customer_attributes, customer_tastes, with_main_topic
from hm_assets.features.customer_days import customer_days
from hm_assets.features.snapshot import snapshot
from hm_assets.features.tables import (
    ATTRIBUTE_VALUES,
    CUSTOMER_DAYS,
    CUSTOMER_FEATURES,
    CUSTOMER_TASTES,
    REFERENCE_PRICES,
)
from hm_assets.segments.inputs import TASTES, customers_as_of
from hm_assets.warehouse.calendar import add_months, month_of
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.schema import Table

PURCHASES: Final = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("t_dat", pa.date32()),
        ("article_key", pa.int64()),
        ("price", pa.float64()),
        ("sales_channel_id", pa.int8()),
    ]
)
"""A line as bought; equal lines are quantity. `customer_key` may be any number that tells customers apart."""

# What the queries call the lines, and the tables of the warehouse that tastes are counted with.
LINES: Final = "purchases"
CATALOGUE: Final[Mapping[str, Table]] = {
    "articles": ARTICLES,
    "topics": TOPICS,
    "attribute_values": ATTRIBUTE_VALUES,
}


# No date of the one is near a date of the other, nor of any data.
FAR_DAY, FAR_MONTH = dt.date(5000, 1, 1), dt.date(8000, 1, 1)
DATE: Final = re.compile(r"MAKE_DATE\((\d+), (\d+), (\d+)\)")


def needs_catalogue(columns: tuple[str, ...]) -> bool:
    """Whether these features of a customer depend on what the articles are, and not on the lines alone."""
    return any(name in TASTES or name.startswith(("month_", "favourite_", "clr_")) for name in columns)


def query(columns: tuple[str, ...], as_of: dt.date) -> str:
    """DuckDB's SQL from `purchases` (and the tables of `CATALOGUE`, where they are needed) to features.

    Parameters
    ----------
    columns
        Of the space of the champion.
    as_of
        The day that they are true on; later lines are left out.

    Returns
    -------
    str
        A query of one row per customer with a line up to that day: `customer_key` and the columns.
    """

    def moved(found: re.Match[str]) -> str:
        day = dt.date(*map(int, found.groups()))
        if day < FAR_MONTH - (FAR_MONTH - FAR_DAY) / 2:
            day = as_of + (day - FAR_DAY)
        else:
            months = 12 * (day.year - FAR_MONTH.year) + day.month - FAR_MONTH.month
            day = add_months(month_of(as_of), months)
        return f"MAKE_DATE({day.year}, {day.month}, {day.day})"

    return DATE.sub(moved, written(columns, FAR_DAY, FAR_MONTH))


@lru_cache(maxsize=8)
def written(columns: tuple[str, ...], as_of: dt.date, month: dt.date) -> str:
    """The query as Ibis writes it, which takes a second or more: `query` has it written once, for days far apart.

    Every date in it is so many days from `as_of` or so many months from `month`, so that it can be said of any other.
    """
    lines = _table(LINES, {field.name: field.type for field in PURCHASES})
    lines = lines.filter(lines.t_dat <= ibis.literal(as_of, "date"))
    lines = lines.mutate(month=lines.t_dat.truncate("M").cast("date"))
    if needs_catalogue(columns):
        articles, topics, values = (_stored(name) for name in CATALOGUE)
        told = customer_attributes(lines, with_main_topic(articles, topics))
        tastes = _as_kept(customer_tastes(told, values), CUSTOMER_TASTES)
    else:
        tastes = _nothing(CUSTOMER_TASTES)
    days = _as_kept(customer_days(lines, _nothing(REFERENCE_PRICES)), CUSTOMER_DAYS)
    # Scores and truncation are about the month's whole base; no space has a coordinate of them.
    found = _as_kept(snapshot(days, tastes, [], month, as_of, as_of), CUSTOMER_FEATURES)
    people = customers_as_of(found, tastes, month, columns)
    text = str(ibis.to_sql(people.select("customer_key", *columns), dialect="duckdb"))
    return _pruned(text)


class Preprocessor:
    """Runs the query on a DuckDB of its own, from any number of threads.

    Parameters
    ----------
    columns
        Of the champion's space.
    catalogue
        The tables of `CATALOGUE` in memory, where `needs_catalogue`.
    """

    def __init__(self, columns: tuple[str, ...], catalogue: Mapping[str, pa.Table]) -> None:
        self.columns = columns
        if needs_catalogue(columns) and set(catalogue) != set(CATALOGUE):
            raise HmAssetsError(
                f"the model reads {', '.join(columns)}: that takes {', '.join(t.path for t in CATALOGUE.values())}"
            )
        self._connection = duckdb.connect(config={"threads": 1})
        self._lock = threading.Lock()
        for name, table in catalogue.items():
            self._connection.register("given", table)
            self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            self._connection.unregister("given")

    def features(self, purchases: pa.Table, as_of: dt.date) -> pa.Table:
        """`customer_key` and the columns of each customer with a line up to `as_of`, by key.

        Parameters
        ----------
        purchases
            Of schema `PURCHASES`: the whole history of each customer.
        as_of
            The day.
        """
        with self._lock:
            cursor = self._connection.cursor()
        try:
            cursor.register(LINES, purchases)
            found: pa.Table = cursor.execute(query(self.columns, as_of)).to_arrow_table()
        finally:
            cursor.close()
        return found.sort_by("customer_key")


def _as_kept(made: ibis.Table, table: Table) -> ibis.Table:
    """In the types that the table is kept in: some hold fewer digits than what was computed."""
    return made.select(**{name: made[name].cast(kind) for name, kind in table.ibis_schema().items()})


def _pruned(text: str) -> str:
    """The same query without the hundred columns that nobody reads: a tenth of the text, a quarter of the time."""
    types = {LINES: dict(ibis.schema(PURCHASES).items())} | {
        name: dict(table.ibis_schema().items()) for name, table in CATALOGUE.items()
    }
    schema: dict[str, object] = {
        name: {column: str(DuckDBType.to_string(kind)) for column, kind in columns.items()}
        for name, columns in types.items()
    }
    tree = qualify(sqlglot.parse_one(text, dialect="duckdb"), schema=schema, dialect="duckdb")
    return str(pushdown_projections(tree).sql(dialect="duckdb"))


def _table(name: str, types: Mapping[str, Any]) -> ibis.Table:
    return ibis.table(ibis.schema(pa.schema(list(types.items()))), name=name)


def _stored(name: str) -> ibis.Table:
    return ibis.table(CATALOGUE[name].ibis_schema(), name=name)


def _nothing(table: Table) -> ibis.Table:
    """A table without rows, as part of the query."""
    empty = {name: ibis.null(kind) for name, kind in table.ibis_schema().items()}
    return ibis.range(0).unnest().name("n").as_table().select(**empty)
