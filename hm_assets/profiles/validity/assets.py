"""The validation ladder as an asset."""

from typing import Any

import dagster as dg
import ibis

from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.profiles.validity import facts, ladder, past, reading, shown, tables
from hm_assets.profiles.validity.effort import EFFORTS
from hm_assets.segments import tables as segment_tables
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.lab.attempts import MONTHS_AGO
from hm_assets.segments.lab.effort import EFFORTS as LAB_EFFORTS
from hm_assets.segments.reading import reader, spender
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import as_of_dates, of_month, of_months
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

JUDGED = max(MONTHS_AGO)
# A supervised champion learns from a month that lies as far before the judged one.
LEARNED = 2 * JUDGED
TASTE_MONTHS = 11


@table_asset(
    tables.VALIDITY,
    code_version="1",
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier(LEARNED)),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier(LEARNED + TASTE_MONTHS)),
        "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier(LEARNED)),
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier(JUDGED)),
        "attribute_values": read(feature_tables.ATTRIBUTE_VALUES),
        "customers": read(customer_tables.CUSTOMERS),
        "champion": dg.AssetIn(dg.AssetKey(["segments", "champion"])),
    },
)
def validity(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
    assignments: ibis.Table,
    attribute_values: ibis.Table,
    customers: ibis.Table,
    champion: dict[str, Any],
) -> dg.MaterializeResult:
    crown, depth = Champion.from_json(champion), warehouse.depth
    known = facts.named(reading.index_groups(attribute_values))
    rows: list[dict[str, Any]] = []
    notes = []
    for month in months_of(context):
        # Whatever else a run makes, a month reads nothing later than itself.
        features, tastes, days = (
            of_months(table, None, month) for table in (customer_features, customer_tastes, customer_days)
        )
        seen = features.select("month").distinct().to_pyarrow()["month"].to_pylist()
        last_day = days.t_dat.max().to_pyarrow().as_py()
        judged = past.judged_month(month, as_of_dates(features, seen), last_day, seen)
        if judged is None:
            notes.append(f"{month:%Y-%m}: no month before it has 90 days of lines after its as-of day")
            continue
        assigned = of_month(assignments, judged).select("customer_key", "segment_id").to_pyarrow()
        try:
            segments = past.fitted(
                reader(features, tastes), spender(days), judged, crown, assigned, LAB_EFFORTS[depth]
            )
        except CannotFit as error:
            notes.append(f"{month:%Y-%m}: nothing to judge, because {error}")
            continue
        judged_on = segments.people.as_of
        values = reading.facts_of(segments.people, judged, features, tastes, days, customers)
        found = ladder.rows(segments, values, EFFORTS[depth], known)
        rows += [{**row, "month": month} for row in found]
        seen_by = (
            "; the algorithm was chosen by days like it" if past.seen_by_the_choice(judged_on, crown) else ""
        )
        notes.append(f"{month:%Y-%m}: judged as of {judged_on}{seen_by}. {ladder.headline(found)}")
    latest = max((row["month"] for row in rows), default=None)
    pictured = [row for row in rows if row["month"] == latest]
    pictures = {"ladder": shown.table(pictured), "effects": shown.picture(pictured)} if pictured else {}
    return dg.MaterializeResult(
        value=tables.VALIDITY.in_memory(rows),
        metadata={
            "judged": "\n".join(notes),
            "depth": depth,
            **{name: dg.MetadataValue.md(text) for name, text in pictures.items()},
        },
    )
