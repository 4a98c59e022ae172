"""The assets of this room: the customers of judged days, models in money, thresholds and budgets.

A month reads nothing later than itself. What a campaign costs and keeps is assumed in the settings (HM_CAMPAIGN_...).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.forecasts import judged as judged_days
from hm_assets.forecasts import tables as forecast_tables
from hm_assets.forecasts.decisions import profit, shown, tables
from hm_assets.forecasts.decisions.audiences import Reachable, budgets, reachable, thresholds
from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.forecasts.decisions.judged import Judged
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.partitions import months_of
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "2"
UNJUDGED = "no past day has 90 days after it and enough before it to learn from"
NO_MONEY = "no customer has a probability, or nothing was ever paid"
REACHABLE = {
    # The asset `customers` of this stage, by what its rows are.
    "outlook": read(forecast_tables.CUSTOMERS),
    "customer_features": read(feature_tables.CUSTOMER_FEATURES),
}


@table_asset(
    tables.PROFIT,
    code_version=CODE_VERSION,
    ins={"back_test": read(forecast_tables.BACK_TEST), "scoreboard": read(forecast_tables.SCOREBOARD)},
)
def profit_of_models(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    back_test: ibis.Table,
    scoreboard: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    assumptions = Assumptions.of(settings)
    rows: list[dict[str, Any]] = []
    notes, pictures = [], {}
    for month in months_of(context):
        judged = [Judged.of(day) for day in judged_days.read(of_month(back_test, month))]
        chosen = shown.chosen(of_month(scoreboard, month))
        if not judged or chosen is None:
            notes.append(f"{month:%Y-%m}: {UNJUDGED}")
            continue
        found, choice = profit.rows(judged, assumptions, chosen, effort.resamples, settings.seed)
        rows += [{**row, "month": month} for row in found]
        notes.append(f"{month:%Y-%m}: {choice.words}")
        pictures = {"profit": dg.MetadataValue.md(shown.profit(found))}
    return dg.MaterializeResult(
        value=tables.PROFIT.in_memory(rows),
        metadata={"finding": "\n".join(notes), "assumptions": assumptions.words, **pictures},
    )


@table_asset(
    tables.THRESHOLDS,
    code_version=CODE_VERSION,
    ins={
        **REACHABLE,
        "back_test": read(forecast_tables.BACK_TEST),
        "scoreboard": read(forecast_tables.SCOREBOARD),
    },
)
def thresholds_of_audiences(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    outlook: ibis.Table,
    customer_features: ibis.Table,
    back_test: ibis.Table,
    scoreboard: ibis.Table,
) -> dg.MaterializeResult:
    assumptions = Assumptions.of(warehouse.settings)
    rows: list[Mapping[str, Any]] = []
    notes = []
    for month in months_of(context):
        people = of_month(outlook, month)
        now = reachable(people, of_month(customer_features, month), assumptions)
        if now is None:
            notes.append(f"{month:%Y-%m}: {NO_MONEY}")
            continue
        days = [Judged.of(day) for day in judged_days.read(of_month(back_test, month))]
        model = shown.chosen(of_month(scoreboard, month))
        dates = {"as_of": people.as_of.max().to_pyarrow().as_py(), "month": month}
        found = list(thresholds(now, days[0] if days else None, model, assumptions))
        rows += [{**row, **dates} for row in found]
        notes.append(f"{month:%Y-%m}: {shown.best_threshold(found)}")
    return dg.MaterializeResult(
        value=tables.THRESHOLDS.in_memory(rows),
        metadata={"finding": "\n".join(notes), "assumptions": assumptions.words},
    )


@table_asset(tables.BUDGETS, code_version=CODE_VERSION, ins=REACHABLE)
def budgets_of_campaigns(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    outlook: ibis.Table,
    customer_features: ibis.Table,
) -> dg.MaterializeResult:
    assumptions = Assumptions.of(warehouse.settings)
    rows: list[Mapping[str, Any]] = []
    notes, pictures = [], {}
    for month in months_of(context):
        people = of_month(outlook, month)
        now: Reachable | None = reachable(people, of_month(customer_features, month), assumptions)
        if now is None:
            notes.append(f"{month:%Y-%m}: {NO_MONEY}")
            continue
        dates = {"as_of": people.as_of.max().to_pyarrow().as_py(), "month": month}
        found = list(budgets(now, assumptions))
        rows += [{**row, **dates} for row in found]
        pictures = {"budgets": dg.MetadataValue.md(shown.budgets(found))}
    return dg.MaterializeResult(
        value=tables.BUDGETS.in_memory(rows),
        metadata={"finding": "\n".join(notes), "assumptions": assumptions.words, **pictures},
    )
