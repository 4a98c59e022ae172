"""The assets of this stage: the lab's tables, the champion among the candidates, and where it puts every customer."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
import numpy as np
from pydantic import Field

from hm_assets.customers import tables as customer_tables
from hm_assets.features import tables as feature_tables
from hm_assets.features.snapshot import last_month_with_lines
from hm_assets.segments import tables
from hm_assets.segments.algorithms.catalogue import Algorithm, tried_on
from hm_assets.segments.champion import appointments, history, registry
from hm_assets.segments.champion.champion import Champion, with_the_rest
from hm_assets.segments.champion.crowning import RANKED_BY, crowned, with_parts
from hm_assets.segments.choice import decision
from hm_assets.segments.inputs import customers_as_of
from hm_assets.segments.lab import back_test, lab
from hm_assets.segments.lab.effort import EFFORTS, Effort
from hm_assets.segments.lab.scorecard import RULE_COLUMNS
from hm_assets.segments.page import agreement as pairs
from hm_assets.segments.page import shown
from hm_assets.segments.page.pictured import Pictured
from hm_assets.segments.people import ORDER
from hm_assets.segments.reading import reader, spender
from hm_assets.segments.rules import induction as by_rule
from hm_assets.segments.space import Space
from hm_assets.sources import assets as source_assets
from hm_assets.warehouse import artifacts, delta, identity, tracking
from hm_assets.warehouse.assets import FIRST, OWNERS, artifact_asset, read, table_asset
from hm_assets.warehouse.calendar import as_of_dates
from hm_assets.warehouse.errors import HmAssetsError, WarehouseError
from hm_assets.warehouse.io_manager import DATA_VERSION, latest_record, version_of
from hm_assets.warehouse.partitions import months_of, this_and_earlier
from hm_assets.warehouse.resources import Warehouse

CODE_VERSION = "5"
CHAMPION = dg.AssetKey(["segments", "champion"])
BACK_TO_THE_LAB = "lab"
MOST_SPLIT = 20_000
FITTED = "fitted: for the first time, or code or settings changed"
KEPT = "kept: fitted before with the same settings; set `refit` in the Launchpad to fit anew"
PEOPLE = {
    "customer_features": read(feature_tables.CUSTOMER_FEATURES),
    "customer_tastes": read(feature_tables.CUSTOMER_TASTES),
}


class LabConfig(dg.Config):
    """Which clusterings are tried. A changed setting refits; a new month alone never does."""

    algorithms: list[str] = Field(
        [],
        description="Names of the catalogue, e.g. kmeans, gaussian_mixture; empty: HM_ALGORITHMS, else all",
    )
    seed: int | None = Field(None, description="Seed of samples and starts; empty: HM_SEED")
    refit: bool = Field(False, description="Fit anew on the latest month even where nothing changed")


class ChampionConfig(dg.Config):
    """Who decides which candidate places the customers."""

    override: str | None = Field(
        None,
        description="A person's choice, e.g. `kmeans 5 rfm`; it is printed wherever segments are shown. `lab` gives "
        "the choice back to the lab; empty keeps what was decided before",
    )


@table_asset(
    tables.LATER_VALUES,
    code_version=CODE_VERSION,
    ins={**PEOPLE, "customer_days": read(feature_tables.CUSTOMER_DAYS)},
)
def later_values(
    context: dg.AssetExecutionContext,
    config: LabConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
) -> dg.MaterializeResult:
    effort, seed, algorithms, recipe = lab_settings(warehouse, config)
    kept = None if config.refit else delta.fitted_with(warehouse.path, tables.LATER_VALUES, recipe)
    if kept is not None:
        return dg.MaterializeResult(value=ibis.memtable(kept), metadata={"fit": KEPT})
    months = customer_features.select("month").distinct().to_pyarrow()["month"].to_pylist()
    dates = as_of_dates(customer_features, months)
    last_day = customer_days.t_dat.max().to_pyarrow().as_py() or dt.date.min
    load, spent = reader(customer_features, customer_tastes, customer_days), spender(customer_days)
    rows = [
        {**row, "recipe": recipe}
        for month in back_test.cut_offs(dates, last_day, effort.later_months)
        for row in back_test.values(
            load, spent, month, algorithms, effort, seed, warehouse.settings.processes
        )
    ]
    cut_offs = sorted({row["as_of"].isoformat() for row in rows})
    return dg.MaterializeResult(
        value=tables.LATER_VALUES.in_memory(rows),
        metadata={"fit": FITTED, "depth": effort.depth, "cut_offs": ", ".join(cut_offs) or "none"},
    )


@table_asset(
    tables.CANDIDATES,
    code_version=CODE_VERSION,
    ins={
        **PEOPLE,
        "customer_days": read(feature_tables.CUSTOMER_DAYS),
        "later_values": read(tables.LATER_VALUES),
    },
)
def candidates(
    context: dg.AssetExecutionContext,
    config: LabConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    customer_days: ibis.Table,
    later_values: ibis.Table,
) -> dg.MaterializeResult:
    effort, seed, algorithms, recipe = lab_settings(warehouse, config)
    kept = None if config.refit else delta.fitted_with(warehouse.path, tables.CANDIDATES, recipe)
    if kept is not None:
        return dg.MaterializeResult(
            value=ibis.memtable(kept), metadata={"fit": KEPT, **_pictures(kept.to_pylist())}
        )
    month = last_month_with_lines(customer_features)
    if month is None:
        raise HmAssetsError("no customer has a purchase, so there is nobody to segment: see raw/deliveries")
    found = lab.run(
        reader(customer_features, customer_tastes, customer_days),
        spender(customer_days),
        month,
        algorithms,
        later_values.to_pyarrow().to_pylist(),
        effort,
        seed,
        context.log.info,
        warehouse.settings.processes,
    )
    rows = [{**row, "depth": effort.depth, "recipe": recipe} for row in found.rows]
    return dg.MaterializeResult(
        value=tables.CANDIDATES.in_memory(rows),
        metadata={"fit": FITTED, "depth": effort.depth, "structure": rows[0]["structure"], **_pictures(rows)},
    )


@artifact_asset(
    "segments",
    "champion",
    code_version=CODE_VERSION,
    description="The model that assigns every customer: a space, a model, segment ids and why it was chosen, as JSON.",
    kinds={"scikitlearn", "json"},
    ins={**PEOPLE, "candidates": read(tables.CANDIDATES)},
    deps=[source_assets.APPOINTMENTS],
)
def champion(
    config: ChampionConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    candidates: ibis.Table,
) -> dg.MaterializeResult:
    present = artifacts.path_of(warehouse.path, CHAMPION.path)
    before = history.known(present, present.with_name("champions"))
    previous = replace(before[-1], last_id=history.highest_id(before)) if before else None
    rows = candidates.to_pyarrow().to_pylist()
    appointed = appointments.all_of(warehouse.path)
    standing = appointments.standing(appointed, previous, appointments.fingerprint(rows))
    if standing is not None and config.override is None:
        crown = standing.crowned(previous.last_id if previous else 0)
    else:
        model = _chosen(rows, config.override, previous)
        # The same fit, chosen in the same way, stays as it was: a corrected month changes customers, and no model.
        crown = history.same_choice(before, model) or crowned_with_parts(
            model, previous, customer_features, customer_tastes
        )
        if appointed:
            decided = {**crown.decision, appointments.SUPERSEDED: appointed[-1].number}
            crown = replace(crown, decision=decided)
    history.keep(present.with_name("champions"), crown)
    _track(warehouse, crown, rows)
    seen = _pictured(crown, [], customer_features, customer_tastes)
    return dg.MaterializeResult(
        value=crown.as_json(),
        metadata={
            "model_version": crown.version,
            "champion": crown.decision["headline"],
            "why": dg.MetadataValue.md("\n\n".join(crown.decision["reasons"])),
            "runner_up": crown.decision["runner_up"] or "none",
            "trained_as_of": crown.trained_as_of.isoformat(),
            "sizes": dg.MetadataValue.md(shown.sizes(seen)),
            "two_dimensions": dg.MetadataValue.md(shown.plane(seen)),
            "what_segments_are_like": dg.MetadataValue.md(shown.heat_map(seen)),
            "registry": dg.MetadataValue.md(registry.as_markdown(registry.versions(warehouse.path))),
        },
    )


def _track(warehouse: Warehouse, crown: Champion, rows: Sequence[dict[str, Any]]) -> None:
    """The champion's fit for MLflow, where a server is named; a promoted one's figures are with its challenge."""
    fitted = [row for row in rows if decision.name(row) == crown.decision["candidate"]]
    of_this = fitted[0] if fitted and fitted[0]["trained_as_of"] == crown.trained_as_of else {}
    params = {
        "algorithm": crown.algorithm,
        "space": crown.space.name,
        "segments": len(crown.ids),
        "seed": crown.seed,
    }
    params |= {"version": crown.version, "trained_as_of": crown.trained_as_of}
    figures = {
        name: of_this.get(name) for name in ("stability", "centroid_silhouette", "later_value", "fidelity")
    }
    note = crown.decision["reasons"][0]
    tracking.log(warehouse.settings.mlflow_uri, f"champion {crown.version}", params, figures, note)


def _chosen(rows: Sequence[dict[str, Any]], asked: str | None, previous: Champion | None) -> Champion:
    """What the lab's rules, or a person now or before, make of the candidates."""
    override = asked or (previous.decision["override"] if previous else None)
    override = None if override == BACK_TO_THE_LAB else override
    try:
        chosen = decision.decide(rows, decision.has_structure(rows), override)
    except ValueError as error:
        raise HmAssetsError(
            f"segments/champion: {error}. The override `{BACK_TO_THE_LAB}` gives the choice back to the lab."
        ) from None
    return decision.champion(rows, chosen, override)


