"""The assets of this stage: the back-test of every model, the one that is kept, and what it says of each customer."""

import datetime as dt
from functools import partial
from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.features.assets import ALL_MONTHS, HISTORY
from hm_assets.forecasts import judged as judged_days
from hm_assets.forecasts import kept, outlook, shown, tables
from hm_assets.forecasts import order_model as kept_model
from hm_assets.forecasts.churn import back_test, imbalance
from hm_assets.forecasts.churn.models import MODELS
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.timing.assets import TIMING_MODEL
from hm_assets.forecasts.timing.timing_model import TimingModel
from hm_assets.forecasts.value.value_model import ValueModel
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import FitConfig, artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import of_month, of_months
from hm_assets.warehouse.engine import by_customer
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "2"
SCOREBOARD = dg.AssetKey(["forecasts", "scoreboard"])
ORDER_MODEL = dg.AssetKey(["forecasts", "order_model"])
VALUE_MODEL = dg.AssetKey(["forecasts", "value_model"])


@table_asset(
    tables.BACK_TEST,
    code_version=CODE_VERSION,
    ins=HISTORY,
)
def back_test_of_models(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    parts = [tables.BACK_TEST.in_memory([])]
    for month in months_of(context):
        # Whatever else a run makes, a month reads nothing later than itself.
        features, days = (of_months(table, None, month) for table in (customer_features, customer_days))
        judged = back_test.run(
            features, days, effort, settings.seed, settings.threads_each, workers=settings.processes
        )
        parts += [ibis.memtable(part) for part in judged_days.rows(judged, month)]
    missing = [model.name for model in MODELS if not model.installed]
    return dg.MaterializeResult(
        value=parts,
        metadata={"depth": warehouse.depth, "not_installed": ", ".join(missing) or "none"},
    )


@table_asset(tables.SCOREBOARD, code_version=CODE_VERSION, ins={"customers_judged": read(tables.BACK_TEST)})
def scoreboard(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers_judged: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    rows: list[dict[str, Any]] = []
    notes, pictures = [], {}
    for month in months_of(context):
        judged = judged_days.read(of_month(customers_judged, month))
        if not judged:
            notes.append(
                f"{month:%Y-%m}: no past day has 90 days after it and enough before it to learn from"
            )
            continue
        choice = back_test.choose(judged)
        found = [
            {**row, "month": month, "chosen": row["model"] == choice.name, "why": choice.why}
            for day in judged
            for row in back_test.scores(day, effort.resamples, settings.seed)
        ]
        rows += found
        notes.append(f"{month:%Y-%m}: {choice.why}")
        pictures = {
            "scores": dg.MetadataValue.md(shown.table(found)),
            "shift": dg.MetadataValue.md(shown.shift(found)),
        }
    return dg.MaterializeResult(
        value=tables.SCOREBOARD.in_memory(rows),
        metadata={"choice": "\n".join(notes), "depth": warehouse.depth, **pictures},
    )


@artifact_asset(
    "forecasts",
    "order_model",
    code_version=CODE_VERSION,
    description="The model of the next order: three hazards, the season, and why it was chosen, as JSON.",
    kinds={"scikitlearn", "lightgbm", "json"},
    ins=ALL_MONTHS,
    # Not an input: of the scoreboard there are the months that it was made for, and an input has to have all.
    deps=[SCOREBOARD],
)
def order_model(
    config: FitConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    seed = warehouse.settings.seed if config.seed is None else config.seed
    recipe = kept.recipe(CODE_VERSION, warehouse.depth, seed)

    def fit(features: ibis.Table, days: ibis.Table, month: dt.date) -> OrderModel:
        dates, first_day, _ = back_test.reach(features, days)
        return kept_model.fitted(
            features,
            days,
            split(dates, month, first_day),
            first_day,
            kept_model.choice_of(delta.open_table(warehouse.path, tables.SCOREBOARD), month),
            EFFORTS[warehouse.depth].learned_customers,
            seed,
            warehouse.settings.threads,
        )

    model, how = kept.kept_or_fitted(
        artifacts.path_of(warehouse.path, ORDER_MODEL.path),
        recipe,
        customer_features,
        customer_days,
        fit,
        OrderModel.from_json,
        "model",
        config.refit,
    )
    return dg.MaterializeResult(
        value={**model.as_json(), "recipe": recipe},
        metadata={
            "fit": how,
            "model_version": model.version,
            "why": model.why,
            "trained_as_of": model.trained_as_of.isoformat(),
            "season": {}
            if model.model is None
            else {str(m): e for m, e in sorted(model.model.season.items())},
        },
    )


@table_asset(
    tables.CUSTOMERS,
    code_version=CODE_VERSION,
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
        "order_model": dg.AssetIn(ORDER_MODEL),
        "timing_model": dg.AssetIn(TIMING_MODEL),
        "value_model": dg.AssetIn(VALUE_MODEL),
    },
)
def customers(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customer_days: ibis.Table,
    order_model: dict[str, Any],
    timing_model: dict[str, Any],
    value_model: dict[str, Any],
) -> dg.MaterializeResult:
    models = outlook.Models(
        OrderModel.from_json(order_model),
        TimingModel.from_json(timing_model),
        ValueModel.from_json(value_model),
    )
    return dg.MaterializeResult(
        value=[
            by_customer(
                partial(models.customers, month=month),
                tables.CUSTOMERS.ibis_schema(),
                of_month(customer_features, month),
                customer_days,
            )
            for month in months_of(context)
        ],
        metadata={
            "model_version": models.orders.version,
            "why": models.orders.why,
            "timing_version": models.timing.version,
            "value_version": models.value.version,
            "why_this_value": models.value.why,
        },
    )


@table_asset(
    tables.IMBALANCE,
    code_version="1",
    ins=HISTORY,
)
def imbalance_table(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    rows: list[dict[str, Any]] = []
    notes, pictures = [], {}
    for month in months_of(context):
        features, days = (of_months(table, None, month) for table in (customer_features, customer_days))
        found = imbalance.run(
            features, days, effort, settings.seed, settings.threads_each, settings.processes
        )
        rows += [{**row, "month": month} for row in found]
        if found:
            notes.append(f"{month:%Y-%m}: {imbalance.finding(found)}")
            pictures = {"measures": dg.MetadataValue.md(shown.imbalance(found))}
        else:
            notes.append(f"{month:%Y-%m}: the files are too short, or all customers did the same")
    return dg.MaterializeResult(
        value=tables.IMBALANCE.in_memory(rows),
        metadata={"finding": "\n".join(notes), "depth": warehouse.depth, **pictures},
    )
