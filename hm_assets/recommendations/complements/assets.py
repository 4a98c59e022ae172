"""The assets of this room: rules of baskets, lists per article with their back-test, and what segments lack."""

import datetime as dt
from typing import Any

import dagster as dg
import ibis

from hm_assets.articles import tables as article_tables
from hm_assets.profiles.fairness.privacy import segments_withheld
from hm_assets.raw import tables as raw
from hm_assets.recommendations.complements import back_test, cross_sell, made, rows, shown, tables
from hm_assets.recommendations.complements.effort import EFFORTS
from hm_assets.recommendations.complements.lists import catalogue
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import as_of_dates, of_month, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
YEAR = read(raw.TRANSACTIONS, this_and_earlier(12))
# Ninety days before the first of eight weeks, and one more.
SINCE_THE_FIRST_WEEK = read(raw.TRANSACTIONS, this_and_earlier(6))
ARTICLES = read(article_tables.ARTICLES)


@table_asset(tables.RULES, code_version=CODE_VERSION, ins={"transactions": YEAR, "articles": ARTICLES})
def rules_of_baskets(
    context: dg.AssetExecutionContext, transactions: ibis.Table, articles: ibis.Table
) -> dg.MaterializeResult:
    known = catalogue(articles)
    parts, notes = [tables.RULES.in_memory([])], []
    picture = shown.NOTHING
    for month in months_of(context):
        lines, as_of = _lines(transactions, month)
        found = {
            made.ARTICLE: made.article_rules(lines, as_of),
            made.PRODUCT_TYPE: made.type_rules(lines, as_of, known),
        }
        for level, of_level in found.items():
            part = rows.of_rules(of_level.rules, level, known, month, as_of)
            parts.append(ibis.memtable(part))
            notes.append(f"{month:%Y-%m}, {level}: {of_level.words}")
        # Of the month's product types, which are told last.
        picture = shown.rules(
            part.sort_by([("low", "descending"), ("antecedent", "ascending")]).slice(0, 20).to_pylist()
        )
    return dg.MaterializeResult(
        value=parts, metadata={"tested": "\n".join(notes), "rules": dg.MetadataValue.md(picture)}
    )


@table_asset(
    tables.BOUGHT_TOGETHER, code_version=CODE_VERSION, ins={"rules": read(tables.RULES), "articles": ARTICLES}
)
def bought_together(
    context: dg.AssetExecutionContext, rules: ibis.Table, articles: ibis.Table
) -> dg.MaterializeResult:
    known = catalogue(articles)
    parts = [tables.BOUGHT_TOGETHER.in_memory([])]
    for month in months_of(context):
        mine = of_month(rules, month)
        as_of = mine.as_of.max().to_pyarrow().as_py()
        if as_of is not None:
            parts.append(
                ibis.memtable(rows.of_lists(rows.read(mine, made.ARTICLE, known), known, month, as_of))
            )
    listed = len(set(parts[-1].article_key.to_pyarrow().to_pylist()))
    return dg.MaterializeResult(
        value=parts, metadata={"articles_with_a_list": listed, "articles": len(known.articles)}
    )


@table_asset(
    tables.COMPLEMENT_SCORES,
    code_version=CODE_VERSION,
    ins={"transactions": SINCE_THE_FIRST_WEEK, "articles": ARTICLES},
)
def complement_scores(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    articles: ibis.Table,
) -> dg.MaterializeResult:
    known, effort = catalogue(articles), EFFORTS[warehouse.depth]
    found: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month in months_of(context):
        lines, as_of = _lines(transactions, month)
        first_day = lines.t_dat.min().to_pyarrow().as_py()
        judged = back_test.weeks(lines, known, as_of, first_day, effort.weeks) if first_day else []
        mine = back_test.scores(judged)
        picture = shown.scores(mine)
        found += [{**row, "month": month} for row in mine]
    return dg.MaterializeResult(
        value=tables.COMPLEMENT_SCORES.in_memory(found),
        metadata={"scores": dg.MetadataValue.md(picture), "depth": warehouse.depth},
    )


@table_asset(
    tables.CROSS_SELL,
    code_version=CODE_VERSION,
    ins={
        "transactions": YEAR,
        "articles": ARTICLES,
        "rules": read(tables.RULES),
        "assignments": read(segment_tables.ASSIGNMENTS),
    },
)
def cross_sell_of_segments(
    context: dg.AssetExecutionContext,
    transactions: ibis.Table,
    articles: ibis.Table,
    rules: ibis.Table,
    assignments: ibis.Table,
) -> dg.MaterializeResult:
    known = catalogue(articles)
    found: list[dict[str, Any]] = []
    notes, picture = [], shown.NOTHING
    for month in months_of(context):
        lines, as_of = _lines(transactions, month)
        have = rows.what_customers_have(lines, of_month(assignments, month), known, as_of)
        hidden = segments_withheld(have.sizes)
        of_types = rows.read(of_month(rules, month), made.PRODUCT_TYPE, known)
        mine, tested = cross_sell.gaps(of_types, have, hidden)
        told = [
            {
                **row,
                "have": known.types[row["have"]],
                "lack": known.types[row["lack"]],
                "as_of": as_of,
                "month": month,
            }
            for row in mine
        ]
        notes.append(
            f"{month:%Y-%m}: {len(told)} listed of {tested:,} gaps tested; {len(hidden)} segments withheld"
        )
        picture = shown.cross_sell(told)
        found += told
    return dg.MaterializeResult(
        value=tables.CROSS_SELL.in_memory(found),
        metadata={"tested": "\n".join(notes), "gaps": dg.MetadataValue.md(picture)},
    )


def _lines(transactions: ibis.Table, month: dt.date) -> tuple[ibis.Table, dt.date]:
    """What is known at the end of a month, and its last day: whatever else a run makes, nothing later is read."""
    return of_months(transactions, None, month), as_of_dates(transactions, [month])[month]