def crowned_with_parts(
    model: Champion, previous: Champion | None, features: ibis.Table, tastes: ibis.Table
) -> Champion:
    """A fitted model with settled ids, matched to the champion before it, and with the parts of its large segments."""
    month = model.trained_as_of.replace(day=1)

    def people(space: Space) -> ibis.Table:
        return customers_as_of(features, tastes, month, {*space.columns, *RANKED_BY})

    crown = crowned(model, people(model.space), previous, people(previous.space) if previous else None)
    return with_parts(crown, reader(features, tastes)(month, crown.space.columns, MOST_SPLIT))


@table_asset(tables.RULES, code_version=CODE_VERSION, ins={**PEOPLE, "champion": dg.AssetIn(CHAMPION)})
def rules(
    customer_features: ibis.Table, customer_tastes: ibis.Table, champion: dict[str, Any]
) -> dg.MaterializeResult:
    model = Champion.from_json(champion)
    columns = {*RULE_COLUMNS, *model.space.columns}
    people = customers_as_of(customer_features, customer_tastes, model.trained_as_of.replace(day=1), columns)
    placed = model.assign(people).select("customer_key", "segment_id")
    rows = people.select(*ORDER, *(c for c in RULE_COLUMNS if c not in ORDER)).inner_join(
        placed, "customer_key"
    )
    order = dict.fromkeys([*ORDER[:-1], *RULE_COLUMNS, ORDER[-1]])
    known = rows.order_by(list(order)).to_pyarrow()
    labels = known["segment_id"].to_numpy().astype(np.int64)
    found = by_rule.rules(known.select(RULE_COLUMNS), labels, model.seed)
    return dg.MaterializeResult(
        value=tables.RULES.in_memory(
            [{**rule.row(), "as_of": model.trained_as_of, "model_version": model.version} for rule in found]
        ),
        metadata={
            "rules": dg.MetadataValue.md(
                "\n".join(f"- segment {rule.segment}: {rule.words}. {rule.verdict}" for rule in found)
            )
        },
    )


