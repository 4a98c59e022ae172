"""The code location: every asset, check, sensor and resource, assembled. What each of them is stands in its stage."""

import gc
from collections.abc import Mapping
from typing import Any

import dagster as dg

# What is imported stays. To look for garbage among it, over and over as it grows, takes a quarter of the loading time.
gc.disable()

from hm_assets import automation
from hm_assets.articles import assets as articles
from hm_assets.articles import tables as articles_tables
from hm_assets.customers import assets as customers
from hm_assets.customers import checks as customers_checks
from hm_assets.customers import tables as customers_tables
from hm_assets.explore import assets as explore
from hm_assets.explore import tables as explore_tables
from hm_assets.features import assets as features
from hm_assets.features import checks as features_checks
from hm_assets.features import tables as features_tables
from hm_assets.forecasts import assets as forecasts
from hm_assets.forecasts import checks as forecasts_checks
from hm_assets.forecasts import tables as forecasts_tables
from hm_assets.forecasts.by_segment import assets as by_segment
from hm_assets.forecasts.by_segment import checks as by_segment_checks
from hm_assets.forecasts.by_segment import tables as by_segment_tables
from hm_assets.forecasts.decisions import assets as decisions
from hm_assets.forecasts.decisions import checks as decisions_checks
from hm_assets.forecasts.decisions import tables as decisions_tables
from hm_assets.forecasts.demand import assets as demand
from hm_assets.forecasts.demand import checks as demand_checks
from hm_assets.forecasts.demand import tables as demand_tables
from hm_assets.forecasts.page import assets as forecasts_page
from hm_assets.forecasts.timing import assets as timing
from hm_assets.forecasts.timing import checks as timing_checks
from hm_assets.forecasts.timing import tables as timing_tables
from hm_assets.forecasts.value import assets as value
from hm_assets.forecasts.value import tables as value_tables
from hm_assets.forecasts.why import assets as why
from hm_assets.forecasts.why import checks as why_checks
from hm_assets.forecasts.why import tables as why_tables
from hm_assets.monitoring import assets as monitoring
from hm_assets.monitoring import sensors as monitoring_sensors
from hm_assets.monitoring import tables as monitoring_tables
from hm_assets.monitoring.housekeeping import sensors as housekeeping
from hm_assets.monitoring.triggers import assets as triggers
from hm_assets.monitoring.triggers import sensors as triggers_sensors
from hm_assets.monitoring.triggers import tables as triggers_tables
from hm_assets.playbooks import assets as playbooks
from hm_assets.playbooks.dashboard import assets as dashboard
from hm_assets.playbooks.experiments import assets as experiments
from hm_assets.playbooks.experiments import checks as experiments_checks
from hm_assets.playbooks.experiments import tables as experiments_tables
from hm_assets.playbooks.files import assets as files
from hm_assets.playbooks.files import checks as files_checks
from hm_assets.playbooks.metrics import assets as metrics
from hm_assets.playbooks.metrics import tables as metrics_tables
from hm_assets.playbooks.strategy import assets as strategy
from hm_assets.playbooks.strategy import checks as strategy_checks
from hm_assets.playbooks.strategy import tables as strategy_tables
from hm_assets.profiles import assets as profiles
from hm_assets.profiles import tables as profiles_tables
from hm_assets.profiles.fairness import assets as fairness
from hm_assets.profiles.fairness import tables as fairness_tables
from hm_assets.profiles.movement import assets as movement
from hm_assets.profiles.movement import checks as movement_checks
from hm_assets.profiles.movement import tables as movement_tables
from hm_assets.profiles.page import assets as page
from hm_assets.profiles.passport import assets as passport
from hm_assets.profiles.passport import checks as passport_checks
from hm_assets.profiles.passport import tables as passport_tables
from hm_assets.profiles.validity import assets as validity
from hm_assets.profiles.validity import tables as validity_tables
from hm_assets.raw import assets as raw
from hm_assets.raw import checks as raw_checks
from hm_assets.raw import sensors as raw_sensors
from hm_assets.raw import tables as raw_tables
from hm_assets.recommendations import assets as recommendations
from hm_assets.recommendations import checks as recommendations_checks
from hm_assets.recommendations import tables as recommendations_tables
from hm_assets.recommendations.complements import assets as complements
from hm_assets.recommendations.complements import checks as complements_checks
from hm_assets.recommendations.complements import tables as complements_tables
from hm_assets.recommendations.launch import assets as launch
from hm_assets.recommendations.launch import tables as launch_tables
from hm_assets.recommendations.lists_for import assets as lists_for
from hm_assets.recommendations.lists_for import checks as lists_for_checks
from hm_assets.recommendations.lists_for import tables as lists_for_tables
from hm_assets.recommendations.lookalikes import assets as lookalikes
from hm_assets.recommendations.lookalikes import tables as lookalikes_tables
from hm_assets.recommendations.ranker import assets as ranker
from hm_assets.segments import assets as segments
from hm_assets.segments import checks as segments_checks
from hm_assets.segments import tables as segments_tables
from hm_assets.settings import Settings
from hm_assets.sources import assets as sources
from hm_assets.warehouse.checks import key_checks
from hm_assets.warehouse.io_manager import DeltaIOManager, JsonIOManager
from hm_assets.warehouse.resources import Warehouse

