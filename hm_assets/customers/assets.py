"""The assets of this stage."""

from typing import Any

import dagster as dg
import ibis
import pyarrow as pa

from hm_assets.customers import mechanism, missingness, missingness_picture, recoding, tables
from hm_assets.raw import tables as raw
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.schema import Table


@table_asset(tables.CUSTOMERS, code_version="2", ins={"raw_customers": read(raw.CUSTOMERS)})
def customers(raw_customers: ibis.Table) -> ibis.Table:
    return recoding.recode(raw_customers)


@table_asset(tables.MISSING_PATTERNS, code_version="1", ins={"customers": read(tables.CUSTOMERS)})
def missing_patterns(customers: ibis.Table) -> ibis.Table:
    return _table(tables.MISSING_PATTERNS, missingness.patterns(customers))


@table_asset(tables.MISSINGNESS_TESTS, code_version="1", ins={"customers": read(tables.CUSTOMERS)})
def missingness_tests(context: dg.AssetExecutionContext, customers: ibis.Table) -> ibis.Table:
    rows = mechanism.rows_of(customers)
    context.add_output_metadata({"findings": dg.MetadataValue.md(mechanism.as_markdown(rows))})
    return _table(tables.MISSINGNESS_TESTS, rows)


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
            "picture": dg.MetadataValue.md(missingness_picture.draw(rows)),
        }
    )
    return _table(tables.MISSINGNESS, rows)


def _table(table: Table, rows: list[dict[str, Any]]) -> ibis.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=table.arrow_schema()))
