"""The assets of value: the back-test of every model with its calibration by tenths, and the model that is kept."""

import datetime as dt
from typing import Any

import dagster as dg
import ibis

from hm_assets.features.assets import ALL_MONTHS, HISTORY
from hm_assets.forecasts import kept
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.value import back_test, shown, tables, value_model
from hm_assets.forecasts.value.choice import choose
from hm_assets.forecasts.value.value_model import ValueModel
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import FitConfig, artifact_asset, table_asset
from hm_assets.warehouse.calendar import of_months
from hm_assets.warehouse.partitions import months_of
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "3"
VALUE_SCOREBOARD = dg.AssetKey(["forecasts", "value_scoreboard"])
VALUE_MODEL = dg.AssetKey(["forecasts", "value_model"])


@table_asset(tables.VALUE_SCOREBOARD, code_version=CODE_VERSION, ins=HISTORY)
def value_scoreboard(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    effort, settings = EFFORTS[warehouse.depth], warehouse.settings
    rows: list[dict[str, Any]] = []
    notes, pictures = [], {}
    for month in months_of(context):
        # Whatever else a run makes, a month reads nothing later than itself.
        features, days = (of_months(table, None, month) for table in (customer_features, customer_days))
        judged = back_test.run(
            features, days, effort, settings.seed, settings.threads_each, workers=settings.processes
        )
        if not judged:
            notes.append(
                f"{month:%Y-%m}: no past day has 90 days after it and enough before it to learn from"
            )
            continue
        choice = choose(judged, settings.seed)
        found = [
            {**row, "month": month, "chosen": row["model"] == choice.name, "why": choice.why}
            for day in judged
            for row in back_test.scores(day, effort.resamples, settings.seed)
        ]
        rows += found
        notes.append(f"{month:%Y-%m}: {choice.why}")
        pictures = {
            "scores": dg.MetadataValue.md(shown.table(found)),
            "predicted_and_true_by_tenth": dg.MetadataValue.md(shown.calibration(found, choice.name)),
        }
    return dg.MaterializeResult(
        value=tables.VALUE_SCOREBOARD.in_memory(rows),
        metadata={"choice": "\n".join(notes), "depth": warehouse.depth, **pictures},
    )


@artifact_asset(
    "forecasts",
    "value_model",
    code_version=CODE_VERSION,
    description="The model of value that leads, that of buying behind P(active) with the errors of its parameters, the "
    "season, limits of errors, and why it leads, as JSON.",
    kinds={"scipy", "lightgbm", "json"},
    ins=ALL_MONTHS,
    # Not an input: of the scoreboard there are the months that it was made for, and an input has to have all.
    deps=[VALUE_SCOREBOARD],
)
def kept_value_model(
    config: FitConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    seed = warehouse.settings.seed if config.seed is None else config.seed
    recipe = kept.recipe(CODE_VERSION, warehouse.depth, seed)

    def fit(features: ibis.Table, days: ibis.Table, month: dt.date) -> ValueModel:
        return value_model.trained(
            features,
            days,
            month,
            value_model.choice_of(delta.open_table(warehouse.path, tables.VALUE_SCOREBOARD), month),
            EFFORTS[warehouse.depth].learned_customers,
            seed,
            warehouse.settings.threads,
        )

    model, how = kept.kept_or_fitted(
        artifacts.path_of(warehouse.path, VALUE_MODEL.path),
        recipe,
        customer_features,
        customer_days,
        fit,
        ValueModel.from_json,
        "forecast",
        config.refit,
    )
    active = model.active
    return dg.MaterializeResult(
        value={**model.as_json(), "recipe": recipe},
        metadata={
            "fit": how,
            "value_version": model.version,
            "why": model.why,
            "trained_as_of": model.trained_as_of.isoformat(),
            "p_active_from": "nothing" if active is None else active.kind,
            "doubt": "none" if active is None or active.warning is None else active.warning,
        },
    )
