"""The assets of this room: the model of launches, how good it would have been, and what it says of unsold articles."""

from typing import Any

import dagster as dg
import ibis
import numpy as np

from hm_assets.articles import tables as article_tables
from hm_assets.raw import tables as raw
from hm_assets.recommendations.launch import back_test, shown, tables
from hm_assets.recommendations.launch.effort import EFFORTS
from hm_assets.recommendations.launch.garments import catalogue
from hm_assets.recommendations.launch.matcher import Matcher, draw, learn, past_days
from hm_assets.recommendations.launch.past import launches
from hm_assets.recommendations.launch.shoppers import NAMES, PRICE_FIT
from hm_assets.recommendations.launch.telling import Ground, ground
from hm_assets.recommendations.purchases import purchases, sampled
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.assets import FitConfig, artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import as_of_dates, of_month, of_months
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
LAUNCH_MODEL = dg.AssetKey(["recommendations", "launch_model"])
READ_RANGE = {"articles": read(article_tables.ARTICLES), "embeddings": read(article_tables.EMBEDDINGS)}
READ_LINES = {"transactions": read(raw.TRANSACTIONS, this_and_earlier())}


@artifact_asset(
    "recommendations",
    "launch_model",
    code_version=CODE_VERSION,
    description="Who buys a garment within 30 days of its launch, learned from past launches, as JSON.",
    kinds={"scikitlearn", "json"},
    ins={"transactions": read(raw.TRANSACTIONS), **READ_RANGE},
)
def launch_model(
    context: dg.AssetExecutionContext,
    config: FitConfig,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    articles: ibis.Table,
    embeddings: ibis.Table,
) -> dg.MaterializeResult:
    seed = warehouse.settings.seed if config.seed is None else config.seed
    effort = EFFORTS[warehouse.depth]
    recipe = artifacts.recipe(CODE_VERSION, warehouse.depth, seed, list(NAMES))
    stored = artifacts.path_of(warehouse.path, LAUNCH_MODEL.path)
    before = artifacts.read_json(stored) if stored.exists() else None
    kept = before is not None and before["recipe"] == recipe and before["launches"] and not config.refit
    if before is not None and kept:
        made = Matcher.from_json(before)
    else:
        first, last = (
            transactions.t_dat.min().to_pyarrow().as_py(),
            transactions.t_dat.max().to_pyarrow().as_py(),
        )
        if last is None:
            raise HmAssetsError("no customer has a purchase, so nothing can be learned: see raw/deliveries")
        everything = purchases(sampled(transactions, last, effort.most), last)
        garments, launched = (
            catalogue(articles.to_pyarrow(), embeddings.to_pyarrow()),
            launches(transactions, last),
        )
        drawn = []
        for day in past_days(last, first, effort.periods):
            context.log.info(f"Learning from the launches of the 30 days after {day}")
            drawn.append(draw(everything, garments, launched, day, effort, seed))
        made = learn(drawn, last, seed)
    told = made.with_price.as_json()["classifier"] if made.with_price else {}
    weights = dict(zip((*NAMES, PRICE_FIT), told.get("weights", []), strict=False))
    return dg.MaterializeResult(
        value={**made.as_json(), "recipe": recipe},
        metadata={
            "fit": "kept: fitted before with the same settings; set `refit` in the Launchpad to fit anew"
            if kept
            else "fitted: for the first time, code or settings changed, or a refit was asked for",
            "trained_as_of": made.trained_as_of.isoformat(),
            "launches": made.launches,
            "buyers": made.buyers,
            "known_share_of_buyers": made.known_share,
            "weights": dg.MetadataValue.json(weights),
        },
    )


@table_asset(tables.LAUNCH_SCORES, code_version=CODE_VERSION, ins=READ_LINES | READ_RANGE)
def launch_scores(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    articles: ibis.Table,
    embeddings: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    garments = catalogue(articles.to_pyarrow(), embeddings.to_pyarrow())
    rows: list[dict[str, Any]] = []
    notes, picture = [], ""
    for month, last in as_of_dates(transactions, months_of(context)).items():
        lines = of_months(transactions, None, month)
        first = lines.t_dat.min().to_pyarrow().as_py()
        found: list[dict[str, Any]] = []
        if first is not None:
            everything = purchases(sampled(lines, last, effort.most), last)
            launched = launches(lines, last)
            days = back_test.cut_offs(last, first, effort.cut_offs)
            for judged in back_test.judge(everything, garments, launched, days, first, effort, settings.seed):
                context.log.info(f"Judged the launches after {judged.as_of}")
                found += back_test.scores(judged, effort.resamples, settings.seed)
        rows += [{**row, "month": month} for row in found]
        notes.append(f"{month:%Y-%m}: {back_test.finding(found)}")
        picture = shown.scores(found)
    return dg.MaterializeResult(
        value=tables.LAUNCH_SCORES.in_memory(rows),
        metadata={
            "finding": "\n".join(notes),
            "depth": warehouse.depth,
            "scores": dg.MetadataValue.md(picture),
        },
    )


@table_asset(
    tables.LAUNCHES,
    code_version=CODE_VERSION,
    ins=READ_LINES
    | READ_RANGE
    | {
        "assignments": read(segment_tables.ASSIGNMENTS),
        "launch_model": dg.AssetIn(LAUNCH_MODEL),
    },
)
def launches_of_unsold(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    transactions: ibis.Table,
    articles: ibis.Table,
    embeddings: ibis.Table,
    assignments: ibis.Table,
    launch_model: dict[str, Any],
) -> dg.MaterializeResult:
    matcher, effort = Matcher.from_json(launch_model), EFFORTS[warehouse.depth]
    garments, vectors = articles.to_pyarrow(), embeddings.to_pyarrow()
    rows: list[dict[str, Any]] = []
    unsold = 0
    for month, as_of in as_of_dates(transactions, months_of(context)).items():
        lines = of_months(transactions, None, month)
        sold = lines.select("article_key").distinct().to_pyarrow()["article_key"].to_numpy()
        unsold = len(garments) - len(sold)
        if matcher.without_price is None or not unsold:
            continue
        placed = of_month(assignments, month).select("customer_key", "segment_id").to_pyarrow()
        known = ground(lines, garments, vectors, placed, as_of, effort.most)
        rows += [
            {**row, "as_of": as_of, "month": month} for row in _rows(known, matcher, sold, effort.listed)
        ]
    return dg.MaterializeResult(
        value=tables.LAUNCHES.in_memory(rows),
        metadata={"articles_without_a_sale": unsold, "told_of_at_most": effort.listed},
    )


def _rows(known: Ground, matcher: Matcher, sold: Any, most: int) -> list[dict[str, Any]]:
    rows, usual = [], known.usual_shares(matcher)
    for place in np.flatnonzero(~np.isin(known.range.keys, sold))[::-1][:most]:
        told = known.tell(matcher, known.range.vectors[place], known.range.codes[place], usual)
        nearest = told.similar.rows[:1]
        units = told.size.units if told.size else (None, None, None)
        of_article = {
            "article_key": int(known.range.keys[place]),
            **dict(zip(("units", "units_low", "units_high"), units, strict=True)),
            "most_similar": int(known.past.launches.article[nearest[0]]) if len(nearest) else None,
            "similarity": float(told.similar.similarity[0]) if len(nearest) else None,
        }
        rows += [{**row, **of_article} for row in told.segments]
    return rows
