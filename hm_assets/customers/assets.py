"""The assets of this stage."""

from typing import Any

import dagster as dg
import ibis
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from hm_assets.customers import (
    draws,
    imputation,
    imputation_bench,
    imputation_pictures,
    mechanism,
    missingness,
    missingness_pictures,
    recoding,
    tables,
)
from hm_assets.customers.encoding import AGE, ATTRIBUTES, IMPUTABLE
from hm_assets.customers.imputation import Imputer
from hm_assets.raw import tables as raw
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.assets import artifact_asset, read, table_asset
from hm_assets.warehouse.io_manager import latest_record, version_of
from hm_assets.warehouse.resources import Warehouse

CUSTOMERS = dg.AssetKey(["customers", "customers"])
MODEL = dg.AssetKey(["customers", "imputation_model"])
IMPUTATION_VERSION = "1"


class ImputationConfig(dg.Config):
    """How unknown attributes are filled. A changed setting fits anew."""

    seed: int | None = Field(None, description="Seed of sample, bootstraps and draws; empty: HM_SEED")
    draws: int | None = Field(None, description="Completed sets, at least 2; empty: 5 (quick), 20 (full)")
    iterations: int = Field(10, description="Rounds of the chained equations")
    most_rows: int = Field(200_000, description="Customers that the equations are fitted on, at most")
    refit: bool = Field(False, description="Fit anew even where nothing changed")


@table_asset(tables.CUSTOMERS, code_version="2", ins={"raw_customers": read(raw.CUSTOMERS)})
def customers(raw_customers: ibis.Table) -> ibis.Table:
    return recoding.recode(raw_customers)


@table_asset(tables.MISSING_PATTERNS, code_version="1", ins={"customers": read(tables.CUSTOMERS)})
def missing_patterns(customers: ibis.Table) -> ibis.Table:
    return tables.MISSING_PATTERNS.in_memory(missingness.patterns(customers))


@table_asset(tables.MISSINGNESS_TESTS, code_version="1", ins={"customers": read(tables.CUSTOMERS)})
def missingness_tests(context: dg.AssetExecutionContext, customers: ibis.Table) -> ibis.Table:
    rows = mechanism.rows_of(customers)
    context.add_output_metadata({"findings": dg.MetadataValue.md(mechanism.as_markdown(rows))})
    return tables.MISSINGNESS_TESTS.in_memory(rows)


@table_asset(
    tables.MISSINGNESS,
    code_version="1",
    ins={
        "raw_customers": read(raw.CUSTOMERS),
        "customers": read(tables.CUSTOMERS),
        "missingness_tests": read(tables.MISSINGNESS_TESTS),
    },
)
def missing_by_column(
    context: dg.AssetExecutionContext,
    raw_customers: ibis.Table,
    customers: ibis.Table,
    missingness_tests: ibis.Table,
) -> ibis.Table:
    tests = missingness_tests.to_pyarrow().to_pylist()
    rows = missingness.by_column(raw_customers, customers, tests)
    context.add_output_metadata(
        {
            "columns": dg.MetadataValue.md(missingness.as_markdown(rows)),
            "picture": dg.MetadataValue.md(missingness_pictures.draw(rows)),
        }
    )
    return tables.MISSINGNESS.in_memory(rows)


