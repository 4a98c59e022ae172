"""The assets of this room: what to do about each segment, as tables. `playbooks/playbooks` publishes them as files.

What a plan rests on besides the profiles is read where it has been made: short files have no forecasts, and a plan
without them says so.
"""

import datetime as dt
from typing import Any

import dagster as dg
import ibis

from hm_assets.articles import tables as article_tables
from hm_assets.explore import tables as explore_tables
from hm_assets.features import tables as feature_tables
from hm_assets.forecasts.by_segment import tables as outlook_tables
from hm_assets.playbooks import stored
from hm_assets.playbooks.experiments import tables as campaign_tables
from hm_assets.playbooks.facts import read_profiles
from hm_assets.playbooks.strategy import assumptions as assumed
from hm_assets.playbooks.strategy import calendar as planning
from hm_assets.playbooks.strategy import journey as journeys
from hm_assets.playbooks.strategy import lines, matrix, shown, tables
from hm_assets.playbooks.strategy.rules import digest_of, rules_of
from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.movement import tables as movement_tables
from hm_assets.recommendations.complements import tables as complement_tables
from hm_assets.recommendations.launch import tables as launch_tables
from hm_assets.recommendations.lists_for import tables as list_tables
from hm_assets.segments import tables as segment_tables
from hm_assets.settings import Settings
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import add_months, of_month
from hm_assets.warehouse.partitions import months_of
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

# Read when the code location loads, as the calendar is: other rules make other plans, so what they made is out of date.
BY_RULES = f"3-{digest_of(Settings().rules)}"
CODE_VERSION = "1"
PROFILES = {"segment_profiles": read(profile_tables.SEGMENT_PROFILES)}
MATRIX = {"decision_matrix": read(tables.DECISION_MATRIX)}
# Read where made, not inputs: a plan is whole without them.
RECOMMENDED = (
    list_tables.SEGMENTS,
    complement_tables.CROSS_SELL,
    launch_tables.LAUNCHES,
)
MOVED = (movement_tables.TRANSITIONS, movement_tables.CUSTOMER_MOVEMENT)
SEASONS = (explore_tables.SEASONALITY, explore_tables.CALENDAR)
FORECAST = outlook_tables.SEGMENTS
MEASURED = (campaign_tables.CAMPAIGN_EFFECTS, campaign_tables.CAMPAIGN_RESULTS)


def _keys(*made: Table) -> list[dg.AssetKey]:
    return [dg.AssetKey([table.stage, table.name]) for table in made]


@table_asset(
    tables.JOURNEY,
    code_version=CODE_VERSION,
    ins={
        **PROFILES,
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "assignments": read(segment_tables.ASSIGNMENTS),
    },
    deps=_keys(*MOVED),
)
def journey(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    segment_profiles: ibis.Table,
    customer_features: ibis.Table,
    assignments: ibis.Table,
) -> dg.MaterializeResult:
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        profile_rows = _profiles(segment_profiles, month)
        if not profile_rows:
            continue
        now = read_profiles(profile_rows)
        names = {profile.segment_id: profile.name for profile in now}
        earlier = stored.rows_of(warehouse.path, profile_tables.SEGMENT_PROFILES, add_months(month, -1))
        before = read_profiles(_sayable(earlier))
        counted = journeys.counts(of_month(customer_features, month), of_month(assignments, month))
        moving = stored.columns_of(warehouse.path, MOVED[1], month, journeys.READ)
        found = [
            *journeys.steps(counted),
            *(journeys.soon(ibis.memtable(moving)) if moving is not None else []),
            *journeys.flows(stored.rows_of(warehouse.path, MOVED[0], month), names),
            *journeys.changes(now, before),
        ]
        rows += journeys.whole(found, names, profile_rows[0]["as_of"], month)
    return dg.MaterializeResult(value=tables.JOURNEY.in_memory(rows))


@table_asset(
    tables.DECISION_MATRIX,
    code_version=BY_RULES,
    ins=PROFILES,
    deps=_keys(FORECAST, *RECOMMENDED, article_tables.ARTICLES),
)
def decision_matrix(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse], segment_profiles: ibis.Table
) -> dg.MaterializeResult:
    rules = rules_of(warehouse.settings.rules)
    rows: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month in months_of(context):
        profile_rows = _profiles(segment_profiles, month)
        found = matrix.rows(_month(warehouse, profile_rows, month), rules)
        rows += [{**row, "as_of": profile_rows[0]["as_of"], "month": month} for row in found]
        picture = shown.matrix(found)
    return dg.MaterializeResult(
        value=tables.DECISION_MATRIX.in_memory(rows),
        metadata={"decision_matrix": dg.MetadataValue.md(picture), "rules": _rules_file(warehouse)},
    )


