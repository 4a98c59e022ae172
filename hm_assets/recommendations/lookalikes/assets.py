"""The asset of this room: whether lookalikes do later what their seed did. Audiences are made by `hm lookalikes`."""

from typing import Any

import dagster as dg
import ibis

from hm_assets.articles import tables as article_tables
from hm_assets.features import tables as feature_tables
from hm_assets.raw import tables as raw
from hm_assets.recommendations.lookalikes import back_test, shown, tables
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import add_months, as_of_dates, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
REACH = 6
"""Months back: four past days, and room for one or two months that are not over or have no line."""


@table_asset(
    tables.LOOKALIKE_SCORES,
    code_version=CODE_VERSION,
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier(REACH)),
        "transactions": read(raw.TRANSACTIONS, this_and_earlier(REACH + 1)),
        "articles": read(article_tables.ARTICLES),
    },
)
def lookalike_scores(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    transactions: ibis.Table,
    articles: ibis.Table,
) -> dg.MaterializeResult:
    effort, seed = back_test.EFFORTS[warehouse.depth], warehouse.settings.seed
    found: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month in months_of(context):
        # Whatever else a run makes, a month reads nothing later than itself.
        lines = of_months(transactions, None, month)
        until = as_of_dates(transactions, [month])[month]
        past = [add_months(month, -back) for back in range(1, REACH + 1)]
        days = back_test.days_before(lines, past, until, effort.days)
        judged = back_test.judge(customer_features, lines, articles, days, effort, seed)
        mine = back_test.scores(judged, effort.resamples, seed)
        picture = shown.scores(mine)
        found += [{**row, "month": month} for row in mine]
    return dg.MaterializeResult(
        value=tables.LOOKALIKE_SCORES.in_memory(found),
        metadata={"scores": dg.MetadataValue.md(picture), "depth": warehouse.depth},
    )