STAGES = (
    raw,
    customers,
    articles,
    features,
    explore,
    segments,
    profiles,
    validity,
    movement,
    fairness,
    passport,
    page,
    forecasts,
    by_segment,
    demand,
    timing,
    why,
    decisions,
    value,
    forecasts_page,
    ranker,
    recommendations,
    lists_for,
    complements,
    lookalikes,
    launch,
    strategy,
    metrics,
    playbooks,
    files,
    dashboard,
    experiments,
    monitoring,
    triggers,
)
REGISTRIES = (
    raw_tables,
    customers_tables,
    articles_tables,
    features_tables,
    explore_tables,
    segments_tables,
    profiles_tables,
    validity_tables,
    movement_tables,
    fairness_tables,
    passport_tables,
    forecasts_tables,
    by_segment_tables,
    demand_tables,
    timing_tables,
    why_tables,
    decisions_tables,
    value_tables,
    recommendations_tables,
    lists_for_tables,
    complements_tables,
    lookalikes_tables,
    launch_tables,
    strategy_tables,
    experiments_tables,
    metrics_tables,
    monitoring_tables,
    triggers_tables,
)
TABLES = {table.path: table for registry in REGISTRIES for table in registry.TABLES}
CHECKS = (
    raw_checks,
    customers_checks,
    features_checks,
    segments_checks,
    movement_checks,
    passport_checks,
    forecasts_checks,
    by_segment_checks,
    demand_checks,
    timing_checks,
    why_checks,
    decisions_checks,
    recommendations_checks,
    lists_for_checks,
    complements_checks,
    strategy_checks,
    experiments_checks,
    files_checks,
)


def build_defs(
    settings: Settings | None = None, resources: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """The definitions for some settings; a test swaps a resource in one line."""
    warehouse = Warehouse(settings)
    return dg.Definitions(
        assets=[*sources.SPECS, *automation.with_policy(dg.load_assets_from_modules(STAGES))],
        asset_checks=[*dg.load_asset_checks_from_modules(CHECKS), *key_checks(TABLES.values())],
        sensors=[
            raw_sensors.landing,
            automation.SENSOR,
            *monitoring_sensors.SENSORS,
            triggers_sensors.unsent_triggers,
        ],
        jobs=[automation.OUT_OF_DATE],
        schedules=[*automation.schedules(warehouse.path, TABLES), housekeeping.schedule(TABLES)],
        executor=automation.executor(warehouse.depth, warehouse.settings.engine),
        resources={
            "warehouse": warehouse,
            "delta": DeltaIOManager(warehouse, TABLES),
            "json": JsonIOManager(warehouse),
            **(resources or {}),
        },
    )


defs = build_defs()

gc.enable()
gc.freeze()
