"""The assets of this room: what segments bought by category, month by month, and what they will buy."""

import datetime as dt
from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.forecasts.demand import outlook as forecast
from hm_assets.forecasts.demand import scores as judged
from hm_assets.forecasts.demand import shown, tables
from hm_assets.forecasts.demand.back_test import MOST_ORIGINS
from hm_assets.forecasts.demand.history import history, last_whole_month
from hm_assets.profiles.fairness.privacy import segments_withheld
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import as_of_dates, of_month, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
READ_HISTORY = {
    "demand_history": read(tables.DEMAND_HISTORY, this_and_earlier()),
    "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
}


@table_asset(
    tables.DEMAND_HISTORY,
    code_version=CODE_VERSION,
    ins={
        "customer_attributes": read(feature_tables.CUSTOMER_ATTRIBUTES),
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier(1)),
    },
)
def demand_history(
    context: dg.AssetExecutionContext, customer_attributes: ibis.Table, assignments: ibis.Table
) -> list[ibis.Table]:
    return [history(customer_attributes, assignments, month) for month in months_of(context)]


@table_asset(
    tables.DEMAND,
    code_version=CODE_VERSION,
    ins=READ_HISTORY | {"assignments": read(segment_tables.ASSIGNMENTS)},
)
def demand(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    demand_history: ibis.Table,
    customer_days: ibis.Table,
    assignments: ibis.Table,
) -> dg.MaterializeResult:
    rows, picture = [], shown.NOTHING
    for month, as_of in as_of_dates(customer_days, months_of(context)).items():
        said = _said(demand_history, customer_days, month, warehouse.depth)
        found = [] if said is None else list(forecast.rows_of(said))
        rows += [{**row, "as_of": as_of, "month": month} for row in found]
        sized = of_month(assignments, month).group_by("segment_id").agg(customers=ibis._.count())
        sizes = {row["segment_id"]: row["customers"] for row in sized.to_pyarrow().to_pylist()}
        picture = shown.forecasts(found, {str(i) for i in segments_withheld(sizes)})
    return dg.MaterializeResult(
        value=tables.DEMAND.in_memory(rows), metadata={"demand": dg.MetadataValue.md(picture)}
    )


@table_asset(tables.DEMAND_SCORES, code_version=CODE_VERSION, ins=READ_HISTORY)
def demand_scores(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    demand_history: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    rows: list[dict[str, Any]] = []
    picture = shown.NOTHING
    for month, as_of in as_of_dates(customer_days, months_of(context)).items():
        said = _said(demand_history, customer_days, month, warehouse.depth)
        found = (
            []
            if said is None
            else list(judged.scores(said.cube, said.found, said.skipped, warehouse.settings.seed))
        )
        rows += [{**row, "as_of": as_of, "month": month} for row in found]
        picture = shown.scores(found)
    return dg.MaterializeResult(
        value=tables.DEMAND_SCORES.in_memory(rows),
        metadata={"scores": dg.MetadataValue.md(picture), "depth": warehouse.depth},
    )


def _said(
    demand_history: ibis.Table, customer_days: ibis.Table, month: dt.date, depth: str
) -> forecast.Outlook | None:
    # Whatever else a run makes, a month reads nothing later than itself.
    rows = of_months(demand_history, None, month).order_by("month", "segment_id", "category")
    whole = last_whole_month(customer_days, month)
    return forecast.outlook(rows.to_pyarrow().to_pylist(), whole, month, MOST_ORIGINS[depth])
