"""The assets of this stage: what the champion was trained on, drift, quality, the retrain decision, challengers."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import dagster as dg
import ibis
from pydantic import Field

from hm_assets.features import tables as feature_tables
from hm_assets.features.snapshot import last_month_with_lines
from hm_assets.monitoring import challenge, counting, drift, need, quality, tables
from hm_assets.monitoring.counting import ALL, BEHAVIOUR, Watched
from hm_assets.profiles.movement import tables as movement_tables
from hm_assets.segments import tables as segment_tables
from hm_assets.segments.assets import (
    CHAMPION,
    LabConfig,
    crowned_with_parts,
    lab_settings,
    report_appointments,
)
from hm_assets.segments.champion import appointments, history
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.choice import decision
from hm_assets.segments.inputs import customers_as_of
from hm_assets.segments.lab import lab
from hm_assets.segments.people import price_per_item
from hm_assets.segments.reading import reader, spender
from hm_assets.segments.space import Space
from hm_assets.warehouse import artifacts, delta, tracking
from hm_assets.warehouse.assets import artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import add_months, as_of_dates, of_month
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.partitions import MONTHS, months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

PROFILE, DECISION = "training_profile", "retrain_decision"
MOST_READ = 20_000
YEAR_DAYS = 365
TRAINED = dg.AssetIn(dg.AssetKey(["monitoring", PROFILE]))


@artifact_asset(
    "monitoring",
    PROFILE,
    code_version="2",
    description="What the champion was trained on, in counts: the grid that later months are counted on, the customers "
    "of the training month on it, the centres of its segments, and how well it fitted.",
    kinds={"json"},
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES),
        "champion": dg.AssetIn(CHAMPION),
    },
)
def training_profile(
    customer_features: ibis.Table, customer_tastes: ibis.Table, champion: dict[str, Any]
) -> dict[str, Any]:
    model = Champion.from_json(champion)
    month = model.trained_as_of.replace(day=1)
    rows = reader(customer_features, customer_tastes)(month, list(BEHAVIOUR), MOST_READ)
    behaviour = Space.fit("behaviour", BEHAVIOUR, rows, price_per_item(rows))
    watched = Watched(model, behaviour)
    columns = watched.columns | set(quality.KPIS)
    customers = customers_as_of(customer_features, customer_tastes, month, columns)
    people = quality.placed(model, customers)
    centres = quality.middles(model, people)
    return {
        "model_version": model.version,
        "month": month.isoformat(),
        "behaviour": behaviour.as_json(),
        "centres": centres,
        "quality": quality.quality(people, centres),
        "counts": counting.rows_of(watched.counts(customers)),
    }


@table_asset(
    tables.DRIFT,
    code_version="2",
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES, this_and_earlier(13)),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier(24)),
        "champion": dg.AssetIn(CHAMPION),
        "training_profile": TRAINED,
    },
)
def drift_of_the_month(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    champion: dict[str, Any],
    training_profile: dict[str, Any],
) -> dg.MaterializeResult:
    model = Champion.from_json(champion)
    watched = Watched(model, Space.from_json(training_profile["behaviour"]))
    training = dt.date.fromisoformat(training_profile["month"])
    trained = counting.of_rows(training_profile["counts"])

    @cache
    def counts(month: dt.date) -> counting.Counts:
        return watched.counts(customers_as_of(customer_features, customer_tastes, month, watched.columns))

    @cache
    def found_in(month: dt.date) -> list[dict[str, Any]]:
        references: dict[str, tuple[dt.date, counting.Counts]] = {}
        # A model that was trained later has nothing to say about what changed since.
        if month > training:
            references[drift.TRAINING] = (training, trained)
        before = add_months(month, -12)
        longest = of_month(customer_features, before).tenure_days.max().to_pyarrow().as_py()
        # Windows of a year that the file begins in are no season to compare with.
        if longest is not None and longest >= YEAR_DAYS:
            references[drift.LAST_YEAR] = (before, counts(before))
        return drift.drift(counts(month), references, watched.growing, model.seed) if references else []

    rows: list[dict[str, Any]] = []
    for month in months_of(context):
        found = drift.lasting(found_in(month), found_in(add_months(month, -1)))
        day = as_of_dates(customer_features, [month])[month]
        rows += [{**row, "as_of": day, "month": month} for row in found]
    alarms = [row for row in found if row["alarm"]]
    judged = sum(row["judged"] for row in found)
    return dg.MaterializeResult(
        value=tables.DRIFT.in_memory(rows),
        metadata={
            "alarms": len(alarms),
            "judged": judged,
            "finding": dg.MetadataValue.md(
                "\n".join(f"- {row['words']}" for row in alarms)
                or (
                    f"No alarm in {judged} comparisons."
                    if judged
                    else "There is no whole year up to the same month of last year to compare with."
                )
            ),
        },
    )


@table_asset(
    tables.MODEL_QUALITY,
    code_version="2",
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier(11)),
        "champion": dg.AssetIn(CHAMPION),
        "training_profile": TRAINED,
    },
)
def quality_of_the_month(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    champion: dict[str, Any],
    training_profile: dict[str, Any],
) -> dg.MaterializeResult:
    model = Champion.from_json(champion)
    trained = training_profile["quality"]
    dates = as_of_dates(customer_features, months_of(context))
    version = {"model_version": model.version, "trained_as_of": model.trained_as_of}
    rows, everybody = [], {}
    for month in months_of(context):
        columns = {*model.space.columns, *quality.KPIS}
        customers = customers_as_of(customer_features, customer_tastes, month, columns)
        found = quality.quality(quality.placed(model, customers), training_profile["centres"])
        everybody = found.get(ALL, {})
        for segment, figures in found.items():
            then = {f"training_{name}": value for name, value in trained.get(segment, {}).items()}
            head = {"as_of": dates[month], "month": month, "segment": segment}
            rows.append({**head, **then, **figures, **version})
    names = {column.name for column in tables.MODEL_QUALITY.stored_columns}
    return dg.MaterializeResult(
        value=tables.MODEL_QUALITY.in_memory([{n: v for n, v in row.items() if n in names} for row in rows]),
        metadata={
            name: value
            for name in ("silhouette", "distance", "active_share")
            if (value := everybody.get(name)) is not None
        },
    )


@artifact_asset(
    "monitoring",
    DECISION,
    code_version="2",
    description="Whether the champion should be fitted anew: retrain, wait or ignore, with the reasons in words.",
    kinds={"json"},
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    ins={
        "drift": read(tables.DRIFT),
        "model_quality": read(tables.MODEL_QUALITY),
        "segment_stability": read(movement_tables.SEGMENT_STABILITY),
        "champion": dg.AssetIn(CHAMPION),
    },
)
def retrain_decision(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    drift: ibis.Table,
    model_quality: ibis.Table,
    segment_stability: ibis.Table,
    champion: dict[str, Any],
) -> dg.MaterializeResult:
    model = Champion.from_json(champion)

    def rows(table: ibis.Table, month: dt.date) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = of_month(table, month).to_pyarrow().to_pylist()
        return found

    values = {}
    for month in months_of(context):
        latest = need.evaluate_reclustering_need(
            month,
            model.trained_as_of,
            rows(drift, month),
            rows(segment_stability, month),
            rows(model_quality, month),
        )
        values[month.isoformat()] = {**latest.as_json(), "model_version": model.version}
    uri = warehouse.settings.mlflow_uri
    params = {"month": month.isoformat(), "verdict": latest.verdict, "model_version": model.version}
    tracking.log(uri, f"retrain decision {month:%Y-%m}", params, {}, latest.headline)
    return dg.MaterializeResult(
        value=values,
        metadata={
            "verdict": latest.verdict,
            "reasons": dg.MetadataValue.md(
                "\n".join(f"- **{r.question}: {r.vote}**. {r.words}" for r in latest.reasons)
            ),
        },
    )


class ChallengeConfig(dg.Config):
    """Whether a challenger is fitted without a retrain decision."""

    challenge: bool = Field(
        False, description="A person asks for a challenger on the latest month, whatever is decided"
    )


@table_asset(
    tables.CHALLENGES,
    code_version="2",
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES),
        "customer_days": read(feature_tables.CUSTOMER_DAYS),
        "later_values": read(segment_tables.LATER_VALUES),
        "candidates": read(segment_tables.CANDIDATES),
        "champion": dg.AssetIn(CHAMPION),
    },
    deps=[dg.AssetKey(["monitoring", DECISION])],
)
def challenges(
    context: dg.AssetExecutionContext,
    config: ChallengeConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
    later_values: ibis.Table,
    candidates: ibis.Table,
    champion: dict[str, Any],
) -> dg.MaterializeResult:
    stored = delta.open_table(warehouse.path, tables.CHALLENGES)
    rows: list[dict[str, Any]] = stored.to_pyarrow_table().to_pylist() if stored else []
    month = last_month_with_lines(customer_features)
    if month is None:
        raise HmAssetsError(
            "no customer has a purchase, so there is no champion to challenge: see raw/deliveries"
        )
    model = Champion.from_json(champion)
    file = artifacts.path_of(warehouse.path, CHAMPION.path)
    versions = history.known(file, file.with_name("champions"))
    dates = as_of_dates(customer_features, _months(customer_features))
    last_day: dt.date = customer_days.t_dat.max().to_pyarrow().as_py()
    past = challenge.later_month(dates, last_day, model)
    path = artifacts.path_of(warehouse.path, ["monitoring", DECISION], month.isoformat())
    decided: Mapping[str, Any] = artifacts.read_json(path) if path.exists() else {}
    why_not = _why_not(decided, month, model, versions, rows, dates[month], past)
    if why_not and not config.challenge:
        return _challenged(rows, why_not)

    effort, seed, algorithms, recipe = lab_settings(
        warehouse, LabConfig(algorithms=[], seed=None, refit=False)
    )
    load, spent = reader(customer_features, customer_tastes, customer_days), spender(customer_days)
    later = later_values.to_pyarrow().to_pylist()
    found = lab.run(
        load, spent, month, algorithms, later, effort, seed, context.log.info, warehouse.settings.processes
    )
    challenger = decision.champion(found.rows, found.choice, None)
    measured = challenge.compare(model, challenger, found, load, spent, past, effort, seed)
    outcome = challenge.judge(measured, model.decision["override"])
    asked_by = "a person" if config.challenge else "the retrain decision"
    row = {
        "as_of": dates[month],
        "champion_version": model.version,
        "candidate": challenger.decision["candidate"],
        "asked_by": asked_by,
        # Once there is a new champion the decision of this month is made anew, and is about that one.
        "decision": None if config.challenge else decided["headline"],
        "won": outcome.won,
        "reasons": "; ".join(outcome.reasons),
        "stability_gain": measured.stability,
        "separation_gain": measured.separation,
        **dict(zip(("later_gain", "later_gain_low", "later_gain_high"), measured.later or (), strict=False)),
        "recipe": recipe,
    }
    if outcome.won:
        highest = replace(model, last_id=history.highest_id(versions))
        crown = crowned_with_parts(challenger, highest, customer_features, customer_tastes)
        fingerprint = appointments.fingerprint(candidates.to_pyarrow().to_pylist())
        day = dates[month].isoformat()
        appointments.appoint(
            warehouse.path,
            crown,
            fingerprint,
            "promoted",
            asked_by,
            f"it beat {model.version}: {row['reasons']}",
            day,
        )
        report_appointments(context.instance, warehouse.path)
        row["promoted_version"] = crown.version
    gains = {name: row.get(name) for name in ("stability_gain", "separation_gain", "later_gain")}
    params = {name: row[name] for name in ("as_of", "champion_version", "candidate", "asked_by", "won")}
    tracking.log(
        warehouse.settings.mlflow_uri, f"challenger {row['candidate']}", params, gains, row["reasons"]
    )
    kept = [r for r in rows if (r["champion_version"], r["as_of"]) != (model.version, dates[month])]
    verb = "beat" if outcome.won else "did not beat"
    return _challenged([*kept, row], f"{row['candidate']} {verb} {model.version}: {row['reasons']}")


def _months(features: ibis.Table) -> list[dt.date]:
    found: list[dt.date] = features.select("month").distinct().to_pyarrow()["month"].to_pylist()
    return found


def _why_not(
    decided: Mapping[str, Any],
    month: dt.date,
    model: Champion,
    versions: list[Champion],
    rows: list[dict[str, Any]],
    as_of: dt.date,
    past: dt.date | None,
) -> str:
    """Why no challenger is fitted now; empty where one is."""
    if decided.get("model_version") != model.version:
        return f"there is no retrain decision of {month:%Y-%m} about this champion"
    if decided["verdict"] != "retrain":
        return f"the retrain decision of {month:%Y-%m} is to {decided['verdict']}"
    if past is None:
        return "the champion is too young to be beaten: no month after its training has 90 days after it"
    return challenge.is_due(model, versions, rows, as_of)


def _challenged(rows: list[dict[str, Any]], finding: str) -> dg.MaterializeResult:
    return dg.MaterializeResult(value=tables.CHALLENGES.in_memory(rows), metadata={"finding": finding})
