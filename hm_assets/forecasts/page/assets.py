"""The asset of this room: the page "What customers will do", one for each month."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.forecasts import tables as forecast_tables
from hm_assets.forecasts.by_segment import tables as segment_tables
from hm_assets.forecasts.decisions import tables as decision_tables
from hm_assets.forecasts.demand import tables as demand_tables
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.page import reading
from hm_assets.forecasts.page.month import Outlook, Row, Rows
from hm_assets.forecasts.timing import tables as timing_tables
from hm_assets.forecasts.value import tables as value_tables
from hm_assets.forecasts.why import tables as why_tables
from hm_assets.forecasts.why.drivers import people
from hm_assets.forecasts.why.shapley import Explained, UnexplainedError, explain
from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.fairness.privacy import K, segments_withheld
from hm_assets.profiles.page.month import Month
from hm_assets.profiles.page.reading import history
from hm_assets.profiles.passport.gate import label_of
from hm_assets.segments import tables as assignment_tables
from hm_assets.warehouse import identity
from hm_assets.warehouse.assets import OWNERS, read
from hm_assets.warehouse.calendar import of_month, of_months
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.io_manager import latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS, months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

# A field of `Outlook` -> the table whose rows of the month it holds.
ROWS = {
    "segments": segment_tables.SEGMENTS,
    "segment_scores": segment_tables.SEGMENT_SCORES,
    "warning_scores": segment_tables.EARLY_WARNING_SCORES,
    "timing": timing_tables.TIMING_SCOREBOARD,
    "rules": timing_tables.CHURN_RULES,
    "value_scores": value_tables.VALUE_SCOREBOARD,
    "scoreboard": forecast_tables.SCOREBOARD,
    "importance": why_tables.IMPORTANCE,
    "reasons": why_tables.SEGMENT_REASONS,
    "thresholds": decision_tables.THRESHOLDS,
    "profit": decision_tables.PROFIT,
    "budgets": decision_tables.BUDGETS,
    "demand": demand_tables.DEMAND,
    "demand_scores": demand_tables.DEMAND_SCORES,
}
# Of these the month's rows are too many to be read: sums of them are.
PEOPLE = (
    feature_tables.CUSTOMER_FEATURES,
    feature_tables.CUSTOMER_DAYS,
    assignment_tables.ASSIGNMENTS,
    forecast_tables.CUSTOMERS,
    segment_tables.EARLY_WARNING,
)
NAMED = profile_tables.SEGMENT_PROFILES
ORDER_MODEL = dg.AssetKey(["forecasts", "order_model"])
# SHAP of so many shows what that of all would; keys are hashes, so those with the smallest are a random sample.
MOST_EXPLAINED = 20_000


@dg.asset(
    key=["forecasts", "page"],
    group_name="forecasts",
    description="One HTML page per month that shows what customers will do, what is worth doing about it and how far "
    "to trust it, in the reports folder. No customer key is on it.",
    kinds={"html", "plotly"},
    owners=[*OWNERS, "team:marketing"],
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    code_version="1",
    ins={
        **{table.name: read(table) for table in (*ROWS.values(), NAMED)},
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
        "assignments": read(assignment_tables.ASSIGNMENTS, this_and_earlier()),
        "customers": read(forecast_tables.CUSTOMERS),
        "early_warning": read(segment_tables.EARLY_WARNING),
        "order_model": dg.AssetIn(ORDER_MODEL),
        "passports": dg.AssetIn(dg.AssetKey(["profiles", "passports"])),
    },
)
def page(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    order_model: dict[str, Any],
    passports: dict[str, Any],
    **inputs: ibis.Table,
) -> dg.MaterializeResult:
    from hm_assets.forecasts.page import report

    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(f"{warehouse.path} is not set up yet; run `hm run` once")
    model = OrderModel.from_json(order_model)
    digest, written, findings = hashlib.sha256(), [], []
    for month in months_of(context):
        found = outlook(inputs, model, month)
        if found is None:
            continue
        document = report.write_report(
            found,
            reports=warehouse.settings.reports_dir,
            versions=_versions(context, month),
            source=known.source,
            banner=label_of(passports[month.isoformat()]),
        )
        digest.update(document.read_bytes())
        written.append(document)
        findings.append(f"{month:%Y-%m}: {'. '.join(s.title for s in report.sections(found))}.")
    portal = warehouse.settings.portal_url
    listed = "\n".join(f"- [{p.parent.name}]({portal}/reports/{p.parent.name}/{p.name})" for p in written)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(digest.hexdigest()[:16]),
        metadata={
            "documents": len(written),
            "page": dg.MetadataValue.md(listed),
            "findings": "\n".join(findings),
        },
    )


def outlook(inputs: Mapping[str, ibis.Table], model: OrderModel, month: dt.date) -> Outlook | None:
    """What the page of a month shows, of tables by their names; None where nobody has bought."""
    profiles = of_month(inputs[NAMED.name], month).to_pyarrow().to_pylist()
    if not profiles:
        return None
    sizes = {row["segment_id"]: int(row["value"]) for row in profiles if row["fact"] == "customers"}
    if sum(size for segment, size in sizes.items() if segment != assignment_tables.NO_PURCHASE) < K:
        return Outlook(Month(profiles=profiles))
    hidden = segments_withheld(sizes)
    rows: dict[str, Rows] = {
        field: _of_many(of_month(inputs[table.name], month).to_pyarrow().to_pylist(), hidden)
        for field, table in ROWS.items()
    }
    assignments, features = inputs["assignments"], of_month(inputs["customer_features"], month)
    placed = of_month(assignments, month)
    names = Month(profiles=profiles, history=history(assignments, month).to_pyarrow().to_pylist())
    return Outlook(
        names,
        **rows,
        periods=reading.periods(of_months(inputs["customer_days"], None, month), names.as_of),
        windows=reading.windows(of_month(inputs["customers"], month), placed, hidden),
        warned=reading.warned(of_month(inputs["early_warning"], month)),
        explained=_explained(model, features, month),
        hidden=len(hidden),
    )


def _of_many(rows: Iterable[Row], hidden: set[int]) -> Rows:
    """Without the segments that are withheld."""
    few = {str(i) for i in hidden}
    return [row for row in rows if row.get("segment") not in few]


def _explained(model: OrderModel, features: ibis.Table, month: dt.date) -> Explained | None:
    some = features.order_by("customer_key").limit(MOST_EXPLAINED)
    try:
        return explain(model.model, people(model, some, month), month)
    except UnexplainedError:
        return None


def _versions(context: dg.AssetExecutionContext, month: dt.date) -> dict[str, str]:
    read_of: dict[str, str | None] = {
        table.path: month.isoformat() for table in (*ROWS.values(), NAMED, *PEOPLE)
    }
    read_of["/".join(ORDER_MODEL.path)] = None
    return {
        path: version_of(latest_record(context.instance, dg.AssetKey(path.split("/")), partition))
        or "unknown"
        for path, partition in read_of.items()
    }