@artifact_asset(
    *MODEL.path,
    code_version=IMPUTATION_VERSION,
    description=f"The fitted equations that fill unknown attributes, one set per draw. {imputation.METHOD}.",
    kinds={"scikitlearn", "json"},
    ins={"customers": read(tables.CUSTOMERS)},
)
def imputation_model(
    context: dg.AssetExecutionContext,
    config: ImputationConfig,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
) -> dg.MaterializeResult:
    seed = warehouse.settings.seed if config.seed is None else config.seed
    usual = 5 if warehouse.depth == "quick" else 20
    number = usual if config.draws is None else config.draws
    settings = [IMPUTATION_VERSION, seed, number, config.iterations, config.most_rows]
    given = version_of(latest_record(context.instance, CUSTOMERS))
    recipe = artifacts.recipe(*settings, given)
    path = artifacts.path_of(warehouse.path, MODEL.path)
    stored = artifacts.read_json(path) if path.exists() else None
    if stored is not None and stored["recipe"] == recipe and not config.refit:
        fit = "kept: customers and settings are those that it was fitted on; set `refit` to fit anew"
        model, value = Imputer.from_json(stored["model"]), stored
    else:
        fit = "fitted: " + ("first time" if stored is None else "customers, settings or code changed")
        model = Imputer.fit(_attributes(customers), number, config.iterations, config.most_rows, seed)
        value = {"recipe": recipe, "method": imputation.METHOD, "seed": seed, "model": model.as_json()}
    context.log.info(f"Imputation model {fit}")
    return dg.MaterializeResult(
        value=value,
        metadata={
            "fit": fit,
            "method": imputation.METHOD,
            "draws": len(model.equations),
            "can_fill": ", ".join(model.columns) or "nothing",
            "more_than_40_percent_unknown": ", ".join(model.unused) or "none",
            "r_hat": {
                name: f"{found.r_hat:.3f} (by chance up to {found.limit:.3f})"
                for name, found in imputation.mixing(model.traces).items()
            },
            "convergence": dg.MetadataValue.md(imputation_pictures.convergence(model)),
        },
    )


@table_asset(
    tables.IMPUTATIONS,
    code_version=IMPUTATION_VERSION,
    ins={"customers": read(tables.CUSTOMERS), "imputation_model": dg.AssetIn(MODEL)},
)
def imputations(customers: ibis.Table, imputation_model: dict[str, Any]) -> dg.MaterializeResult:
    model = Imputer.from_json(imputation_model["model"])
    everybody = _attributes(customers)
    unknown = everybody.filter(draws.any_of([pc.is_null(everybody[name]) for name in IMPUTABLE]))
    filled = draws.drawn(model, unknown, imputation_model["seed"])
    pooled = draws.pooled_mean_age(customers, ibis.memtable(filled))
    metadata: dict[str, Any] = {
        "method": imputation_model["method"],
        "customers_with_unknown_values": unknown.num_rows,
        "more_than_40_percent_unknown": ", ".join(model.unused) or "none",
        "observed_beside_imputed": dg.MetadataValue.md(
            imputation_pictures.observed_beside_imputed(everybody, filled)
        ),
    }
    if pooled is not None:
        metadata["mean_age_of_known"] = float(pc.mean(everybody[AGE]).as_py())
        metadata["mean_age_of_all_pooled"] = (
            f"{pooled.estimate:.2f} ({pooled.low:.2f} to {pooled.high:.2f}, 95 %)"
        )
    return dg.MaterializeResult(value=ibis.memtable(filled), metadata=metadata)


@table_asset(
    tables.IMPUTATION_SCORES, code_version=IMPUTATION_VERSION, ins={"customers": read(tables.CUSTOMERS)}
)
def imputation_scores(warehouse: dg.ResourceParam[Warehouse], customers: ibis.Table) -> dg.MaterializeResult:
    bench = imputation_bench.QUICK if warehouse.depth == "quick" else imputation_bench.FULL
    settings = warehouse.settings
    rows = imputation_bench.scores(_attributes(customers), bench, settings.seed, workers=settings.processes)
    return dg.MaterializeResult(
        # The seconds are for the reader; in the table they would give every run another version.
        value=tables.IMPUTATION_SCORES.in_memory(rows),
        metadata={
            "depth": warehouse.depth,
            "scores": dg.MetadataValue.md(
                imputation_bench.as_markdown(rows) if rows else "Not tried: too few ages are known."
            ),
        },
    )


def _attributes(customers: ibis.Table) -> pa.Table:
    """Key and attributes in memory, in the order of the keys: what a model learns depends on no other order."""
    return customers.order_by("customer_key").select("customer_key", *ATTRIBUTES).to_pyarrow()
