"""The asset of this room: the dashboard, one page for each month.

It publishes, so a month whose gate is closed is refused, as in `playbooks/assets.py`.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.forecasts import tables as forecast_tables
from hm_assets.forecasts.by_segment import tables as segment_tables
from hm_assets.playbooks import stored
from hm_assets.playbooks.dashboard import reading
from hm_assets.playbooks.dashboard.month import Told, told
from hm_assets.playbooks.strategy import tables as strategy_tables
from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.movement import tables as movement_tables
from hm_assets.profiles.page.month import Rows
from hm_assets.profiles.page.reading import history
from hm_assets.profiles.passport import documents as passports_of
from hm_assets.profiles.passport import tables as passport_tables
from hm_assets.profiles.passport.gate import banner_of
from hm_assets.profiles.validity import facts
from hm_assets.profiles.validity import tables as validity_tables
from hm_assets.profiles.validity.reading import index_groups
from hm_assets.segments import tables as assignment_tables
from hm_assets.warehouse import identity
from hm_assets.warehouse.assets import OWNERS, read
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.io_manager import content_of, latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS, months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

# A field of what `month.told` takes -> the table whose rows of the month it holds.
ROWS = {
    "profiles": profile_tables.SEGMENT_PROFILES,
    "words": profile_tables.SEGMENT_WORDS,
    "transitions": movement_tables.TRANSITIONS,
    "criteria": passport_tables.PASSPORT_CRITERIA,
    "validity": validity_tables.VALIDITY,
}
PEOPLE = (
    movement_tables.CUSTOMER_MOVEMENT,
    feature_tables.CUSTOMER_FEATURES,
    feature_tables.ATTRIBUTE_VALUES,
    assignment_tables.ASSIGNMENTS,
)
# Where they have been made: a dashboard is whole without forecasts, which short files do not have.
WHERE_MADE = {"outlook": segment_tables.SEGMENTS, "strategy": strategy_tables.STRATEGY}
VALUE = forecast_tables.CUSTOMERS
PROFILES = dg.AssetKey(["profiles", "segment_profiles"])
CHAMPION = dg.AssetKey(["segments", "champion"])


@dg.asset(
    key=["playbooks", "dashboard"],
    group_name="playbooks",
    description="One HTML page per month to explore the segments in: overview, one segment, what differentiates, "
    "comparison, business impact, movement, validity. It opens from disk; no customer key is on it.",
    kinds={"html", "plotly"},
    owners=[*OWNERS, "team:marketing"],
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    code_version="3",
    ins={
        **{table.name: read(table) for table in ROWS.values()},
        "customer_movement": read(movement_tables.CUSTOMER_MOVEMENT),
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "attribute_values": read(feature_tables.ATTRIBUTE_VALUES),
        "assignments": read(assignment_tables.ASSIGNMENTS, this_and_earlier()),
        "champion": dg.AssetIn(CHAMPION),
        "passports": dg.AssetIn(dg.AssetKey(["profiles", "passports"])),
    },
    deps=[dg.AssetKey([table.stage, table.name]) for table in (*WHERE_MADE.values(), VALUE)],
)
def dashboard(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    champion: dict[str, Any],
    passports: dict[str, Any],
    **inputs: ibis.Table,
) -> dg.MaterializeResult:
    from hm_assets.playbooks.dashboard import report
    from hm_assets.playbooks.shown import download
    from hm_assets.profiles.page import shown

    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(f"{warehouse.path} is not set up yet; run `hm run` once")
    digest, written, metadata = hashlib.sha256(), [], dict[str, Any]()
    months = months_of(context)
    banners = {
        month: banner_of(
            "playbooks/dashboard",
            f"{month:%Y-%m}",
            passports[month.isoformat()],
            champion["version"],
            content_of(latest_record(context.instance, PROFILES, month.isoformat())),
        )
        for month in months
    }
    for month in months:
        versions = _versions(context, month)
        found = month_of_tables(warehouse, inputs, month, versions)
        if found is None:
            continue
        document = report.write_dashboard(
            found,
            reports=warehouse.settings.reports_dir,
            versions=versions,
            source=known.source,
            segmentation=champion["decision"]["headline"],
            banner=banners[month],
        )
        digest.update(document.read_bytes())
        written.append(document)
        metadata = {
            "finding": dg.MetadataValue.md("\n".join(f"- {line}" for line in report.findings(found))),
            "who_brings_the_spend": dg.MetadataValue.md(shown.shares(found.month)),
        }
    portal = warehouse.settings.portal_url
    links = "\n".join(
        download(f"Download the dashboard of {p.parent.name}", portal, p.parent.name, p.name) for p in written
    )
    return dg.MaterializeResult(
        data_version=dg.DataVersion(digest.hexdigest()[:16]),
        metadata={
            "documents": len(written),
            "dashboard": dg.MetadataValue.md(links),
            "bytes": sum(path.stat().st_size for path in written),
            **metadata,
        },
    )


def month_of_tables(
    warehouse: Warehouse, inputs: Mapping[str, ibis.Table], month: dt.date, versions: Mapping[str, str]
) -> Told | None:
    """What the dashboard of a month shows, of tables by their names; None where the month has no profiles."""
    rows: dict[str, Rows] = {
        field: of_month(inputs[table.name], month).to_pyarrow().to_pylist() for field, table in ROWS.items()
    }
    if not rows["profiles"]:
        return None
    called = {fact.name: fact.words for fact in facts.named(index_groups(inputs["attribute_values"]))}
    rows["validity"] = [{**row, "words": called.get(row["fact"])} for row in rows["validity"]]
    rows["criteria"] = passports_of.told(rows["criteria"])
    for field, table in WHERE_MADE.items():
        rows[field] = stored.rows_of(warehouse.path, table, month)
    value = stored.columns_of(warehouse.path, VALUE, month, ["customer_key", reading.EXPECTED])
    features, assignments = of_month(inputs["customer_features"], month), inputs["assignments"]
    placed = of_month(assignments, month)
    return told(
        rows,
        versions=versions,
        worth=[
            *reading.worth(features, placed, reading.SPENT),
            *(reading.worth(ibis.memtable(value), placed, reading.EXPECTED) if value is not None else ()),
        ],
        one_order_away=reading.one_order_away(of_month(inputs["customer_movement"], month)),
        history=history(assignments, month).to_pyarrow().to_pylist(),
    )


def _versions(context: dg.AssetExecutionContext, month: dt.date) -> dict[str, str]:
    tables = (*ROWS.values(), *PEOPLE, *WHERE_MADE.values(), VALUE)
    read_of = {table.path: month.isoformat() if table.monthly else None for table in tables}
    read_of["/".join(CHAMPION.path)] = None
    records = {
        path: latest_record(context.instance, dg.AssetKey(path.split("/")), at)
        for path, at in read_of.items()
    }
    # What was never made is not in the page.
    optional = {table.path for table in (*WHERE_MADE.values(), VALUE)}
    return {
        path: version_of(record) or "unknown"
        for path, record in records.items()
        if record is not None or path not in optional
    }
