"""The assets of this room: the criteria of a month, and the passports with the gate."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
from pydantic import Field

from hm_assets.features import tables as feature_tables
from hm_assets.profiles import tables as profile_tables
from hm_assets.profiles.fairness import parity, privacy
from hm_assets.profiles.fairness import tables as fairness_tables
from hm_assets.profiles.passport import documents, evidence, gate, tables
from hm_assets.profiles.passport.criteria import Criterion, Evidence, criteria
from hm_assets.profiles.passport.evidence import Measured
from hm_assets.profiles.validity import tables as validity_tables
from hm_assets.profiles.validity.facts import HELD_OUT, LATER
from hm_assets.segments import tables as segment_tables
from hm_assets.segments.algorithms.catalogue import CATALOGUE
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.choice.entries import name_of
from hm_assets.segments.lab.attempts import lesson
from hm_assets.segments.lab.effort import EFFORTS, Effort
from hm_assets.segments.page import called
from hm_assets.segments.people import Load, People, Spent
from hm_assets.segments.reading import reader, spender
from hm_assets.warehouse import artifacts, identity
from hm_assets.warehouse.assets import artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import add_months, of_month
from hm_assets.warehouse.errors import HmAssetsError, WarehouseError
from hm_assets.warehouse.io_manager import content_of, latest_record, version_of
from hm_assets.warehouse.partitions import MONTHS, months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CHAMPION = dg.AssetKey(["segments", "champion"])
PASSPORTS = dg.AssetKey(["profiles", "passports"])
MOST_READ = 20_000
# A criterion -> the fact that it takes from the profiles.
FACTS = {"reachable": "fashion_news", "imputed": "depends_on_imputed"}
PROFILES = dg.AssetKey(profile_tables.SEGMENT_PROFILES.path.split("/"))
CRITERIA = dg.AssetKey(tables.PASSPORT_CRITERIA.path.split("/"))


class Sign(dg.Config):
    """Publishing segments that fail a criterion, by somebody who says so with their name."""

    signed_by: str | None = Field(
        None, description="Who takes the responsibility; printed on everything published"
    )
    because: str | None = Field(None, description="Why; printed beside the name")
    withdraw: bool = Field(
        False, description="Take the last signature back, and the documents that were published under it"
    )


@table_asset(
    tables.PASSPORT_CRITERIA,
    code_version="3",
    ins={
        "champion": dg.AssetIn(CHAMPION),
        "candidates": read(segment_tables.CANDIDATES),
        "agreement": read(segment_tables.AGREEMENT),
        "assignments": read(segment_tables.ASSIGNMENTS, this_and_earlier(evidence.QUARTER)),
        "segment_profiles": read(profile_tables.SEGMENT_PROFILES),
        "validity": read(validity_tables.VALIDITY),
        "age_parity": read(fairness_tables.AGE_PARITY),
        "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier()),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier()),
        "customer_days": read(feature_tables.CUSTOMER_DAYS, this_and_earlier()),
    },
)
def passport_criteria(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    champion: dict[str, Any],
    candidates: ibis.Table,
    agreement: ibis.Table,
    assignments: ibis.Table,
    segment_profiles: ibis.Table,
    validity: ibis.Table,
    age_parity: ibis.Table,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
) -> ibis.Table:
    model = Champion.from_json(champion)
    name = str(model.decision["candidate"])
    tried = candidates.to_pyarrow().to_pylist()
    candidate = next(
        (row for row in tried if name_of(row["algorithm"], row["k"], row["space"]) == name), None
    )
    shared = Evidence(
        champion=model,
        candidate=candidate,
        sizes={},
        finite=evidence.is_finite(model),
        agreement=_agreement(agreement.to_pyarrow().to_pylist(), candidate),
    )
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        mine = of_month(assignments, month)
        facts = of_month(segment_profiles, month).to_pyarrow().to_pylist()
        ladder = of_month(validity, month).to_pyarrow().to_pylist()
        sizes = evidence.sizes(mine, model)
        ages = of_month(age_parity, month).to_pyarrow().to_pylist()
        found = criteria(
            replace(
                shared,
                sizes=sizes,
                jaccards=_jaccards(
                    model,
                    candidate,
                    month,
                    EFFORTS[warehouse.depth],
                    reader(customer_features, customer_tastes),
                    spender(customer_days),
                ),
                ambiguous=evidence.ambiguous(mine),
                kept=evidence.kept(mine, of_month(assignments, add_months(month, -evidence.QUARTER))),
                reachable=_facts([row for row in facts if row["base"]], FACTS["reachable"]),
                imputed=_facts(facts, FACTS["imputed"]),
                lifts=evidence.lifts(ladder, model),
                parities={
                    row["segment_id"]: Measured(row["parity"], None, None)
                    for row in ages
                    if row["parity"] is not None
                },
                unseen=evidence.differing(ladder, HELD_OUT),
                later=evidence.differing(ladder, LATER),
                excluded={
                    row["segment_id"]: row["verdict"].removeprefix(parity.WARNS)
                    for row in ages
                    if row["parity"] is None and row["verdict"].startswith(parity.WARNS)
                },
            )
        )
        names = {row["segment_id"]: row["segment_name"] for row in facts}
        as_of = mine.as_of.max().to_pyarrow().as_py()
        few = {(number, fact) for number, _, fact in privacy.withheld(facts)}
        rows += [
            {
                "as_of": as_of,
                "month": month,
                **_row(criterion, position, names, withheld(criterion, sizes, few)),
                "model_version": model.version,
            }
            for position, criterion in enumerate(found)
        ]
    return tables.PASSPORT_CRITERIA.in_memory(rows)


@artifact_asset(
    "profiles",
    "passports",
    code_version="3",
    description="A passport per segment, as HTML and JSON in the reports folder, and whether the segments may be "
    "published: `open`, the failures, and who signed for them.",
    kinds={"html", "json"},
    ins={
        "passport_criteria": read(tables.PASSPORT_CRITERIA),
        # A verdict is about these: where they change it is given anew, in the run that publishes them.
        "segment_profiles": read(profile_tables.SEGMENT_PROFILES),
        "champion": dg.AssetIn(CHAMPION),
    },
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def passports(
    context: dg.AssetExecutionContext,
    config: Sign,
    warehouse: dg.ResourceParam[Warehouse],
    passport_criteria: ibis.Table,
    segment_profiles: ibis.Table,
    champion: dict[str, Any],
) -> dg.MaterializeResult:
    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(f"{warehouse.path} is not set up yet; run `hm run` once")
    verdicts: dict[str, gate.Gate] = {}
    written: list[Path] = []
    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        rows = of_month(passport_criteria, month).order_by("position").to_pyarrow().to_pylist()
        found = [Criterion.from_row(row) for row in rows]
        names = {row["segment_id"]: row["segment_name"] for row in rows if row["segment_name"]}
        signed = _signature(config, found, champion["version"], warehouse.path, month)
        verdict = gate.gate(found, champion["version"], names, signed)
        verdicts[month.isoformat()] = verdict
        written += documents.write_passports(
            rows,
            verdict,
            reports=warehouse.settings.reports_dir,
            versions={
                "/".join(key.path): version_of(latest_record(context.instance, key, partition)) or "unknown"
                for key, partition in ((CRITERIA, month.isoformat()), (CHAMPION, None))
            },
            source=known.source,
            segmentation=champion["decision"]["headline"],
        )
        if config.withdraw and not verdict.is_open:
            documents.remove_signed(warehouse.settings.reports_dir / f"{month:%Y-%m}")
    portal = f"{warehouse.settings.portal_url}/reports"
    links = "\n".join(f"- [{path.name}]({portal}/{path.parent.name}/{path.name})" for path in written)
    return dg.MaterializeResult(
        value={
            month: {
                **verdict.as_json(),
                "profiles": content_of(latest_record(context.instance, PROFILES, month)),
            }
            for month, verdict in verdicts.items()
        },
        metadata={
            "verdict": verdict.verdict,
            "passports": dg.MetadataValue.md(links),
            "criteria": dg.MetadataValue.md(documents.markdown(documents.told(rows))),
        },
    )


def _signature(
    config: Sign, found: list[Criterion], version: str, warehouse: Path, month: dt.date
) -> gate.Signature | None:
    """The signature given now, else the last one of this month or before it."""
    signs = config.signed_by is not None or config.because is not None
    if config.withdraw and signs:
        raise HmAssetsError(
            "profiles/passports: `withdraw` takes a signature back and `signed_by` gives one; set one of the two"
        )
    if config.withdraw:
        return None
    if signs:
        by, because = (config.signed_by or "").strip(), (config.because or "").strip()
        if not (by and because):
            raise HmAssetsError("profiles/passports: a signature needs both `signed_by` and `because`")
        return gate.Signature(by, because, version, gate.failed_keys(found))
    folder = artifacts.path_of(warehouse, PASSPORTS.path).with_suffix("")
    before = sorted(path for path in folder.glob("*.json") if path.stem <= month.isoformat())
    last = artifacts.read_json(before[-1])["signature"] if before else None
    return gate.Signature.from_json(last) if last else None


def _jaccards(
    model: Champion,
    candidate: dict[str, Any] | None,
    month: dt.date,
    effort: Effort,
    load: Load,
    spent: Spent,
) -> dict[int, Measured]:
    """The champion's algorithm tried again on resamples of the customers of a month or, later, of the training day."""
    if candidate is None:
        return {}
    # A month before the training day knows nothing of that day's customers.
    month = min(month, model.trained_as_of.replace(day=1))
    algorithm = next(
        a for a in CATALOGUE if (a.name, a.space) == (candidate["algorithm"], candidate["space"])
    )
    people = People.of(load, month, algorithm.space, MOST_READ)
    taught = lesson(load, spent, month, people, MOST_READ) if algorithm.needs_later else None
    resamples = effort.resamples.resamples
    return evidence.jaccards(
        model, algorithm, candidate["k"], people.rows, taught and taught[1], effort.stability_rows, resamples
    )


