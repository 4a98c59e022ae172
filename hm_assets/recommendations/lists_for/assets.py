"""The assets of this room: the list of every customer, and what each segment buys more of than everybody.

A month reads nothing later than its last day.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg
import ibis
from pydantic import Field

from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.raw import tables as raw_tables
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.lists_for import segments as of_segments
from hm_assets.recommendations.lists_for import shown, tables
from hm_assets.recommendations.lists_for.customers import ListMaker
from hm_assets.recommendations.lists_for.shipped import SHIPPED, rung_named
from hm_assets.recommendations.purchases import Purchases, purchases
from hm_assets.recommendations.stock import ACTIVE_DAYS, in_stock
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.artifacts import recipe
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import as_of_dates, of_month
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
LINES = {
    "transactions": read(raw_tables.TRANSACTIONS, this_and_earlier()),
    "catalogue": read(article_tables.ARTICLES),
}


class ListConfig(dg.Config):
    """What may stand on a list."""

    exclude_owned: bool = Field(False, description="Leave out what the customer bought before")


@table_asset(
    tables.CUSTOMERS,
    code_version=CODE_VERSION,
    ins={**LINES, "people": read(customer_tables.CUSTOMERS)},
)
def lists_of_customers(
    context: dg.AssetExecutionContext,
    config: ListConfig,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    catalogue: ibis.Table,
    people: ibis.Table,
) -> dg.MaterializeResult:
    settings, rung = warehouse.settings, rung_named(SHIPPED)
    known_people = people.select("customer_key", "age").to_pyarrow()
    articles = catalogue.order_by("article_key").to_pyarrow()
    version = f"{rung.name}-{recipe(CODE_VERSION, rung.name, settings.seed, config.exclude_owned)}"
    days, everything = _purchases(transactions, months_of(context))
    notes = [f"{month:%Y-%m}: {in_stock(everything.known_on(day)).words}" for month, day in days.items()]

    def parts() -> Iterator[ibis.Table]:
        yield tables.CUSTOMERS.in_memory([])
        for month, day in days.items():
            known = Known(everything.known_on(day), known_people, articles, settings.seed, settings.threads)
            maker = ListMaker.of(known, rung, version, config.exclude_owned)
            yield from (ibis.memtable(rows) for rows in maker.everybody(month))

    return dg.MaterializeResult(
        value=parts(),
        metadata={
            "recommender": rung.name,
            "model_version": version,
            "in_stock": "\n".join(notes),
            "exclude_owned": config.exclude_owned,
        },
    )


@table_asset(
    tables.SEGMENTS,
    code_version=CODE_VERSION,
    ins={**LINES, "assignments": read(segment_tables.ASSIGNMENTS)},
)
def lists_of_segments(
    context: dg.AssetExecutionContext,
    transactions: ibis.Table,
    catalogue: ibis.Table,
    assignments: ibis.Table,
) -> dg.MaterializeResult:
    articles = catalogue.order_by("article_key").to_pyarrow()
    rows: list[dict[str, Any]] = []
    notes, pictures = [], {}
    days, everything = _purchases(transactions, months_of(context), ACTIVE_DAYS)
    for month, day in days.items():
        known = everything.known_on(day)
        stock = in_stock(known)
        the = of_segments.shop(known, stock, _placed(assignments, month))
        found = of_segments.lists(the, stock, known, articles, month)
        rows += found
        notes.append(
            f"{month:%Y-%m}: {shown.finding(found, the.ids, LENGTH)}; purchases of {the.days} days, {stock.words}"
        )
        pictures = {"lists": dg.MetadataValue.md(shown.segments(found))}
    return dg.MaterializeResult(
        value=tables.SEGMENTS.in_memory(rows), metadata={"finding": "\n".join(notes), **pictures}
    )


@table_asset(
    tables.STYLES,
    code_version=CODE_VERSION,
    ins={**LINES, "assignments": read(segment_tables.ASSIGNMENTS)},
)
def styles_of_segments(
    context: dg.AssetExecutionContext,
    transactions: ibis.Table,
    catalogue: ibis.Table,
    assignments: ibis.Table,
) -> ibis.Table:
    articles = catalogue.order_by("article_key").to_pyarrow()
    days, everything = _purchases(transactions, months_of(context), ACTIVE_DAYS)
    rows: list[dict[str, Any]] = []
    for month, day in days.items():
        known = everything.known_on(day)
        the = of_segments.shop(known, in_stock(known), _placed(assignments, month))
        rows += of_segments.styles(the, articles, month)
    return tables.STYLES.in_memory(rows)


def _purchases(
    transactions: ibis.Table, months: list[dt.date], before: int | None = None
) -> tuple[dict[dt.date, dt.date], Purchases]:
    """The as-of day of each month, and purchases up to the last of them: of so many days before each, or all."""
    days = as_of_dates(transactions, months)
    last = max(days.values())
    reach = None if before is None else (last - min(days.values())).days + before
    return days, purchases(transactions, last, reach)


def _placed(assignments: ibis.Table, month: dt.date) -> Any:
    return of_month(assignments, month).select("customer_key", "segment_id").to_pyarrow()
