"""The assets of this room: what the windows were worth on past days, the rules of who is lost, and the kept model."""

import datetime as dt
from typing import Any

import dagster as dg
import ibis

from hm_assets.features.assets import ALL_MONTHS, HISTORY
from hm_assets.forecasts import kept, order_model
from hm_assets.forecasts import tables as forecast_tables
from hm_assets.forecasts.churn import back_test as orders
from hm_assets.forecasts.churn.algorithms import RECENCY_ONLY
from hm_assets.forecasts.churn.models import named
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.timing import back_test, rules, shown, tables
from hm_assets.forecasts.timing import timing_model as kept_model
from hm_assets.forecasts.timing.timing_model import TimingModel
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import FitConfig, artifact_asset, table_asset
from hm_assets.warehouse.calendar import of_months
from hm_assets.warehouse.partitions import months_of
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
TIMING_MODEL = dg.AssetKey(["forecasts", "timing_model"])
SCOREBOARD = dg.AssetKey(["forecasts", "scoreboard"])


@table_asset(
    tables.TIMING_SCOREBOARD,
    code_version=CODE_VERSION,
    ins=HISTORY,
    # Not an input: of the scoreboard there are the months that it was made for, and an input has to have all.
    deps=[SCOREBOARD],
)
def timing_scoreboard(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    board = delta.open_table(warehouse.path, forecast_tables.SCOREBOARD)
    rows: list[dict[str, Any]] = []
    metadata: dict[str, Any] = {"depth": warehouse.depth}
    for month in months_of(context):
        features, days = (of_months(table, None, month) for table in (customer_features, customer_days))
        name, _ = order_model.choice_of(board, month) or (RECENCY_ONLY, "")
        judged = back_test.run(features, days, named(name), effort, settings.seed, settings.threads)
        found = [
            {**row, "month": month}
            for day in judged
            for row in back_test.scores(day, effort.resamples, settings.seed)
        ]
        rows += found
        if found:
            metadata |= {
                f"windows_{level}": dg.MetadataValue.md(shown.windows(found, level)) for level in (80, 50)
            }
    return dg.MaterializeResult(value=tables.TIMING_SCOREBOARD.in_memory(rows), metadata=metadata)


@table_asset(tables.CHURN_RULES, code_version=CODE_VERSION, ins=HISTORY)
def churn_rules(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    effort, seed = EFFORTS[warehouse.depth], warehouse.settings.seed
    rows: list[dict[str, Any]] = []
    metadata: dict[str, Any] = {}
    for month in months_of(context):
        features, days = (of_months(table, None, month) for table in (customer_features, customer_days))
        dates, first_day, last_day = orders.reach(features, days)
        if month not in dates:
            continue
        found = []
        for one in [month, *orders.judged_months(dates, first_day, last_day, effort.cut_offs)]:
            people = examples(features, days, [one], first_day, last_day, effort.judged_customers)
            flags = rules.flagged(people, days, dates[one])
            scores = rules.scores(flags, people, dates[one], effort.resamples, seed)
            found += [{**row, "month": month} for row in scores]
        rows += found
        metadata = {
            "rules": dg.MetadataValue.md(shown.rules(found)),
            **{row["rule"]: row["value"] for row in found if row["as_of"] == dates[month]},
        }
    return dg.MaterializeResult(value=tables.CHURN_RULES.in_memory(rows), metadata=metadata)


@artifact_asset(
    "forecasts",
    "timing_model",
    code_version=CODE_VERSION,
    description="When customers order next and how often they usually do: hazards up to a year and everybody's gaps, "
    "as JSON.",
    kinds={"scikitlearn", "json"},
    ins=ALL_MONTHS,
)
def timing_model(
    config: FitConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    seed = warehouse.settings.seed if config.seed is None else config.seed
    recipe = kept.recipe(CODE_VERSION, warehouse.depth, seed)

    def fit(features: ibis.Table, days: ibis.Table, month: dt.date) -> TimingModel:
        dates, first_day, _ = orders.reach(features, days)
        return kept_model.fitted(
            features,
            days,
            split(dates, month, first_day),
            first_day,
            EFFORTS[warehouse.depth].learned_customers,
            seed,
            warehouse.settings.threads,
        )

    model, how = kept.kept_or_fitted(
        artifacts.path_of(warehouse.path, TIMING_MODEL.path),
        recipe,
        customer_features,
        customer_days,
        fit,
        TimingModel.from_json,
        "waiting",
        config.refit,
    )
    return dg.MaterializeResult(
        value={**model.as_json(), "recipe": recipe},
        metadata={
            "fit": how,
            "timing_version": model.version,
            "trained_as_of": model.trained_as_of.isoformat(),
            "window_reach_days": 0 if model.waiting is None else model.waiting.reach,
            "cadence": {} if model.cadence is None else model.cadence.as_json(),
        },
    )
