"""The customers of a month, one row each, with what rules ask about and what holds them back: one lazy expression."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features.tables import AFFINITIES, ATTRIBUTE_VALUES, CUSTOMER_FEATURES
from hm_assets.forecasts.tables import CUSTOMERS as OUTLOOK
from hm_assets.playbooks.audience.fields import (
    FIELDS,
    HIGH_FROM,
    MIDDLE_FROM,
    ONLINE_FROM,
    STORE_UP_TO,
    UNKNOWN,
)
from hm_assets.profiles.ages import BANDS
from hm_assets.profiles.summary import labels, segments_of
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.warehouse import delta, sql
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.engine import DuckDBEngine
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.schema import Table

BEHAVIOUR = ("recency_days", "value_tier", "lifecycle_stage", "online_share_365d")
EXPECTED = ("p_order_90d", "value_90d", "value_12m")


@dataclass(frozen=True)
class People:
    """Who can be chosen from in a month.

    Attributes
    ----------
    month, as_of
        The month, and the day that its figures describe.
    everybody
        One row per customer of `segments/assignments`; what a table that is not made would tell is empty.
    tastes
        The month's `features/affinities`; None where it is not made.
    segments
        Names of the segments by number.
    values
        Of each article attribute: the position of every value.
    tables
        Version of each Delta table that is read.
    models
        Version of each model that made them.
    labels
        What must stand beside the segments, in sentences.
    """

    month: dt.date
    as_of: dt.date
    everybody: ibis.Table
    tastes: ibis.Table | None
    segments: Mapping[int, str]
    values: Mapping[str, Mapping[str, int]]
    tables: Mapping[str, int]
    models: Mapping[str, str]
    labels: tuple[str, ...] = ()

    def has(self, table: Table) -> bool:
        """Whether the month's rows of this table are there."""
        return table.path in self.tables

    def choices(self, name: str) -> list[str]:
        """The values that a choice or a taste may ask for in this month."""
        field = FIELDS[name]
        if field.kind == "taste":
            return list(self.values.get(field.attribute, {})) if self.has(AFFINITIES) else []
        return [str(segment) for segment in self.segments] if name == "segment" else list(field.values)


def of_month(engine: DuckDBEngine, warehouse: Path, month: dt.date | None = None) -> People:
    """The customers of a month; of the latest that has segments, if None.

    Raises
    ------
    WarehouseError
        There are no customers or no segments (of that month).
    """
    reader = _Reader(engine, warehouse)
    month = reader.month(month)
    customers, placed = reader.of(CUSTOMERS), reader.of(ASSIGNMENTS, month)
    if customers is None or placed is None:
        raise WarehouseError(f"{CUSTOMERS.path} is not in {warehouse}; run `hm run` first")
    head = placed.select("as_of").limit(1).to_pyarrow()["as_of"].to_pylist()
    if not head:
        raise WarehouseError(f"nobody is placed in {month:%Y-%m}, so there is nobody to choose from")
    features, outlook = reader.of(CUSTOMER_FEATURES, month), reader.of(OUTLOOK, month)
    tastes, attributes = reader.of(AFFINITIES, month), reader.of(ATTRIBUTE_VALUES)
    rows = (
        attributes.order_by("attribute", "position").to_pyarrow().to_pylist()
        if attributes is not None
        else []
    )
    values: dict[str, dict[str, int]] = {}
    for row in rows:
        values.setdefault(row["attribute"], {})[row["value"]] = row["position"]
    return People(
        month,
        head[0],
        _view(engine, _joined(customers, placed, features, outlook)),
        tastes,
        _named(warehouse, month, placed),
        values,
        reader.versions,
        _models(placed, outlook),
        tuple(labels(warehouse, month)),
    )


class _Reader:
    """The tables of a warehouse, each at its latest version, which is noted."""

    def __init__(self, engine: DuckDBEngine, warehouse: Path) -> None:
        self.engine, self.warehouse = engine, warehouse
        self.versions: dict[str, int] = {}

    def month(self, month: dt.date | None) -> dt.date:
        stored = delta.open_table(self.warehouse, ASSIGNMENTS)
        made = (
            sorted(parse_month(part["month"]) for part in stored.partitions()) if stored is not None else []
        )
        if not made:
            raise WarehouseError(f"{ASSIGNMENTS.path} is not in {self.warehouse}; run `hm run` first")
        if month is not None and month not in made:
            raise WarehouseError(
                f"{month:%Y-%m} has no segments; there are months from {made[0]:%Y-%m} to {made[-1]:%Y-%m}"
            )
        return month or made[-1]

    def of(self, table: Table, month: dt.date | None = None) -> ibis.Table | None:
        stored = delta.open_table(self.warehouse, table)
        files = [] if stored is None else delta.files_of(stored, None if month is None else [month])
        if stored is None or not files:
            return None
        self.versions[table.path] = stored.version()
        return self.engine.read(table, files)