@table_asset(
    tables.ASSIGNMENTS,
    op_tags=FIRST,
    code_version=CODE_VERSION,
    ins={
        "customer_features": read(feature_tables.CUSTOMER_FEATURES),
        "customer_tastes": read(feature_tables.CUSTOMER_TASTES, this_and_earlier(11)),
        "champion": dg.AssetIn(CHAMPION),
        "customers": read(customer_tables.CUSTOMERS),
    },
)
def assignments(
    context: dg.AssetExecutionContext,
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    champion: dict[str, Any],
    customers: ibis.Table,
) -> list[ibis.Table]:
    model = Champion.from_json(champion)
    dates = as_of_dates(customer_features, months_of(context))
    parts = []
    for month in months_of(context):
        people = customers_as_of(customer_features, customer_tastes, month, model.space.columns)
        parts.append(with_the_rest(model.assign(people), customers, dates[month], month, model))
    return parts


@table_asset(tables.AGREEMENT, code_version="1", ins={**PEOPLE, "candidates": read(tables.CANDIDATES)})
def agreement(
    customer_features: ibis.Table, customer_tastes: ibis.Table, candidates: ibis.Table
) -> ibis.Table:
    rows = candidates.to_pyarrow().to_pylist()
    found = pairs.agreement(rows, reader(customer_features, customer_tastes))
    return tables.AGREEMENT.in_memory([{**pair, "recipe": rows[0]["recipe"]} for pair in found])


