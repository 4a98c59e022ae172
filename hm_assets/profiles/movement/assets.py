"""The assets of this room: movement of the month, its flows, stability over the months, and sizes to come.

A month reads nothing later than itself. Its chain needs the month before; where that is not in the data, the chain and
its flows are empty.
"""

import datetime as dt

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.profiles.movement import back_test, forecast, past, refits, shown, stability, tables
from hm_assets.profiles.movement.chain import chain, refuse_another_model
from hm_assets.profiles.movement.customer_movement import customer_movement, unchained
from hm_assets.profiles.movement.outlook import held
from hm_assets.profiles.movement.prices import PriceIndex, price_index
from hm_assets.profiles.movement.transitions import causes, spend_parts, transitions
from hm_assets.segments import tables as segment_tables
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets.segments.reading import reader, spender
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import add_months, as_of_dates, of_month, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
CHAMPION = dg.AssetIn(dg.AssetKey(["segments", "champion"]))
# 365 days before the end of the month before: they may begin in the thirteenth month before this one.
PRICES = read(feature_tables.ARTICLE_DAYS, this_and_earlier(13))
ALL_ASSIGNMENTS = read(segment_tables.ASSIGNMENTS, this_and_earlier())


@table_asset(
    tables.CUSTOMER_MOVEMENT,
    code_version=CODE_VERSION,
    ins={
        "assignments": ALL_ASSIGNMENTS,
        "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier(1)),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier(12)),
        "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
        "article_days": PRICES,
        "champion": CHAMPION,
    },
)
def movement_of_customers(
    context: dg.AssetExecutionContext,
    assignments: ibis.Table,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
    article_days: ibis.Table,
    champion: dict[str, object],
) -> dg.MaterializeResult:
    model = Champion.from_json(champion)
    first = past.months_of_assignments(assignments, max(months_of(context)))[0]
    parts = []
    for month in months_of(context):
        refuse_another_model(assignments, model, month)
        days, tastes = of_months(customer_days, None, month), of_months(customer_tastes, None, month)
        if month == first:
            chained = unchained(assignments, customer_features, month)
        else:
            dates = as_of_dates(customer_days, [add_months(month, -1), month])
            index = price_index(article_days, *dates.values())
            chained = chain(assignments, customer_features, tastes, days, model, dates, month, index)
        changes = past.last_changes(assignments, month, first)
        parts.append(
            customer_movement(chained, changes, assignments, customer_features, tastes, model, month)
        )
    return dg.MaterializeResult(
        value=parts,
        metadata={
            "held_in_the_outlook": ", ".join(held(model.space)) or "nothing",
            "champion": model.version,
        },
    )


@table_asset(
    tables.TRANSITIONS,
    code_version=CODE_VERSION,
    ins={"customer_movement": read(tables.CUSTOMER_MOVEMENT), "article_days": PRICES},
)
def transitions_of_the_month(
    context: dg.AssetExecutionContext, customer_movement: ibis.Table, article_days: ibis.Table
) -> dg.MaterializeResult:
    rows = []
    for month in months_of(context):
        mine = of_month(customer_movement, month)
        dates = as_of_dates(article_days, [add_months(month, -1), month])
        index: PriceIndex = price_index(article_days, *dates.values())
        latest = transitions(mine, index, month)
        rows += latest
    moves = causes(mine)
    return dg.MaterializeResult(
        value=tables.TRANSITIONS.in_memory(rows),
        metadata={
            "finding": moves.headline,
            "moved_by": {step: count for step, count in moves.causes.items()},
            "spend_change_by": spend_parts(latest),
            "flow": dg.MetadataValue.md(shown.sankey(latest, moves)),
            "matrix": dg.MetadataValue.md(shown.matrix(latest)),
        },
    )


@table_asset(
    tables.SEGMENT_STABILITY,
    code_version=CODE_VERSION,
    ins={
        "assignments": ALL_ASSIGNMENTS,
        "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier()),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier()),
        "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
        "champion": CHAMPION,
    },
)
def stability_of_segments(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    assignments: ibis.Table,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
    champion: dict[str, object],
) -> dg.MaterializeResult:
    model, effort = Champion.from_json(champion), EFFORTS[warehouse.depth]
    rows = []
    for month in months_of(context):
        months = past.months_of_assignments(assignments, month)
        refuse_another_model(assignments, model, month)
        own = past.months_of_model(assignments, months, model.version)
        found = stability.frozen(*past.crossings(assignments, own), own)
        # What a customer spent later is known up to this month, and no further.
        load, spent = (
            reader(customer_features, customer_tastes),
            spender(of_months(customer_days, None, month)),
        )
        again = refits.past_months(month, months, effort.depth)
        for refit in refits.refits(model, load, spent, again, effort, model.seed):
            found += stability.refitted(refit)
        dates = {"as_of": _day(assignments, month), "month": month}
        rows += [{**row, **dates} for row in found]
    return dg.MaterializeResult(
        value=tables.SEGMENT_STABILITY.in_memory(rows),
        metadata={"finding": stability.headline(found), "depth": effort.depth},
    )


@table_asset(
    tables.SIZE_FORECAST,
    code_version="2",
    ins={"assignments": ALL_ASSIGNMENTS, "champion": CHAMPION},
)
def forecast_of_sizes(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    assignments: ibis.Table,
    champion: dict[str, object],
) -> dg.MaterializeResult:
    model = Champion.from_json(champion)
    rows, picture, finding = [], shown.NOTHING, shown.NOTHING
    for month in months_of(context):
        refuse_another_model(assignments, model, month)
        months = past.months_of_assignments(assignments, month)
        # What another model called by the same number was another group of customers.
        months = past.months_of_model(assignments, months, model.version)
        ids, pairs = past.crossings(assignments, months)
        segments = [i for i in ids if i != NO_PURCHASE]
        known = forecast.Known.of(pairs, past.sizes_of(assignments, months[0], segments))
        latest, scores = back_test.forecasts(known, warehouse.settings.seed)
        dates = {"as_of": _day(assignments, month), "month": month}
        for row in back_test.rows_of(segments, known, latest, scores):
            rows.append({**row, **dates, "forecast_month": add_months(month, row["months_ahead"])})
        ahead = sorted({step for _, step in latest})
        picture = shown.sizes(segments, [f"{m:%Y-%m}" for m in months], known, latest, scores, ahead)
        finding = back_test.words(scores, 1)
    return dg.MaterializeResult(
        value=tables.SIZE_FORECAST.in_memory(rows),
        metadata={"finding": finding, "sizes": dg.MetadataValue.md(picture)},
    )


def _day(assignments: ibis.Table, month: dt.date) -> dt.date:
    day: dt.date = of_month(assignments, month).as_of.max().to_pyarrow().as_py()
    return day
