"""The assets of this stage: candidates, the champion among them, and the monthly assignments."""

import json
from typing import Any

import dagster as dg
import ibis
import numpy as np
from pydantic import Field

from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.features.snapshot import latest_with_lines
from hm_assets.segments import lab, tables
from hm_assets.segments.champion import Champion, with_the_rest
from hm_assets.segments.space import Space
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import as_of_dates, of_month
from hm_assets.warehouse.partitions import months_of
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "2"
CHAMPION = dg.AssetKey(["segments", "champion"])


class ClusteringConfig(dg.Config):
    """How the segments are found. A changed setting refits; a new month alone never does."""

    seed: int | None = Field(None, description="Seed of samples and starts; empty: HM_SEED")
    refit: bool = Field(False, description="Fit anew on the latest month even where nothing changed")


@table_asset(
    tables.CANDIDATES,
    code_version=CODE_VERSION,
    ins={"customer_features": read(feature_tables.CUSTOMER_FEATURES)},
)
def candidates(
    context: dg.AssetExecutionContext,
    config: ClusteringConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
) -> ibis.Table:
    depth = warehouse.depth
    seed = warehouse.settings.seed if config.seed is None else config.seed
    recipe = artifacts.recipe(CODE_VERSION, depth, seed)
    kept = None if config.refit else delta.fitted_with(warehouse.path, tables.CANDIDATES, recipe)
    if kept is not None:
        context.log.info(
            "Kept: fitted before with the same settings. Set `refit` in the Launchpad to fit anew."
        )
        return ibis.memtable(kept)
    latest = latest_with_lines(customer_features)
    return ibis.memtable(lab.fit(latest, depth, seed, recipe))


@artifact_asset(
    "segments",
    "champion",
    code_version=CODE_VERSION,
    description="The model that assigns every customer: a space, centres and canonical segment ids, as JSON.",
    kinds={"scikitlearn", "json"},
    ins={"candidates": read(tables.CANDIDATES)},
)
def champion(warehouse: dg.ResourceParam[Warehouse], candidates: ibis.Table) -> dg.MaterializeResult:
    (row,) = candidates.filter(candidates.verdict.startswith("chosen")).to_pyarrow().to_pylist()
    model = json.loads(row["model"])
    centres = np.array(model["centres"], dtype=np.float64)
    path = warehouse.path.joinpath(*CHAMPION.path).with_suffix(".json")
    previous = Champion.from_json(artifacts.read_json(path)) if path.exists() else None
    space, day = Space.from_json(model["space"]), row["trained_as_of"]
    chosen = Champion.named(row["algorithm"], space, centres, day, model["seed"], previous)
    return dg.MaterializeResult(
        value=chosen.as_json(),
        metadata={
            "model_version": chosen.version,
            "k": row["k"],
            "silhouette": row["silhouette"],
            "verdict": row["verdict"],
            "trained_as_of": row["trained_as_of"].isoformat(),
        },
    )


@table_asset(
    tables.ASSIGNMENTS,
    code_version=CODE_VERSION,
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "champion": dg.AssetIn(CHAMPION),
        "customers": read(customer_tables.CUSTOMERS),
    },
)
def assignments(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    champion: dict[str, Any],
    customers: ibis.Table,
) -> list[ibis.Table]:
    model = Champion.from_json(champion)
    dates = as_of_dates(customer_features, months_of(context))
    parts = []
    for month in months_of(context):
        assigned = model.assign(of_month(customer_features, month))
        parts.append(with_the_rest(assigned, customers, dates[month], month, model))
    return parts
