"""The assets of this room: drivers of each customer and segment, importance of each input, and LIME beside SHAP."""

from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.features.assets import HISTORY
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.why import lime, shown, shuffling, tables
from hm_assets.forecasts.why.drivers import drivers, people
from hm_assets.forecasts.why.importance import importance
from hm_assets.forecasts.why.reasons import reasons
from hm_assets.forecasts.why.shapley import UnexplainedError, explain
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import of_month, of_months
from hm_assets.warehouse.partitions import months_of
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "2"
ORDER_MODEL = dg.AssetIn(dg.AssetKey(["forecasts", "order_model"]))


@table_asset(
    tables.DRIVERS,
    code_version=CODE_VERSION,
    ins={"customer_features": read(feature_tables.CUSTOMER_FEATURES), "order_model": ORDER_MODEL},
)
def drivers_of_customers(
    context: dg.AssetExecutionContext, customer_features: ibis.Table, order_model: dict[str, Any]
) -> dg.MaterializeResult:
    model = OrderModel.from_json(order_model)
    parts, notes = [], []
    for month in months_of(context):
        rows, note = drivers(model, customer_features, month)
        parts.append(ibis.memtable(rows))
        notes.append(f"{month:%Y-%m}: {note}")
    return dg.MaterializeResult(
        value=parts, metadata={"finding": "\n".join(notes), "model_version": model.version}
    )


@table_asset(
    tables.IMPORTANCE,
    code_version=CODE_VERSION,
    ins={
        **HISTORY,
        "order_model": ORDER_MODEL,
    },
)
def importance_of_inputs(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
    order_model: dict[str, Any],
) -> dg.MaterializeResult:
    model, effort, settings = OrderModel.from_json(order_model), EFFORTS[warehouse.depth], warehouse.settings
    rows: list[dict[str, Any]] = []
    notes, pictures = [], {}
    for month in months_of(context):
        # Whatever else a run makes, a month reads nothing later than itself.
        features, days = (of_months(table, None, month) for table in (customer_features, customer_days))
        try:
            found = explain(model.model, people(model, features, month), month)
        except UnexplainedError as reason:
            notes.append(f"{month:%Y-%m}: nothing is explained: {reason}")
            continue
        past = shuffling.latest(features, days, found.model.name, effort, settings.seed, settings.threads)
        made = importance(found, past, effort.resamples, settings.seed, settings.processes)
        dates = {"as_of": found.rows["as_of"][0].as_py(), "month": month, "model_version": model.version}
        rows += [{**row, **dates} for row in made]
        notes.append(f"{month:%Y-%m}: {shown.headline(made)}")
        pictures = {
            "importance": dg.MetadataValue.md(shown.table(made)),
            "drivers": dg.MetadataValue.md(shown.bars(made)),
        }
    return dg.MaterializeResult(
        value=tables.IMPORTANCE.in_memory(rows),
        metadata={"finding": "\n".join(notes), "model_version": model.version, **pictures},
    )


@table_asset(
    tables.LIME,
    code_version=CODE_VERSION,
    ins={"customer_features": read(feature_tables.CUSTOMER_FEATURES), "order_model": ORDER_MODEL},
)
def lime_beside_shap(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    order_model: dict[str, Any],
) -> dg.MaterializeResult:
    model = OrderModel.from_json(order_model)
    rows: list[dict[str, Any]] = []
    notes = []
    for month in months_of(context):
        try:
            found = explain(model.model, people(model, customer_features, month), month)
        except UnexplainedError as reason:
            notes.append(f"{month:%Y-%m}: nothing is explained: {reason}")
            continue
        made, alike = lime.compared(found, warehouse.settings.seed)
        dates = {"as_of": found.rows["as_of"][0].as_py(), "month": month, "model_version": model.version}
        rows += [{**row, **dates} for row in made]
        notes.append(f"{month:%Y-%m}: {alike.words if alike else 'one to three inputs: nothing to rank'}")
    return dg.MaterializeResult(
        value=tables.LIME.in_memory(rows),
        metadata={"finding": "\n".join(notes), "model_version": model.version},
    )


@table_asset(
    tables.SEGMENT_REASONS,
    code_version=CODE_VERSION,
    ins={"drivers": read(tables.DRIVERS), "assignments": read(segment_tables.ASSIGNMENTS)},
)
def reasons_of_segments(
    context: dg.AssetExecutionContext, drivers: ibis.Table, assignments: ibis.Table
) -> ibis.Table:
    return tables.SEGMENT_REASONS.in_memory(
        [
            {**row, "month": month}
            for month in months_of(context)
            for row in reasons(of_month(drivers, month), of_month(assignments, month))
        ]
    )
