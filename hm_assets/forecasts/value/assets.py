"""The assets of value: the back-test of every model with its calibration by tenths, and the model that is kept."""

from typing import Any

import dagster as dg
import ibis
from pydantic import Field

from hm_assets.features import tables as feature_tables
from hm_assets.features.snapshot import last_month_with_lines
from hm_assets.forecasts import kept
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.value import back_test, shown, tables, value_model
from hm_assets.forecasts.value.choice import choose
from hm_assets.forecasts.value.value_model import ValueModel
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import of_months
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "2"
VALUE_SCOREBOARD = dg.AssetKey(["forecasts", "value_scoreboard"])
VALUE_MODEL = dg.AssetKey(["forecasts", "value_model"])
INS = {
    "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier()),
    "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
}


class ValueModelConfig(dg.Config):
    """How the model of value is fitted. A changed setting refits; a new month alone never does."""

    seed: int | None = Field(None, description="Seed of the fit; empty: HM_SEED")
    refit: bool = Field(False, description="Fit anew on the latest month even where nothing changed")


@table_asset(tables.VALUE_SCOREBOARD, code_version=CODE_VERSION, ins=INS)
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
        judged = back_test.run(features, days, effort, settings.seed, settings.threads)
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
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_days": read(feature_tables.CUSTOMER_DAYS),
    },
    # Not an input: of the scoreboard there are the months that it was made for, and an input has to have all.
    deps=[VALUE_SCOREBOARD],
)
def kept_value_model(
    config: ValueModelConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    seed = warehouse.settings.seed if config.seed is None else config.seed
    recipe = kept.recipe(CODE_VERSION, warehouse.depth, seed)
    path = artifacts.path_of(warehouse.path, VALUE_MODEL.path)
    stored = artifacts.read_json(path) if path.exists() else None
    if stored is not None and stored["recipe"] == recipe and stored["forecast"] and not config.refit:
        model, fit = ValueModel.from_json(stored), kept.KEPT
    else:
        month = last_month_with_lines(customer_features)
        if month is None:
            raise HmAssetsError("no customer has a purchase, so nothing can be forecast: see raw/deliveries")
        model, fit = (
            value_model.trained(
                of_months(customer_features, None, month),
                of_months(customer_days, None, month),
                month,
                value_model.choice_of(delta.open_table(warehouse.path, tables.VALUE_SCOREBOARD), month),
                EFFORTS[warehouse.depth].learned_customers,
                seed,
                warehouse.settings.threads,
            ),
            kept.FITTED,
        )
    active = model.active
    return dg.MaterializeResult(
        value={**model.as_json(), "recipe": recipe},
        metadata={
            "fit": fit,
            "value_version": model.version,
            "why": model.why,
            "trained_as_of": model.trained_as_of.isoformat(),
            "p_active_from": "nothing" if active is None else active.kind,
            "doubt": "none" if active is None or active.warning is None else active.warning,
        },
    )