def _agreement(pairs: list[dict[str, Any]], candidate: dict[str, Any] | None) -> dict[str, float]:
    """The adjusted Rand index with each candidate that the champion was compared with."""
    name = called.candidate(candidate) if candidate else ""
    found = {(row["first"], row["second"]): row["ari"] for row in pairs}
    return {other: ari for pair, ari in found.items() if name in pair for other in pair if other != name}


def _facts(rows: list[dict[str, Any]], fact: str) -> dict[int, Measured]:
    return {
        row["segment_id"]: Measured(row["value"], row["low"], row["high"])
        for row in rows
        if row["fact"] == fact and row["value"] is not None
    }


def withheld(criterion: Criterion, sizes: Mapping[int, int], few: Collection[tuple[int, str]]) -> bool:
    """Whether a criterion tells of fewer than twenty people.

    Parameters
    ----------
    criterion
        Of a month.
    sizes
        Customers of each segment.
    few
        The segment and name of each fact that is withheld of the profiles (`fairness.privacy`).
    """
    number, measured = criterion.segment_id, criterion.measured
    if number is None or measured is None or criterion.name == "share":
        return False
    if (number, FACTS.get(criterion.name)) in few or sizes.get(number, 0) < privacy.K:
        return True
    if measured.customers is None:
        return False
    return privacy.Amount(measured.customers, measured.value * measured.customers).is_small()


def _row(
    criterion: Criterion, position: int, names: dict[int, str], is_withheld: bool = False
) -> dict[str, Any]:
    number, measured = criterion.segment_id, criterion.measured
    return {
        "scope": criterion.scope,
        "segment_id": number,
        "segment_name": None if number is None else names.get(number),
        "position": position,
        "criterion": criterion.name,
        "title": criterion.title,
        "status": criterion.status,
        "blocking": criterion.blocking,
        "value": measured and measured.value,
        "low": measured and measured.low,
        "high": measured and measured.high,
        "threshold": criterion.threshold,
        "words": criterion.words,
        "withheld": is_withheld,
    }
