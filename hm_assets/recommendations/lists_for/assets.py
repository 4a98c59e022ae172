"""The assets of this room: the list of every customer, and what each segment buys more of than everybody.

A month reads nothing later than its last day.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import ibis
from pydantic import Field

from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.raw import tables as raw_tables
from hm_assets.recommendations import tables as stage_tables
from hm_assets.recommendations.choice import choice_of
from hm_assets.recommendations.ladder.content import content
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.lists_for import segments as of_segments
from hm_assets.recommendations.lists_for import shown, tables
from hm_assets.recommendations.lists_for import topics as of_topics
from hm_assets.recommendations.lists_for.customers import ListMaker
from hm_assets.recommendations.purchases import Purchases, purchases
from hm_assets.recommendations.ranker.assets import RANKER
from hm_assets.recommendations.ranker.plan import NEXT
from hm_assets.recommendations.slices import people_on
from hm_assets.recommendations.stock import ACTIVE_DAYS, in_stock
from hm_assets.recommendations.tried import making
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse import delta
from hm_assets.warehouse.artifacts import recipe
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import as_of_dates, of_month, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
SCOREBOARD = dg.AssetKey(["recommendations", "scoreboard"])
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
    ins={
        **LINES,
        "people": read(customer_tables.CUSTOMERS),
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier()),
        "topics": read(article_tables.TOPICS),
        "embeddings": read(article_tables.EMBEDDINGS),
        "ranker": dg.AssetIn(RANKER),
    },
    # Not an input: of the scoreboard there are the months that it was made for, and an input has to have all.
    deps=[SCOREBOARD],
)
def lists_of_customers(
    context: dg.AssetExecutionContext,
    config: ListConfig,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    catalogue: ibis.Table,
    people: ibis.Table,
    assignments: ibis.Table,
    topics: ibis.Table,
    embeddings: ibis.Table,
    ranker: dict[str, Any],
) -> dg.MaterializeResult:
    settings, board = warehouse.settings, delta.open_table(warehouse.path, stage_tables.SCOREBOARD)
    vectors = content(topics.to_pyarrow(), embeddings.to_pyarrow())
    articles = catalogue.order_by("article_key").to_pyarrow()
    days, everything = _purchases(transactions, months_of(context))
    notes = [f"{month:%Y-%m}: {in_stock(everything.known_on(day)).words}" for month, day in days.items()]
    taken = {month: choice_of(board, month) for month in days}
    versions = {
        month: _version(choice.name, settings.seed, config, ranker) for month, choice in taken.items()
    }

    def parts() -> Iterator[ibis.Table]:
        yield tables.CUSTOMERS.in_memory([])
        for month, day in days.items():
            everybody = people_on(people, of_months(assignments, None, month), day).to_pyarrow()
            # One thread for each batch, and as many batches at once as there are threads.
            known = Known(everything.known_on(day), everybody, articles, settings.seed, 1, vectors)
            rung = making(taken[month].name, ranker)
            maker = ListMaker.of(known, rung, versions[month], config.exclude_owned)
            yield from (ibis.memtable(rows) for rows in maker.everybody(month, settings.threads))

    return dg.MaterializeResult(
        value=parts(),
        metadata={
            "recommender": "\n".join(f"{month:%Y-%m}: {each.name}" for month, each in taken.items()),
            "why": "\n".join(f"{month:%Y-%m}: {each.why}" for month, each in taken.items()),
            "model_version": "\n".join(versions.values()),
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


@table_asset(
    tables.TOPIC_ARTICLES,
    code_version=CODE_VERSION,
    ins={
        **LINES,
        "topics": read(article_tables.TOPICS),
        "topic_catalogue": read(article_tables.TOPIC_CATALOGUE),
    },
)
def articles_of_topics(
    context: dg.AssetExecutionContext,
    transactions: ibis.Table,
    catalogue: ibis.Table,
    topics: ibis.Table,
    topic_catalogue: ibis.Table,
) -> ibis.Table:
    names = topic_catalogue.filter(topic_catalogue.used)
    columns = tables.TOPIC_ARTICLES.arrow_schema().names
    return ibis.union(
        *(
            of_topics.articles_of_topics(transactions, topics, catalogue, names, month, day).select(*columns)
            for month, day in as_of_dates(transactions, months_of(context)).items()
        )
    )


def _purchases(
    transactions: ibis.Table, months: list[dt.date], before: int | None = None
) -> tuple[dict[dt.date, dt.date], Purchases]:
    """The as-of day of each month, and purchases up to the last of them: of so many days before each, or all."""
    days = as_of_dates(transactions, months)
    last = max(days.values())
    reach = None if before is None else (last - min(days.values())).days + before
    return days, purchases(transactions, last, reach)


def _version(name: str, seed: int, config: ListConfig, ranker: Mapping[str, Any]) -> str:
    model = ranker["models"][name]["version"] if name == NEXT.name else None
    return f"{name}-{recipe(CODE_VERSION, name, seed, config.exclude_owned, model)}"


def _placed(assignments: ibis.Table, month: dt.date) -> Any:
    return of_month(assignments, month).select("customer_key", "segment_id").to_pyarrow()
