"""The assets of this stage: what depends on what. How a file is read stands in the modules beside this one."""

import datetime as dt
from collections.abc import Iterator

import dagster as dg
import ibis

from hm_assets.raw import deliveries as books
from hm_assets.raw import ingestion, landing, settling, tables
from hm_assets.raw import rejects as refused
from hm_assets.raw.ingestion import Account, Accounts
from hm_assets.raw.landing import Landing
from hm_assets.sources import assets as sources
from hm_assets.warehouse import identity
from hm_assets.warehouse.assets import read_on_duckdb, table_asset
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.checks import tell_by_month
from hm_assets.warehouse.engine import DuckDBEngine
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.partitions import MONTHS, months_of
from hm_assets.warehouse.resources import Warehouse
from hm_assets.warehouse.schema import Table

NOTHING_LOST, FEW_REFUSED = "no_row_is_lost", "few_rows_are_refused"


def _checks(table: Table) -> list[dg.AssetCheckSpec]:
    described = {
        NOTHING_LOST: "Rows = accepted + refused.",
        FEW_REFUSED: "In no file is the share of refused rows above HM_MAX_REJECTED_SHARE.",
    }
    # By month: a sound December says nothing of the November whose rows were refused.
    months = MONTHS if table.monthly else None
    key = dg.AssetKey([table.stage, table.name])
    return [
        dg.AssetCheckSpec(name, asset=key, blocking=True, description=text, partitions_def=months)
        for name, text in described.items()
    ]


def _check_results(accounts: Accounts, limit: float) -> list[dg.AssetCheckResult]:
    worst = max(accounts.entries, key=lambda account: account.refused_share, default=None)
    share = worst.refused_share if worst else 0.0
    return [
        dg.AssetCheckResult(
            check_name=NOTHING_LOST,
            passed=not accounts.missing,
            metadata={
                account.file.name: f"{account.expected} rows = {account.accepted} + {account.refused} refused"
                for account in accounts.entries
            },
        ),
        dg.AssetCheckResult(
            check_name=FEW_REFUSED,
            passed=share <= limit,
            description=f"{worst.file.name if worst else 'no file'}: {share:.2%} of the rows refused, {limit:.2%} "
            f"allowed. {_reasons(worst)}",
            metadata={"refused_share": share},
        ),
    ]


def _reasons(account: Account | None) -> str:
    found = account.reasons if account else {}
    if not found:
        return "The rows and reasons are in raw/rejects."
    return "Refused: " + "; ".join(f"{count:,} for {reason}" for reason, count in found.items()) + "."


def _result(
    context: dg.AssetExecutionContext, warehouse: Warehouse, rows: ibis.Table, accounts: Accounts
) -> dg.MaterializeResult:
    refused, repaired = (sum(getattr(a, name) for a in accounts.entries) for name in ("refused", "repaired"))
    for account in accounts.entries:
        if account.file.ignored_columns:
            context.log.info(f"{account.file.name}: left out {', '.join(account.file.ignored_columns)}")
    if repaired:
        context.log.warning(f"{repaired:,} article ids had lost their leading zero; they have it again")
    return dg.MaterializeResult(
        value=rows,
        metadata={"refused_rows": refused, "repaired_ids": repaired},
        check_results=_check_results(accounts, warehouse.settings.max_rejected_share),
    )


