"""The assets of this stage: what segments are called, their facts, price curves and sentences."""

import datetime as dt
from typing import Any

import dagster as dg
import ibis

from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.features.attributes import with_main_topic
from hm_assets.profiles import ages, dependence, facts, tables
from hm_assets.profiles.members import members
from hm_assets.profiles.names import anchor, naming
from hm_assets.profiles.names.words import middles
from hm_assets.profiles.taste import counts, over_index, prices
from hm_assets.profiles.words import sentences
from hm_assets.raw import tables as raw_tables
from hm_assets.segments import tables as segment_tables
from hm_assets.segments.champion.champion import Champion
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.assets import artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

A_YEAR = 12
CHAMPION = dg.AssetIn(dg.AssetKey(["segments", "champion"]))
NAMES = dg.AssetKey(["profiles", "names"])
PEOPLE = {
    "assignments": read(segment_tables.ASSIGNMENTS),
    "customer_features": read(feature_tables.CUSTOMER_FEATURES),
    "customers": read(customer_tables.CUSTOMERS),
}
BOUGHT = {
    "transactions": read(raw_tables.TRANSACTIONS, this_and_earlier(A_YEAR)),
    "articles": read(article_tables.ARTICLES),
}


@artifact_asset(
    "profiles",
    "names",
    code_version="2",
    description="What each segment was called on its model's training month: later months keep these words while they "
    "hold, and a refit starts from them.",
    kinds={"json"},
    ins={**PEOPLE, "champion": CHAMPION},
)
def names(
    warehouse: dg.ResourceParam[Warehouse],
    assignments: ibis.Table,
    customer_features: ibis.Table,
    customers: ibis.Table,
    champion: dict[str, Any],
) -> dg.MaterializeResult:
    model = Champion.from_json(champion)
    month = model.trained_as_of.replace(day=1)
    path = artifacts.path_of(warehouse.path, NAMES.path)
    columns = members(of_month(assignments, month), of_month(customer_features, month), customers)
    found = anchor.anchored(
        middles(columns), model.version, artifacts.read_json(path) if path.exists() else None
    )
    called = naming.names_of(columns, anchor.given(found))
    return dg.MaterializeResult(
        value=found,
        metadata={
            "month": f"{month:%Y-%m}",
            "names": dg.MetadataValue.json({str(i): n for i, n in called.items()}),
        },
    )


@table_asset(
    tables.SEGMENT_PROFILES,
    code_version="5",
    ins={
        **PEOPLE,
        **BOUGHT,
        "imputed_ages": read(feature_tables.IMPUTED_AGES),
        "topics": read(article_tables.TOPICS),
        "topic_catalogue": read(article_tables.TOPIC_CATALOGUE),
        "names": dg.AssetIn(NAMES),
        "champion": CHAMPION,
    },
)
def segment_profiles(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    assignments: ibis.Table,
    customer_features: ibis.Table,
    customers: ibis.Table,
    transactions: ibis.Table,
    articles: ibis.Table,
    imputed_ages: ibis.Table,
    topics: ibis.Table,
    topic_catalogue: ibis.Table,
    names: dict[str, Any],
    champion: dict[str, Any],
) -> ibis.Table:
    rows: list[dict[str, Any]] = []
    known = counts.with_topic_name(with_main_topic(articles, topics), topic_catalogue)
    for month in months_of(context):
        mine, seen, drawn = (
            of_month(table, month) for table in (assignments, customer_features, imputed_ages)
        )
        as_of = mine.as_of.max().to_pyarrow().as_py()
        columns = members(mine, seen, customers)
        named = naming.names_of(columns, anchor.given(names))
        rows += facts.rows_of(columns, named, as_of, month, warehouse.settings.seed)
        aged = ages.rows_of(ages.counts(mine, customers, drawn).to_pyarrow().to_pylist())
        apart = facts.effects_of("age", columns)
        moved = dependence.share_by_segment(Champion.from_json(champion), mine, seen, drawn)
        lines = counts.year_of_lines(transactions, as_of)
        described = counts.with_price_band(known, prices.bands(prices.article_prices(lines).to_pyarrow()))
        tastes = over_index.over_indexed(counts.counts(lines, described, mine))
        for i, name in named.items():
            head = {"as_of": as_of, "month": month, "segment_id": i, "segment_name": name}
            rows += [
                {**head, **row, "effect": apart.get(i) if row["fact"] == "age" else None}
                for row in aged.get(i, [])
            ]
            size = int((columns["segment_id"] == i).sum())
            rows.append({**head, **dependence.row(moved[i]), "customers": size})
            rows += [{**head, "unit": "share", **row} for row in tastes if row["segment_id"] == i]
    return tables.SEGMENT_PROFILES.in_memory(rows)


@table_asset(tables.PRICE_CURVES, code_version="1", ins={"assignments": PEOPLE["assignments"], **BOUGHT})
def price_curves(
    context: dg.AssetExecutionContext, assignments: ibis.Table, transactions: ibis.Table, articles: ibis.Table
) -> ibis.Table:
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        mine = of_month(assignments, month)
        as_of: dt.date = mine.as_of.max().to_pyarrow().as_py()
        lines = counts.year_of_lines(transactions, as_of)
        banded = prices.bands(prices.article_prices(lines).to_pyarrow())
        described = counts.with_price_band(articles.select("article_key"), banded)
        counted = counts.counts(lines, described, mine, ["price_band"])["price_band"]
        rows += prices.curves(banded, counted, as_of, month)
    return tables.PRICE_CURVES.in_memory(rows)


@table_asset(tables.SEGMENT_WORDS, code_version="1", ins={"segment_profiles": read(tables.SEGMENT_PROFILES)})
def segment_words(context: dg.AssetExecutionContext, segment_profiles: ibis.Table) -> ibis.Table:
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        rows += sentences.rows_of(of_month(segment_profiles, month).to_pyarrow().to_pylist())
    return tables.SEGMENT_WORDS.in_memory(rows)
