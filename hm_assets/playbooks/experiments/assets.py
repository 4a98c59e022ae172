"""The assets of this room: holdout plans, the audience with its arms, results, what they say, and the documents.

Results are read from the landing zone when they are made; a month knows of those campaigns only whose days were over.
"""

import datetime as dt
import hashlib
from typing import Any

import dagster as dg
import ibis

from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.playbooks.experiments import base_rates, learning, measuring, returns, shown, stored, tables
from hm_assets.playbooks.experiments.audience import contactable, drawn, members
from hm_assets.playbooks.experiments.plans import campaign_of, plans
from hm_assets.playbooks.experiments.updating import Belief, belief
from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.passport.gate import banner_of
from hm_assets.segments import tables as segment_tables
from hm_assets.settings import Settings
from hm_assets.sources import assets as sources
from hm_assets.sources.contract import CAMPAIGN_RESULTS
from hm_assets.warehouse import identity
from hm_assets.warehouse.assets import OWNERS, read, table_asset
from hm_assets.warehouse.calendar import of_month, of_months
from hm_assets.warehouse.io_manager import content_of, latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS, months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "1"
CUSTOMERS = read(customer_tables.CUSTOMERS)
PROFILES = dg.AssetKey(["profiles", "segment_profiles"])
PASSPORTS = dg.AssetKey(["profiles", "passports"])
CHAMPION = dg.AssetKey(["segments", "champion"])
NO_FILE = f"no {CAMPAIGN_RESULTS.stem} file in the landing zone: nothing was measured"


def prior_of(settings: Settings) -> Belief:
    """The assumption of the settings."""
    return belief(settings.campaign_alpha, settings.campaign_beta)


