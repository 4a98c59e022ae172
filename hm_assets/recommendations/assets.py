"""The assets of this stage's judgement: the lists of past weeks, and what they are worth."""

import datetime as dt
import time
from typing import Any

import dagster as dg
import ibis
import pyarrow as pa

from hm_assets.articles import tables as article_tables
from hm_assets.customers import tables as customer_tables
from hm_assets.raw import tables as raw
from hm_assets.recommendations import judged, scores, shown, tables
from hm_assets.recommendations.effort import EFFORTS
from hm_assets.recommendations.ladder.content import content as alike
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.measures.variety import content_of
from hm_assets.recommendations.purchases import purchases, sampled
from hm_assets.recommendations.ranker.model import learn_each
from hm_assets.recommendations.ranker.plan import PLANS, TASKS
from hm_assets.recommendations.slices import people_on
from hm_assets.recommendations.tried import tried
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import month_end, of_month, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "2"


@table_asset(
    tables.BACK_TEST,
    code_version=CODE_VERSION,
    ins={
        "transactions": read(raw.TRANSACTIONS, this_and_earlier()),
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier()),
        "customers": read(customer_tables.CUSTOMERS),
        "articles": read(article_tables.ARTICLES),
        "embeddings": read(article_tables.EMBEDDINGS),
        "topics": read(article_tables.TOPICS),
    },
)
def back_test_of_recommenders(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    assignments: ibis.Table,
    customers: ibis.Table,
    articles: ibis.Table,
    embeddings: ibis.Table,
    topics: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    catalogue = articles.order_by("article_key").to_pyarrow()
    content = content_of(articles, embeddings)
    vectors = alike(topics.to_pyarrow(), embeddings.to_pyarrow())
    workers, threads = settings.processes, settings.threads_each
    parts, notes, learning = [], [], []
    for month in months_of(context):
        # Whatever else a run makes, a month reads nothing later than itself.
        lines, groups = (of_months(each, None, month) for each in (transactions, assignments))

        def people(day: dt.date, groups: ibis.Table = groups) -> pa.Table:
            return people_on(customers, groups, day).to_pyarrow()

        everything = purchases(sampled(lines, month_end(month), effort.most), month_end(month))
        past, started = judged.days_of(everything, effort), time.perf_counter()
        # The judged weeks learn mostly from the same weeks before them.
        ahead = learn_each(
            Known(everything, people(month_end(month)), catalogue, settings.seed, threads),
            past,
            PLANS[warehouse.depth],
            TASKS,
            workers=workers,
        )
        learning.append(f"{month:%Y-%m}: {time.perf_counter() - started:.0f} s")
        rungs = tried(warehouse.depth, ahead)
        days = judged.days_judged(
            everything,
            rungs,
            people,
            catalogue,
            effort,
            settings.seed,
            threads,
            days=past,
            alike=vectors,
            workers=workers,
        )
        choice = judged.chosen(days, rungs)
        parts.append(ibis.memtable(judged.rows(days, content, choice.name, month)))
        notes.append(f"{month:%Y-%m}, {len(everything.customers):,} customers: {choice.why}")
    return dg.MaterializeResult(
        value=parts,
        metadata={"choice": "\n".join(notes), "learning": "\n".join(learning), "depth": warehouse.depth},
    )


@table_asset(tables.SCOREBOARD, code_version=CODE_VERSION, ins={"lists_judged": read(tables.BACK_TEST)})
def scoreboard(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    lists_judged: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings, rungs = EFFORTS[warehouse.depth], warehouse.settings, tried(warehouse.depth)
    rows: list[dict[str, Any]] = []
    notes, pictures = [], {}
    for month in months_of(context):
        days = scores.days_of(of_month(lists_judged, month), [rung.name for rung in rungs])
        choice = scores.chosen(days, rungs)
        notes.append(f"{month:%Y-%m}: {choice.why}")
        measured = scores.scoreboard(days, effort.resamples, settings.seed)
        found = scores.with_choice(measured, choice, rungs)
        rows += [{**row, "month": month} for row in found]
        pictures = {
            name: dg.MetadataValue.md(write(found))
            for name, write in {
                "scores": shown.table,
                "weeks": shown.weeks,
                "slices": shown.slices,
                "settings": shown.settings,
                "variety": shown.trade_off,
                "variety_curve": shown.picture,
            }.items()
        }
    return dg.MaterializeResult(
        value=tables.SCOREBOARD.in_memory(rows),
        metadata={"choice": "\n".join(notes), "depth": warehouse.depth, **pictures},
    )