def _view(engine: DuckDBEngine, table: ibis.Table) -> ibis.Table:
    """The same under a name: Ibis writes the long statement once, and not anew for each thing that is counted."""
    name = ibis.util.gen_name("everybody")
    engine.backend.raw_sql(f"CREATE TEMP VIEW {sql.identifier(name)} AS {engine.backend.compile(table)}")
    return engine.backend.table(name)


def _joined(
    customers: ibis.Table, placed: ibis.Table, features: ibis.Table | None, outlook: ibis.Table | None
) -> ibis.Table:
    people = customers.select(
        "customer_key",
        "customer_id",
        optin=customers.fn == 1,
        active=customers.active == 1,
        club=customers.club_member_status.fill_null(UNKNOWN),
        news=customers.fashion_news_frequency.fill_null(UNKNOWN),
        age_band=_band(customers.age),
    )
    joined = people.inner_join(placed.select("customer_key", "segment_id"), "customer_key")
    joined = _beside(joined, features, CUSTOMER_FEATURES, BEHAVIOUR)
    joined = _beside(joined, outlook, OUTLOOK, EXPECTED)
    if outlook is None:
        value = ibis.null("string")
    else:
        cuts = outlook.agg(
            high_from=outlook.value_12m.quantile(HIGH_FROM),
            middle_from=outlook.value_12m.quantile(MIDDLE_FROM),
        )
        joined = joined.cross_join(cuts)
        value = ibis.cases(
            (joined.value_12m >= joined.high_from, "high"),
            (joined.value_12m >= joined.middle_from, "middle"),
            (joined.value_12m.notnull(), "low"),
        )
    online = joined.online_share_365d
    channel = ibis.cases(
        (online >= ONLINE_FROM, "online"), (online <= STORE_UP_TO, "store"), (online.notnull(), "mixed")
    )
    return joined.select(
        *(name for name in people.columns),
        "segment_id",
        "value_90d",
        "value_12m",
        churn=1.0 - joined.p_order_90d,
        recency=joined.recency_days,
        tier=joined.value_tier,
        stage=joined.lifecycle_stage,
        channel=channel,
        value=value,
    )


def _beside(people: ibis.Table, more: ibis.Table | None, table: Table, names: tuple[str, ...]) -> ibis.Table:
    """The same customers with columns of another table, empty where it has no row or is not made."""
    if more is None:
        types = {column.name: column.type for column in table.columns}
        return people.mutate(**{name: ibis.null(types[name]) for name in names})
    other = more.select(other_key="customer_key", **{name: more[name] for name in names})
    return people.left_join(other, people.customer_key == other.other_key).drop("other_key")


def _band(age: ibis.expr.types.IntegerColumn) -> ibis.Value:
    bands = [((age >= low) & (age < high), name) for name, (low, high) in BANDS.items()]
    return ibis.cases(*bands, else_=UNKNOWN)


def _named(warehouse: Path, month: dt.date, placed: ibis.Table) -> dict[int, str]:
    """Names of the segments that somebody is in; a segment whose profile is not made goes by its number."""
    there = sorted(placed.select("segment_id").distinct().to_pyarrow()["segment_id"].to_pylist())
    known = {int(row["segment_id"]): str(row["segment_name"]) for row in segments_of(warehouse, month)}
    return {s: known.get(s, "no purchase yet" if s == NO_PURCHASE else f"segment {s}") for s in there}


def _models(placed: ibis.Table, outlook: ibis.Table | None) -> dict[str, str]:
    found = {}
    for name, table, column in (
        ("segments", placed, "model_version"),
        ("order_model", outlook, "model_version"),
        ("value_model", outlook, "value_version"),
    ):
        if table is not None:
            said: list[Any] = table.select(column).distinct().to_pyarrow()[column].to_pylist()
            found[name] = ", ".join(sorted({str(each) for each in said}))
    return found
