"""The assets of this room: forecasts by segment, the early warning, and the back-test of both."""

from typing import Any

import dagster as dg
import ibis
from pydantic import Field

from hm_assets.features import tables as feature_tables
from hm_assets.features.assets import HISTORY
from hm_assets.forecasts import tables as forecast_tables
from hm_assets.forecasts.by_segment import early_warning as rules
from hm_assets.forecasts.by_segment import measures, past, shares, shown, tables, warning_scores
from hm_assets.forecasts.by_segment.past import P, by_key, outlook_of
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.profiles.fairness.privacy import segments_withheld
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import of_month, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "2"
ORDER_MODEL = dg.AssetIn(dg.AssetKey(["forecasts", "order_model"]))
ASSIGNMENTS = read(segment_tables.ASSIGNMENTS)


class EarlyWarningConfig(dg.Config):
    """How long the list is."""

    share: float = Field(
        rules.SHARE, ge=0, le=1, description="Of those who bought within the last half year, at most"
    )
    most: int = Field(rules.MOST, ge=0, description="Customers, at most")


@table_asset(
    tables.PAST_OUTLOOK,
    code_version=CODE_VERSION,
    ins={
        **HISTORY,
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier()),
        "order_model": ORDER_MODEL,
    },
)
def past_outlook(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
    assignments: ibis.Table,
    order_model: dict[str, Any],
) -> dg.MaterializeResult:
    model, effort, settings = OrderModel.from_json(order_model), EFFORTS[warehouse.depth], warehouse.settings
    parts = [tables.PAST_OUTLOOK.in_memory([])]
    for month in months_of(context):
        if model.model is None:
            continue
        # Whatever else a run makes, a month reads nothing later than itself.
        features, days, placed = (
            of_months(table, None, month) for table in (customer_features, customer_days, assignments)
        )
        chosen = (model.model.name, model.why)
        judged = past.past_days(features, days, placed, chosen, effort, settings.seed, settings.threads)
        parts += [ibis.memtable(part) for part in past.rows(judged, month)]
    return dg.MaterializeResult(value=parts, metadata={"depth": warehouse.depth})


@table_asset(
    tables.SEGMENT_SCORES, code_version=CODE_VERSION, ins={"past_outlook": read(tables.PAST_OUTLOOK)}
)
def segment_scores(context: dg.AssetExecutionContext, past_outlook: ibis.Table) -> dg.MaterializeResult:
    rows: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month in months_of(context):
        found = shares.scores(past.read(of_month(past_outlook, month)))
        rows += [{**row, "month": month} for row in found]
        picture = shown.scores(found)
    return dg.MaterializeResult(
        value=tables.SEGMENT_SCORES.in_memory(rows), metadata={"scores": dg.MetadataValue.md(picture)}
    )


@table_asset(
    tables.EARLY_WARNING_SCORES, code_version=CODE_VERSION, ins={"past_outlook": read(tables.PAST_OUTLOOK)}
)
def early_warning_scores(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse], past_outlook: ibis.Table
) -> dg.MaterializeResult:
    effort = EFFORTS[warehouse.depth]
    rows: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month in months_of(context):
        judged = past.read(of_month(past_outlook, month))
        found = list(warning_scores.scores(judged, effort.resamples, warehouse.settings.seed))
        rows += [{**row, "month": month} for row in found]
        picture = shown.warnings(found)
    return dg.MaterializeResult(
        value=tables.EARLY_WARNING_SCORES.in_memory(rows),
        metadata={"scores": dg.MetadataValue.md(picture), "depth": warehouse.depth},
    )


@table_asset(
    tables.SEGMENTS,
    code_version="2",
    ins={
        "customers": read(forecast_tables.CUSTOMERS),
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "assignments": ASSIGNMENTS,
        "segment_scores": read(tables.SEGMENT_SCORES),
    },
)
def forecasts_of_segments(
    context: dg.AssetExecutionContext,
    customers: ibis.Table,
    customer_features: ibis.Table,
    assignments: ibis.Table,
    segment_scores: ibis.Table,
) -> dg.MaterializeResult:
    rows: list[dict[str, Any]] = []
    picture = acquisition = shown.NOTHING
    for month in months_of(context):
        told = of_month(customers, month)
        told = told.select("customer_key", "as_of", *P, *(n for n in measures.READ if n in told.columns))
        tenure = of_month(customer_features, month).select("customer_key", "tenure_days")
        placed = of_month(assignments, month).select("customer_key", "segment_id")
        joined = told.inner_join(tenure, "customer_key").inner_join(placed, "customer_key")
        found = measures.measures(by_key(joined), of_month(segment_scores, month).to_pyarrow().to_pylist())
        as_of = told.as_of.max().to_pyarrow().as_py()
        rows += [{**row, "as_of": as_of, "month": month} for row in found]
        withheld = _withheld(placed)
        picture, acquisition = shown.segments(found, withheld), shown.acquisition(found, withheld)
    return dg.MaterializeResult(
        value=tables.SEGMENTS.in_memory(rows),
        metadata={"segments": dg.MetadataValue.md(picture), "whom_to_win": acquisition},
    )


@table_asset(
    tables.EARLY_WARNING,
    code_version=CODE_VERSION,
    ins={
        "customers": read(forecast_tables.CUSTOMERS),
        "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier(1)),
        "assignments": ASSIGNMENTS,
        "order_model": ORDER_MODEL,
    },
)
def early_warning(
    context: dg.AssetExecutionContext,
    config: EarlyWarningConfig,
    customers: ibis.Table,
    customer_features: ibis.Table,
    assignments: ibis.Table,
    order_model: dict[str, Any],
) -> dg.MaterializeResult:
    model = OrderModel.from_json(order_model)
    parts, counted = [], {}
    for month in months_of(context):
        people = outlook_of(model, customer_features, assignments, month)
        if rules.FORECAST in customers.columns:
            value = of_month(customers, month).select("customer_key", rules.FORECAST)
            people = people.left_join(value, "customer_key").drop("customer_key_right")
        known = by_key(people)
        made = rules.rows_of(known, rules.listed(known, config.share, config.most))
        counted = {name: made["reason"].to_pylist().count(name) for name in rules.WORDS}
        parts.append(ibis.memtable(made))
    return dg.MaterializeResult(value=parts, metadata={"listed_by_reason": counted, "share": config.share})


def _withheld(placed: ibis.Table) -> set[str]:
    sized = placed.group_by("segment_id").agg(customers=ibis._.count()).to_pyarrow().to_pylist()
    return {str(i) for i in segments_withheld({row["segment_id"]: row["customers"] for row in sized})}
