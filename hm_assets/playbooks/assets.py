"""The assets of this stage: the documents that a marketer downloads.

They publish, so a month whose gate is closed is refused, also when they are made alone: the asset check in front of
them only stops the run that it is part of.
"""

import hashlib
from typing import Any

import dagster as dg
import ibis

from hm_assets.forecasts.by_segment import tables as segment_tables
from hm_assets.forecasts.why import tables as why_tables
from hm_assets.playbooks import stored
from hm_assets.playbooks.strategy import tables as strategy_tables
from hm_assets.playbooks.strategy.rules import digest_of, rules_of
from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.page import cards
from hm_assets.profiles.passport.gate import banner_of
from hm_assets.recommendations.lists_for import tables as list_tables
from hm_assets.settings import Settings
from hm_assets.warehouse import identity
from hm_assets.warehouse.assets import OWNERS, read
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.io_manager import content_of, latest_record, version_of
from hm_assets.warehouse.manifest import read_manifest
from hm_assets.warehouse.partitions import MONTHS, months_of
from hm_assets.warehouse.resources import Warehouse

PROFILES = dg.AssetKey(["profiles", "segment_profiles"])
# What the documents are made of, with whether it has months.
MADE_FROM = {
    PROFILES: True,
    dg.AssetKey(["profiles", "segment_words"]): True,
    dg.AssetKey(["profiles", "passports"]): True,
    dg.AssetKey(["segments", "champion"]): False,
}
# And of these where they have been made.
WHERE_MADE = {
    dg.AssetKey([table.stage, table.name]): table
    for table in (
        segment_tables.SEGMENTS,
        why_tables.SEGMENT_REASONS,
        list_tables.SEGMENTS,
        list_tables.STYLES,
        strategy_tables.STRATEGY,
        strategy_tables.DECISION_MATRIX,
        strategy_tables.CALENDAR,
        strategy_tables.JOURNEY,
    )
}


@dg.asset(
    key=["playbooks", "playbooks"],
    group_name="playbooks",
    description="One HTML playbook per segment and month, an overview, and the facts as CSV, in the reports folder.",
    kinds={"html"},
    owners=[*OWNERS, "team:marketing"],
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    code_version=f"11-{digest_of(Settings().rules)}",
    ins={
        "segment_profiles": read(profile_tables.SEGMENT_PROFILES),
        "segment_words": read(profile_tables.SEGMENT_WORDS),
        "champion": dg.AssetIn(dg.AssetKey(["segments", "champion"])),
        "passports": dg.AssetIn(dg.AssetKey(["profiles", "passports"])),
    },
    # Not inputs: a playbook is whole without forecasts and lists, which short files and a narrower run do not have.
    deps=list(WHERE_MADE),
)
def playbooks(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    segment_profiles: ibis.Table,
    segment_words: ibis.Table,
    champion: dict[str, Any],
    passports: dict[str, Any],
) -> dg.MaterializeResult:
    from hm_assets.playbooks import documents, outlook, showing, shown
    from hm_assets.playbooks.plan import Plan

    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(f"{warehouse.path} is not set up yet; run `hm run` once")
    rules = rules_of(warehouse.settings.rules)
    digest, portal = hashlib.sha256(), warehouse.settings.portal_url
    written, told = list[Any](), list[str]()
    months = months_of(context)
    banners = {
        m: banner_of(
            "playbooks/playbooks",
            f"{m:%Y-%m}",
            passports[m.isoformat()],
            champion["version"],
            content_of(latest_record(context.instance, PROFILES, m.isoformat())),
        )
        for m in months
    }
    for month in months:
        mine = of_month(segment_profiles, month)
        rows = mine.drop("month").to_pyarrow().to_pylist()
        if not rows:
            continue
        more = [stored.rows_of(warehouse.path, table, month) for table in WHERE_MADE.values()]
        sizes = {row["segment_id"]: int(row["value"]) for row in rows if row["fact"] == "customers"}
        read_of = MADE_FROM | {key: True for key, told in zip(WHERE_MADE, more, strict=True) if told}
        month_documents = documents.write_playbooks(
            rows,
            as_of=rows[0]["as_of"],
            month=month,
            reports=warehouse.settings.reports_dir,
            versions={
                "/".join(key.path): version_of(
                    latest_record(context.instance, key, month.isoformat() if monthly else None)
                )
                or "unknown"
                for key, monthly in read_of.items()
            },
            source=known.source,
            segmentation=champion["decision"]["headline"],
            made_of=cards.made_of(cards.columns_of(champion)),
            banner=banners[month],
            words=of_month(segment_words, month).to_pyarrow().to_pylist(),
            outlook=outlook.sentences(more[0], more[1], sizes),
            showings=showing.showings(more[2], more[3], sizes),
            plan=Plan(more[4], more[5], more[6], more[7], outlook.measures(more[0])),
            rules=rules,
        )
        written += month_documents
        manifest = read_manifest(warehouse.settings.reports_dir / f"{month:%Y-%m}")
        if manifest is not None:
            (overview,) = (entry for entry in manifest.files if entry.kind == "overview")
            shares = shown.of_profiles(rows)
            told.append(shown.summary(overview.summary, shares, manifest.files, portal, manifest.month))
    for document in sorted(written, key=lambda d: d.path):
        digest.update(document.path.read_bytes())
    return dg.MaterializeResult(
        data_version=dg.DataVersion(digest.hexdigest()[:16]),
        metadata={
            "documents": len(written),
            "summary": dg.MetadataValue.md("\n\n".join(told)),
            "portal": dg.MetadataValue.url(portal),
            "folder": dg.MetadataValue.path(str(warehouse.settings.reports_dir)),
        },
    )
