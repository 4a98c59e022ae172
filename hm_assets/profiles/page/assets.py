"""The asset of this room: the page "Who the segments are", one for each month."""

import hashlib
from typing import Any

import dagster as dg
import ibis

from hm_assets.features import tables as feature_tables
from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.movement import tables as movement_tables
from hm_assets.profiles.page import reading
from hm_assets.profiles.page.month import Month, Rows
from hm_assets.profiles.passport import documents as passport_documents
from hm_assets.profiles.passport import tables as passport_tables
from hm_assets.profiles.passport.gate import label_of
from hm_assets.profiles.validity import facts
from hm_assets.profiles.validity import tables as validity_tables
from hm_assets.profiles.validity.reading import index_groups
from hm_assets.segments import tables as segment_tables
from hm_assets.warehouse import identity
from hm_assets.warehouse.assets import OWNERS, read
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.io_manager import latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS, months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

# A field of `Month` -> the table whose rows of the month it holds.
ROWS = {
    "profiles": profile_tables.SEGMENT_PROFILES,
    "words": profile_tables.SEGMENT_WORDS,
    "prices": profile_tables.PRICE_CURVES,
    "transitions": movement_tables.TRANSITIONS,
    "forecasts": movement_tables.SIZE_FORECAST,
    "criteria": passport_tables.PASSPORT_CRITERIA,
    "validity": validity_tables.VALIDITY,
}
PEOPLE = (
    feature_tables.CUSTOMER_FEATURES,
    feature_tables.CUSTOMER_TASTES,
    feature_tables.ATTRIBUTE_VALUES,
    segment_tables.ASSIGNMENTS,
)
CHAMPION = dg.AssetKey(["segments", "champion"])
MOST_DRAWN = 1_500


@dg.asset(
    key=["profiles", "report"],
    group_name="profiles",
    description="One HTML page per month that shows who the segments are, where their members go and how far to trust "
    "them, in the reports folder. No customer key is on it. Where the gate is closed the page says so at its "
    "top: it explains, and publishes nothing.",
    kinds={"html", "plotly"},
    owners=[*OWNERS, "team:marketing"],
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    code_version="2",
    ins={
        **{table.name: read(table) for table in ROWS.values()},
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier(11)),
        "attribute_values": read(feature_tables.ATTRIBUTE_VALUES),
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier()),
        "champion": dg.AssetIn(CHAMPION),
        "passports": dg.AssetIn(dg.AssetKey(["profiles", "passports"])),
    },
)
def report(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    champion: dict[str, Any],
    passports: dict[str, Any],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    attribute_values: ibis.Table,
    assignments: ibis.Table,
    **inputs: ibis.Table,
) -> dg.MaterializeResult:
    from hm_assets.profiles.page import report as pages
    from hm_assets.profiles.page import shown

    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(f"{warehouse.path} is not set up yet; run `hm run` once")
    digest, written, metadata = hashlib.sha256(), [], dict[str, Any]()
    called = {fact.name: fact.words for fact in facts.named(index_groups(attribute_values))}
    for month in months_of(context):
        rows: dict[str, Rows] = {
            field: of_month(inputs[table.name], month).to_pyarrow().to_pylist()
            for field, table in ROWS.items()
        }
        if not rows["profiles"]:
            continue
        rows["validity"] = [{**row, "words": called.get(row["fact"])} for row in rows["validity"]]
        cells = privacy.withheld(rows["profiles"])
        buyers = {r["segment_id"]: r["customers"] for r in rows["profiles"] if r["fact"] == "orders_365d"}
        rows["prices"] = reading.of_many(rows["prices"], buyers)
        rows["words"] = privacy.sayable(rows["words"], cells)
        rows["profiles"] = [row for row in rows["profiles"] if privacy.cell(row) not in cells]
        rows["criteria"] = passport_documents.told(rows["criteria"])
        mine, seen = of_month(assignments, month), of_month(customer_features, month)
        segments = len({row["segment_id"] for row in rows["profiles"]})
        bought = reading.bought(customer_tastes, attribute_values, mine, month)
        found = Month(
            **rows,
            spread=reading.spread(seen, mine).to_pyarrow().to_pylist(),
            sample=reading.sample(seen, mine, MOST_DRAWN // segments).to_pyarrow().to_pylist(),
            bought=reading.of_many(bought, {row["segment_id"]: row["buyers"] for row in bought}),
            history=reading.history(assignments, month).to_pyarrow().to_pylist(),
        )
        read_of = {
            table.path: month.isoformat() if table.monthly else None for table in (*ROWS.values(), *PEOPLE)
        }
        versions = {
            path: version_of(latest_record(context.instance, dg.AssetKey(path.split("/")), partition))
            or "unknown"
            for path, partition in {**read_of, "/".join(CHAMPION.path): None}.items()
        }
        document = pages.write_report(
            found,
            reports=warehouse.settings.reports_dir,
            versions=versions,
            source=known.source,
            champion=champion,
            banner=label_of(passports[month.isoformat()]),
        )
        digest.update(document.read_bytes())
        written.append(document)
        metadata = {
            "who_brings_the_spend": dg.MetadataValue.md(shown.shares(found)),
            "beside_everybody": dg.MetadataValue.md(shown.heat_map(found)),
        }
    portal = warehouse.settings.portal_url
    links = "\n".join(f"- [{p.parent.name}]({portal}/reports/{p.parent.name}/{p.name})" for p in written)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(digest.hexdigest()[:16]),
        metadata={"documents": len(written), "report": dg.MetadataValue.md(links), **metadata},
    )