@table_asset(
    tables.HOLDOUT_PLANS,
    code_version=CODE_VERSION,
    ins={
        "customers": CUSTOMERS,
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier()),
        "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
    },
)
def holdout_plans(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
    assignments: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    people, rows, settings = contactable(customers), list[dict[str, Any]](), warehouse.settings
    for month in months_of(context):
        placed, days = (of_months(table, None, month) for table in (assignments, customer_days))
        now = of_month(placed, month).semi_join(people, "customer_key")
        as_of = now.as_of.max().to_pyarrow().as_py()
        if as_of is None:
            continue
        counted = now.group_by("segment_id").agg(customers=now.count()).to_pyarrow().to_pylist()
        sizes = {row["segment_id"]: row["customers"] for row in counted}
        rates = {}
        for horizon in base_rates.HORIZONS:
            past = base_rates.past_months(placed, days, people, as_of, horizon)
            rates[horizon] = {
                segment: base_rates.base_rate(past.get(segment, ()), size) for segment, size in sizes.items()
            }
        rows += plans(month, as_of, sizes, rates, prior_of(settings), Assumptions.of(settings))
    return dg.MaterializeResult(
        value=tables.HOLDOUT_PLANS.in_memory(rows),
        metadata={"plans": dg.MetadataValue.md(shown.of_plans(rows))},
    )


@table_asset(
    tables.AUDIENCES,
    code_version=CODE_VERSION,
    ins={
        "customers": CUSTOMERS,
        "assignments": read(segment_tables.ASSIGNMENTS),
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "holdout_plans": read(tables.HOLDOUT_PLANS),
    },
)
def audiences(
    context: dg.AssetExecutionContext,
    customers: ibis.Table,
    assignments: ibis.Table,
    customer_features: ibis.Table,
    holdout_plans: ibis.Table,
) -> dg.MaterializeResult:
    parts = [tables.AUDIENCES.in_memory([])]
    people = contactable(customers)
    for month in months_of(context):
        chosen = _chosen(holdout_plans, month)
        found = members(people, of_month(assignments, month), of_month(customer_features, month))
        if found.num_rows:
            parts.append(ibis.memtable(drawn(month, campaign_of(month), found, chosen)))
    return dg.MaterializeResult(value=parts)


@table_asset(
    tables.CAMPAIGN_RESULTS,
    code_version=CODE_VERSION,
    # Not an input: only the months whose campaigns the file names are read.
    deps=[dg.AssetKey([tables.STAGE, tables.AUDIENCES.name]), sources.CAMPAIGN_RESULTS],
)
def campaign_results(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult:
    from hm_assets.playbooks.experiments import results_file

    path = results_file.find(identity.of(warehouse.path).raw)
    if path is None:
        return dg.MaterializeResult(
            value=tables.CAMPAIGN_RESULTS.in_memory([]), metadata={"finding": NO_FILE}
        )
    answers = results_file.read(path, warehouse.path)
    rows, strangers = measuring.of_file(answers, lambda month: stored.audience(warehouse.path, month))
    return dg.MaterializeResult(
        value=tables.CAMPAIGN_RESULTS.in_memory(rows),
        metadata={
            "results": dg.MetadataValue.md(shown.of_results(rows)),
            "finding": shown.finding(rows, strangers),
        },
    )


@table_asset(
    tables.CAMPAIGN_EFFECTS,
    code_version=CODE_VERSION,
    ins={
        "holdout_plans": read(tables.HOLDOUT_PLANS),
        "campaign_results": read(tables.CAMPAIGN_RESULTS),
    },
)
def campaign_effects(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    holdout_plans: ibis.Table,
    campaign_results: ibis.Table,
) -> dg.MaterializeResult:
    results, rows = campaign_results.to_pyarrow().to_pylist(), list[dict[str, Any]]()
    for month in months_of(context):
        chosen = _chosen(holdout_plans, month)
        if chosen:
            prior = prior_of(warehouse.settings)
            rows += learning.effects(
                chosen[0]["as_of"], month, chosen, results, prior, Assumptions.of(warehouse.settings)
            )
    return dg.MaterializeResult(
        value=tables.CAMPAIGN_EFFECTS.in_memory(rows),
        metadata={"effects": dg.MetadataValue.md(shown.of_effects(rows))},
    )


@dg.asset(
    key=["playbooks", "experiments"],
    group_name="playbooks",
    description="A page per month on whom to leave without the campaign and what earlier campaigns showed, and one CSV "
    "per segment and arm, in the reports folder. The CSVs hold customer ids.",
    kinds={"html", "csv"},
    owners=[*OWNERS, "team:marketing"],
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    code_version=CODE_VERSION,
    ins={
        **{table.name: read(table) for table in (*tables.TABLES, profile_tables.SEGMENT_PROFILES)},
        "champion": dg.AssetIn(CHAMPION),
        "passports": dg.AssetIn(PASSPORTS),
    },
)
def experiments(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    holdout_plans: ibis.Table,
    audiences: ibis.Table,
    campaign_results: ibis.Table,
    campaign_effects: ibis.Table,
    segment_profiles: ibis.Table,
    champion: dict[str, Any],
    passports: dict[str, Any],
) -> dg.MaterializeResult:
    from hm_assets.playbooks.experiments import report
    from hm_assets.playbooks.shown import download

    known, digest, written = identity.of(warehouse.path), hashlib.sha256(), []
    results = campaign_results.to_pyarrow().to_pylist()
    for month in months_of(context):
        banner = banner_of(
            "playbooks/experiments",
            f"{month:%Y-%m}",
            passports[month.isoformat()],
            champion["version"],
            content_of(latest_record(context.instance, PROFILES, month.isoformat())),
        )
        named = of_month(segment_profiles, month).select("segment_id", "segment_name").distinct()
        chosen = holdout_plans.filter(holdout_plans.month == ibis.literal(month, "date"))
        found = report.Month(
            month,
            {row["segment_id"]: row["segment_name"] for row in named.to_pyarrow().to_pylist()},
            chosen.to_pyarrow().to_pylist(),
            results,
            of_month(campaign_effects, month).to_pyarrow().to_pylist(),
        )
        if not found.plans:
            continue
        audience = of_month(audiences, month).select("customer_id", "segment_id", "arm", "campaign")
        written += report.write(
            found,
            audience.to_pyarrow().to_pylist(),
            reports=warehouse.settings.reports_dir,
            versions=_versions(context, month),
            source=known.source,
            assumptions=returns.words(Assumptions.of(warehouse.settings)),
            banner=banner,
        )
    for path in sorted(written):
        digest.update(path.read_bytes())
    portal = warehouse.settings.portal_url
    listed = "\n".join(download(p.name, portal, p.parent.name, p.name) for p in written)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(digest.hexdigest()[:16]),
        metadata={"documents": len(written), "files": dg.MetadataValue.md(listed)},
    )


def _chosen(holdout_plans: ibis.Table, month: dt.date) -> list[dict[str, Any]]:
    mine = of_month(holdout_plans, month)
    rows: list[dict[str, Any]] = mine.filter(mine.chosen).order_by("segment_id").to_pyarrow().to_pylist()
    return rows


def _versions(context: dg.AssetExecutionContext, month: dt.date) -> dict[str, str]:
    read_of: dict[str, str | None] = {
        table.path: month.isoformat() if table.monthly else None for table in tables.TABLES
    }
    read_of |= {"/".join(key.path): month.isoformat() for key in (PROFILES, PASSPORTS)}
    read_of["/".join(CHAMPION.path)] = None
    return {
        path: version_of(latest_record(context.instance, dg.AssetKey(path.split("/")), partition))
        or "unknown"
        for path, partition in read_of.items()
    }
