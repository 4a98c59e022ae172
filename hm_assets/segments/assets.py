"""The assets of this stage: the lab's tables, the champion among the candidates, and what it says of every customer."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg
import ibis
import pyarrow as pa
from pydantic import Field

from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.features.snapshot import latest_with_lines
from hm_assets.segments import back_test, canonical, lab, tables
from hm_assets.segments.champion import Champion, crowned, with_the_rest
from hm_assets.segments.inputs import customers_as_of, spend_after
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.assets import artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import as_of_dates
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "3"
CHAMPION = dg.AssetKey(["segments", "champion"])
PEOPLE = {
    "customer_features": read(feature_tables.CUSTOMER_FEATURES),
    "customer_tastes": read(feature_tables.CUSTOMER_TASTES),
}


class LabConfig(dg.Config):
    """Which clusterings are tried. A changed setting refits; a new month alone never does."""

    algorithms: list[str] = Field(
        [], description="Names of the catalogue, e.g. kmeans, gaussian_mixture; empty: all of them"
    )
    seed: int | None = Field(None, description="Seed of samples and starts; empty: HM_SEED")
    refit: bool = Field(False, description="Fit anew on the latest month even where nothing changed")


class ChampionConfig(dg.Config):
    """Who decides which candidate places the customers."""

    override: str | None = Field(
        None,
        description="A person's choice, e.g. `kmeans 5` or `kmeans 5 rfm`; it is printed wherever segments are shown. "
        "`lab` gives the choice back to the lab; empty keeps what was decided before",
    )


@table_asset(
    tables.LATER_VALUES,
    code_version=CODE_VERSION,
    ins={**PEOPLE, "customer_days": read(feature_tables.CUSTOMER_DAYS)},
)
def later_values(
    context: dg.AssetExecutionContext,
    config: LabConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    depth, seed, algorithms, recipe = _settings(warehouse, config)
    kept = None if config.refit else delta.fitted_with(warehouse.path, tables.LATER_VALUES, recipe)
    if kept is not None:
        return _kept(context, kept)
    load, spent = _reader(customer_features, customer_tastes), _spender(customer_days)
    dates = as_of_dates(customer_features, _months(customer_features))
    last_day = max(dates.values()) if dates else dt.date.min
    rows = [
        row
        for month in back_test.cut_offs(dates, last_day, depth)
        for row in back_test.values(load, spent, month, algorithms, depth, seed)
    ]
    return dg.MaterializeResult(
        value=tables.LATER_VALUES.in_memory([{**row, "recipe": recipe} for row in rows]),
        metadata={"fit": FITTED, "cut_offs": sorted({row["as_of"].isoformat() for row in rows})},
    )


@table_asset(
    tables.CANDIDATES,
    code_version=CODE_VERSION,
    ins={
        **PEOPLE,
        "customer_days": read(feature_tables.CUSTOMER_DAYS),
        "later_values": read(tables.LATER_VALUES),
    },
)
def candidates(
    context: dg.AssetExecutionContext,
    config: LabConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
    later_values: ibis.Table,
) -> dg.MaterializeResult:
    depth, seed, algorithms, recipe = _settings(warehouse, config)
    kept = None if config.refit else delta.fitted_with(warehouse.path, tables.CANDIDATES, recipe)
    if kept is not None:
        return _kept(context, kept)
    month = last_month_with_lines(customer_features)
    if month is None:
        raise HmAssetsError("no customer has a purchase: there is nobody to segment; look at raw/deliveries")
    found = lab.run(
        _reader(customer_features, customer_tastes),
        _spender(customer_days),
        month,
        algorithms,
        later_values.to_pyarrow().to_pylist(),
        depth,
        seed,
        context.log.info,
    )
    return dg.MaterializeResult(
        value=tables.CANDIDATES.in_memory([{**row, "depth": depth, "recipe": recipe} for row in found.rows]),
        metadata={"fit": FITTED, "structure": found.structure, **shown.of_candidates(found)},
    )


@artifact_asset(
    "segments",
    "champion",
    code_version=CODE_VERSION,
    description="The model that assigns every customer: a space, a model, canonical segment ids and why it was chosen, as JSON.",
    kinds={"scikitlearn", "json"},
    ins={**PEOPLE, "candidates": read(tables.CANDIDATES)},
)
def champion(
    config: ChampionConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    candidates: ibis.Table,
) -> dg.MaterializeResult:
    path = warehouse.path.joinpath(*CHAMPION.path).with_suffix(".json")
    written = artifacts.read_json(path) if path.exists() else {}
    # What was written before there were several kinds of models names no segment of this one.
    previous = Champion.from_json(written) if "model" in written else None
    override = config.override
    if override is None and previous is not None:
        override = previous.decision["override"]
    decided = election.decide(
        candidates.to_pyarrow().to_pylist(), None if override == BACK_TO_THE_LAB else override
    )
    month = decided.trained_as_of.replace(day=1)

    def people(space: Space) -> ibis.Table:
        return customers_as_of(customer_features, customer_tastes, month, {*space.columns, *RANKED_BY})

    chosen = crowned(decided, people(decided.space), previous, previous and people(previous.space))
    ...