@table_asset(
    tables.ASSUMPTIONS, code_version=BY_RULES, ins={**PROFILES, **MATRIX}, deps=_keys(FORECAST, *MEASURED)
)
def assumptions(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    segment_profiles: ibis.Table,
    decision_matrix: ibis.Table,
) -> dg.MaterializeResult:
    settings = warehouse.settings
    rules = rules_of(settings.rules)
    campaign = assumed.Campaign(
        settings.campaign_contact,
        settings.campaign_margin,
        settings.campaign_alpha,
        settings.campaign_beta,
    )
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        profile_rows = _profiles(segment_profiles, month)
        plans = of_month(decision_matrix, month).to_pyarrow().to_pylist()
        days = {row["segment_id"]: (row["days_between"], row["most_contacts"]) for row in plans}
        effects, results = (stored.rows_of(warehouse.path, table, month) for table in MEASURED)
        known = assumed.measured(effects, results, profile_rows[0]["as_of"]) if profile_rows else {}
        found = assumed.rows(_month(warehouse, profile_rows, month), rules, days, campaign, known)
        rows += [{**row, "as_of": profile_rows[0]["as_of"], "month": month} for row in found]
    return dg.MaterializeResult(
        value=tables.ASSUMPTIONS.in_memory(rows), metadata={"rules": _rules_file(warehouse)}
    )


@table_asset(tables.CALENDAR, code_version=BY_RULES, ins=MATRIX, deps=_keys(FORECAST, *SEASONS))
def calendar(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse], decision_matrix: ibis.Table
) -> dg.MaterializeResult:
    rules = rules_of(warehouse.settings.rules)
    rows: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month in months_of(context):
        plans = of_month(decision_matrix, month).to_pyarrow().to_pylist()
        if not plans:
            continue
        as_of = plans[0]["as_of"]
        seasons, days = (stored.rows_of(warehouse.path, table, month) for table in SEASONS)
        outlook = stored.rows_of(warehouse.path, FORECAST, month)
        found = planning.rows(
            plans,
            planning.next_orders(plans, outlook, rules),
            planning.times(seasons, days, as_of, rules.limits.calendar_weeks),
            rules,
            as_of,
        )
        rows += [{**row, "month": month} for row in found]
        picture = shown.calendar(found)
    return dg.MaterializeResult(
        value=tables.CALENDAR.in_memory(rows),
        metadata={"calendar": dg.MetadataValue.md(picture), "rules": _rules_file(warehouse)},
    )


@table_asset(
    tables.STRATEGY,
    code_version=BY_RULES,
    ins={
        **PROFILES,
        **MATRIX,
        "segment_words": read(profile_tables.SEGMENT_WORDS),
        "journey": read(tables.JOURNEY),
        "assumptions": read(tables.ASSUMPTIONS),
    },
    deps=_keys(FORECAST, *RECOMMENDED, article_tables.ARTICLES),
)
def strategy(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    segment_profiles: ibis.Table,
    segment_words: ibis.Table,
    **made: ibis.Table,
) -> dg.MaterializeResult:
    rules = rules_of(warehouse.settings.rules)
    rows: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month in months_of(context):
        every = of_month(segment_profiles, month).to_pyarrow().to_pylist()
        profile_rows = _sayable(every)
        if not profile_rows:
            continue
        words = of_month(segment_words, month).to_pyarrow().to_pylist()
        found = list(
            lines.rows(
                _month(warehouse, profile_rows, month),
                profile_rows,
                privacy.sayable(words, privacy.withheld(every)),
                {name: of_month(table, month).to_pyarrow().to_pylist() for name, table in made.items()},
                rules,
                profile_rows[0]["as_of"],
            )
        )
        rows += [{**row, "month": month} for row in found]
        picture = shown.strategies(found)
    return dg.MaterializeResult(
        value=tables.STRATEGY.in_memory(rows),
        metadata={"strategies": dg.MetadataValue.md(picture), "rules": _rules_file(warehouse)},
    )


def _profiles(segment_profiles: ibis.Table, month: dt.date) -> list[dict[str, Any]]:
    return _sayable(of_month(segment_profiles, month).to_pyarrow().to_pylist())


def _sayable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return privacy.without(rows, privacy.withheld(rows))


def _month(warehouse: Warehouse, profile_rows: list[dict[str, Any]], month: dt.date) -> matrix.Month:
    """What a month's strategies are made of, with the names of the articles that are not on sale yet."""
    outlook = stored.rows_of(warehouse.path, FORECAST, month)
    lists, cross_sell, launches = (stored.rows_of(warehouse.path, table, month) for table in RECOMMENDED)
    columns = ["article_key", "article_id", "prod_name"]
    keys = {row["article_key"] for row in launches}
    named = {
        row["article_key"]: row
        for row in stored.some_rows(warehouse.path, article_tables.ARTICLES, "article_key", keys, columns)
    }
    launches = [
        {
            **row,
            "article_id": named[row["article_key"]]["article_id"],
            "name": named[row["article_key"]]["prod_name"] or "without a name",
        }
        for row in launches
        if row["article_key"] in named
    ]
    return matrix.Month(read_profiles(profile_rows), outlook, lists, cross_sell, launches)


def _rules_file(warehouse: Warehouse) -> str:
    path = warehouse.settings.rules
    return "as shipped" if path is None else str(path)
