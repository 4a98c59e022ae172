"""The assets of this stage."""

from typing import Any

import dagster as dg
import ibis

from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.profiles import categories, facts, names, tables
from hm_assets.raw import tables as raw_tables
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.partitions import months_of, this_and_earlier

A_YEAR = 12


@table_asset(
    tables.SEGMENT_PROFILES,
    code_version="2",
    ins={
        "assignments": read(segment_tables.ASSIGNMENTS),
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customers": read(customer_tables.CUSTOMERS),
        "transactions": read(raw_tables.TRANSACTIONS, this_and_earlier(A_YEAR)),
        "articles": read(article_tables.ARTICLES),
    },
)
def segment_profiles(
    context: dg.AssetExecutionContext,
    assignments: ibis.Table,
    customer_features: ibis.Table,
    customers: ibis.Table,
    transactions: ibis.Table,
    articles: ibis.Table,
) -> ibis.Table:
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        mine = of_month(assignments, month)
        seen = of_month(customer_features, month)
        as_of = mine.as_of.max().to_pyarrow().as_py()
        columns = facts.members(mine, seen, customers)
        named = names.names_of(columns)
        rows += facts.rows_of(columns, named, as_of, month)
        counted = categories.counts(transactions, articles, mine, as_of).to_pyarrow().to_pylist()
        rows += [
            {
                "as_of": as_of,
                "month": month,
                "segment_name": named[row["segment_id"]],
                "kind": "category",
                "unit": "share",
                **row,
            }
            for row in categories.over_indexed(counted)
        ]
    return tables.SEGMENT_PROFILES.in_memory(rows)