def _survey(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Landing:
    known = identity.read(warehouse.path)
    if known is None:
        raise WarehouseError(
            f"{warehouse.path} is not set up yet; `hm run` does it (it records the landing zone)"
        )
    # Files may arrive while a run goes on: those that are no business of this step do not end it.
    seconds = 0 if known.fetched_from else warehouse.settings.settle_seconds
    settled = settling.by_a_second_look(seconds)
    landed = landing.survey(known.raw, warehouse.path, context.log.info, settled)
    for why in landed.held.values():
        context.log.warning(f"held back: {why}")
    return landed


def _engine(context: dg.AssetExecutionContext, warehouse: Warehouse) -> DuckDBEngine:
    """Files are read by DuckDB whatever the engine; see `reading.py`."""
    return warehouse.duckdb(f"{context.run.run_id}:{context.op_execution_context.op_handle}")


@table_asset(
    tables.CUSTOMERS, code_version="1", deps=[sources.CUSTOMERS], check_specs=_checks(tables.CUSTOMERS)
)
def customers(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    engine = _engine(context, warehouse)
    landed = _survey(context, warehouse).customers
    account = ingestion.read_customers(engine.connection, landed, warehouse.path)
    return _result(context, warehouse, engine.backend.table("customers"), Accounts([account]))


@table_asset(tables.ARTICLES, code_version="1", deps=[sources.ARTICLES], check_specs=_checks(tables.ARTICLES))
def articles(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    engine = _engine(context, warehouse)
    landed = _survey(context, warehouse).articles
    account = ingestion.read_articles(engine.connection, landed, warehouse.path)
    return _result(context, warehouse, engine.backend.table("articles"), Accounts([account]))


def _known_ids(engine: DuckDBEngine, customers: ibis.Table, articles: ibis.Table) -> None:
    """The ids that a line may name, as the temporary tables that reading transactions joins."""
    for name, ids in (
        ("customers", customers.select("customer_id", "customer_key")),
        ("articles", articles.select("article_id", "article_key")),
    ):
        engine.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS {ibis.to_sql(ids, dialect='duckdb')}"
        )


READ_IDS = {"customers": read_on_duckdb(tables.CUSTOMERS), "articles": read_on_duckdb(tables.ARTICLES)}
READ_ALL = {**READ_IDS, "transactions": read_on_duckdb(tables.TRANSACTIONS)}


@table_asset(
    tables.TRANSACTIONS,
    code_version="1",
    ins=READ_IDS,
    deps=[sources.TRANSACTIONS],
    check_specs=_checks(tables.TRANSACTIONS),
)
def transactions(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
    articles: ibis.Table,
) -> Iterator[dg.MaterializeResult]:
    months = months_of(context)
    landed = _survey(context, warehouse)
    engine = _engine(context, warehouse)
    _known_ids(engine, customers, articles)
    accounts = ingestion.read_transactions(engine.connection, landed.months_by_file(months), warehouse.path)
    result = _result(context, warehouse, engine.backend.table("transactions"), accounts)
    yield result
    # Told of what is written, so after it.
    for check in result.check_results:
        key = dg.AssetCheckKey(context.asset_key, str(check.check_name))
        tell_by_month(context.op_execution_context, key, check)


def _accepted(transactions: ibis.Table) -> dict[tuple[str, dt.date], int]:
    counts = transactions.group_by("source_file", "month").agg(rows=transactions.count()).to_pyarrow()
    return {(row["source_file"], row["month"]): row["rows"] for row in counts.to_pylist()}


def _accepted_ids(customers: ibis.Table, articles: ibis.Table) -> dict[str, int]:
    return {"customers": int(customers.count().execute()), "articles": int(articles.count().execute())}


def _ingested(context: dg.AssetExecutionContext) -> set[dt.date]:
    key = dg.AssetKey(["raw", "transactions"])
    return {parse_month(partition) for partition in context.instance.get_materialized_partitions(key)}


# Refused rows change no table above: what is told about them follows the files themselves.
@table_asset(tables.REJECTS, code_version="2", ins=READ_ALL, deps=sources.FILES)
def rejects(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
    articles: ibis.Table,
    transactions: ibis.Table,
) -> ibis.Table:
    engine, landed = _engine(context, warehouse), _survey(context, warehouse)
    suspects = books.suspects(
        landed, _accepted(transactions), _accepted_ids(customers, articles), _ingested(context)
    )
    if suspects:
        _known_ids(engine, customers, articles)
    refused.explain(engine.connection, suspects, warehouse.path)
    return engine.backend.table("rejects")


@table_asset(tables.DELIVERIES, code_version="2", ins=READ_ALL, deps=sources.FILES)
def deliveries(
    context: dg.AssetExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    customers: ibis.Table,
    articles: ibis.Table,
    transactions: ibis.Table,
) -> ibis.Table:
    landed = _survey(context, warehouse)
    ids = _accepted_ids(customers, articles)
    rows = books.deliveries_of(landed, _accepted(transactions), ids, _ingested(context))
    return tables.DELIVERIES.in_memory(rows)