SHOWN = (tables.CANDIDATES, tables.LATER_VALUES, tables.AGREEMENT)


@dg.asset(
    key=["segments", "report"],
    group_name="segments",
    description="One HTML page that shows how the segments were chosen, in the reports folder of the training month.",
    kinds={"html", "plotly"},
    owners=[*OWNERS, "team:marketing"],
    code_version="1",
    ins={**PEOPLE, "champion": dg.AssetIn(CHAMPION), **{table.name: read(table) for table in SHOWN}},
)
def report(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    champion: dict[str, Any],
    customer_features: ibis.Table,
    customer_tastes: ibis.Table,
    candidates: ibis.Table,
    later_values: ibis.Table,
    agreement: ibis.Table,
) -> dg.MaterializeResult:
    from hm_assets.segments.page import report as pages

    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(f"{warehouse.path} is not set up yet; run `hm run` once")
    crown = Champion.from_json(champion)
    rows, later, agreeing = (t.to_pyarrow().to_pylist() for t in (candidates, later_values, agreement))
    month = crown.trained_as_of.replace(day=1).isoformat()
    read_of: dict[str, str | None] = {**{table.path: None for table in SHOWN}, "/".join(CHAMPION.path): None}
    read_of[feature_tables.CUSTOMER_FEATURES.path] = month
    versions = {
        path: version_of(latest_record(context.instance, dg.AssetKey(path.split("/")), partition))
        or "unknown"
        for path, partition in read_of.items()
    }
    document = pages.write_report(
        rows,
        later,
        agreeing,
        _pictured(crown, rows, customer_features, customer_tastes),
        reports=warehouse.settings.reports_dir,
        versions=versions,
        source=known.source,
    )
    folder = document.parent.name
    return dg.MaterializeResult(
        data_version=dg.DataVersion(hashlib.sha256(document.read_bytes()).hexdigest()[:16]),
        metadata={
            "report": dg.MetadataValue.md(
                f"[{folder}]({warehouse.settings.portal_url}/reports/{folder}/{document.name})"
            ),
            "file": dg.MetadataValue.path(str(document)),
        },
    )


def report_appointments(instance: dg.DagsterInstance, warehouse: Path) -> None:
    """Tell Dagster of appointments that it was not told yet, so that the champion is made anew."""
    key, version = source_assets.APPOINTMENTS.key, appointments.version(warehouse)
    if version is not None and version_of(latest_record(instance, key)) != version:
        event = dg.AssetMaterialization(key, tags={DATA_VERSION: version})
        instance.report_runless_asset_event(event)


def _pictures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of all candidates together, for the UI."""
    return {
        "how_many_segments": dg.MetadataValue.md(shown.curves(rows)),
        "stability": dg.MetadataValue.md(shown.stability(rows)),
    }


def _pictured(
    crown: Champion, rows: Sequence[dict[str, Any]], features: ibis.Table, tastes: ibis.Table
) -> Pictured:
    """Some customers of the training month with the columns that the candidates need, and all of them counted."""
    month = crown.trained_as_of.replace(day=1)
    placed = crown.assign(customers_as_of(features, tastes, month, crown.space.columns))
    counted = placed.group_by("segment_id").agg(customers=placed.count()).to_pyarrow().to_pylist()
    sizes = {row["segment_id"]: row["customers"] for row in counted}
    return Pictured.of(reader(features, tastes), crown, rows, sizes, crown.seed)


def lab_settings(warehouse: Warehouse, config: LabConfig) -> tuple[Effort, int, Sequence[Algorithm], str]:
    """Effort, seed, algorithms and the recipe of all that a fit depends on besides the data."""
    offered = tried_on(warehouse.settings.engine)
    known = list(dict.fromkeys(algorithm.name for algorithm in offered))
    asked = config.algorithms or [
        name.strip() for name in warehouse.settings.algorithms.split(",") if name.strip()
    ]
    if unknown := [name for name in asked if name not in known]:
        raise HmAssetsError(
            f"algorithms: {', '.join(unknown)} is not in the lab; say any of {', '.join(known)}"
        )
    wanted = {*asked, decision.FALLBACK} if asked else set(known)
    seed = warehouse.settings.seed if config.seed is None else config.seed
    recipe = artifacts.recipe(CODE_VERSION, warehouse.depth, seed, sorted(wanted))
    return EFFORTS[warehouse.depth], seed, [a for a in offered if a.name in wanted], recipe
