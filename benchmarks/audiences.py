"""Seconds and memory of audiences at H&M's size: `python -m benchmarks.audiences WAREHOUSE`.

The warehouse is made where it is not there: simulated customers with every table that audiences read, so that nothing
of a real customer is needed. Each line is a whole `hm audience`, with the start of Python.
"""

import argparse
import datetime as dt
import resource
import sys
from pathlib import Path

import duckdb

from benchmarks import measure
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features.tables import AFFINITIES, ATTRIBUTE_VALUES, CUSTOMER_FEATURES
from hm_assets.forecasts.tables import CUSTOMERS as OUTLOOK
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.warehouse import delta, identity
from hm_assets.warehouse.keys import customer_key_sql
from hm_assets.warehouse.schema import Table

MONTH, AS_OF = dt.date(2020, 9, 1), dt.date(2020, 9, 22)
PLAIN = {"string": "'x'", "date": f"DATE '{AS_OF}'", "boolean": "false"}
EXPORTS = ("csv", "parquet", "klaviyo")


def simulate(warehouse: Path, customers: int) -> None:
    """Write the tables that audiences read, for that many customers."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE TABLE people AS SELECT sha256(i::VARCHAR) AS customer_id,
            {customer_key_sql("customer_id")} AS customer_key, hash(i) AS h, i FROM range({customers}) t(i)"""
        )
        connection.execute("SELECT setseed(0.5)")
        for table, source, given in (
            (
                CUSTOMERS,
                "people",
                {
                    "customer_id": "customer_id",
                    "customer_key": "customer_key",
                    "fn": "(i % 3 = 0)::INT",
                    "club_member_status": "CASE i % 50 WHEN 0 THEN 'LEFT CLUB' WHEN 1 THEN NULL ELSE 'ACTIVE' END",
                    "age": "CASE WHEN i % 90 > 5 THEN 16 + (h % 70)::INT END",
                },
            ),
            (ASSIGNMENTS, "people", {"customer_key": "customer_key", "segment_id": "(h % 7)::INT"}),
            (
                CUSTOMER_FEATURES,
                "people",
                {
                    "customer_key": "customer_key",
                    "recency_days": "(h % 700)::INT",
                    "online_share_365d": "(h % 11) / 10",
                    "lifecycle_stage": "['new', 'active', 'lost'][(1 + h % 3)::INT]",
                    "value_tier": "['low', 'medium', 'high'][(1 + h % 3)::INT]",
                },
            ),
            (
                OUTLOOK,
                "people",
                {
                    "customer_key": "customer_key",
                    "p_order_90d": "(h % 1000) / 1000",
                    "value_90d": "(h % 997) / 1000",
                    "value_12m": "(h % 997) / 250",
                },
            ),
            (
                AFFINITIES,
                "people, range(1, 7) p(n)",
                {
                    "customer_key": "customer_key",
                    "attribute": "'product_group'",
                    "position": "n",
                    "affinity": "hash(i, n) % 300 / 100",
                },
            ),
            (
                ATTRIBUTE_VALUES,
                "range(1, 7) p(n)",
                {"attribute": "'product_group'", "position": "n", "value": "'group ' || n"},
            ),
        ):
            _write(connection, warehouse, table, source, given)
    identity.claim(warehouse, "simulated customers", warehouse, (MONTH, AS_OF), "full", AS_OF)


def _write(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, table: Table, source: str, given: dict[str, str]
) -> None:
    schema = table.arrow_schema()
    values = {
        column.name: given.get(column.name, "NULL" if column.nullable else PLAIN.get(column.type, "1"))
        for column in table.columns
    } | ({"month": f"DATE '{MONTH}'"} if table.monthly else {})
    columns = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    batches = connection.execute(f"SELECT {columns} FROM {source}").fetch_record_batch(100_000)
    delta.write(
        warehouse, table, (batch.cast(schema) for batch in batches), *([[MONTH]] if table.monthly else [])
    )


def run(warehouse: Path, *arguments: str) -> measure.Timing:
    """One `hm audience`."""
    return measure.timed(
        [sys.executable, "-m", "hm_assets.cli", "audience", "--warehouse", str(warehouse), *arguments]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--customers", type=int, default=1_371_980)
    asked = parser.parse_args()
    if not asked.warehouse.exists():
        simulate(asked.warehouse, asked.customers)
    rule = "segment=1,2,3 and churn>=50% and category='group 1' and not value=low".replace("'", '"')
    for name, arguments in {
        "size": ["--where", rule],
        "size and overlap of four": [
            *("--where", rule, "--overlap", "optin", "--overlap", "stage=lost", "--overlap", "channel=online")
        ],
        **{
            f"everybody as {layout}": [
                *("--where", "everybody", "--by", "other", "--layout", layout, "--name", f"all {layout}"),
                *("--to", str(asked.warehouse.with_name(f"{asked.warehouse.name}-{layout}.out"))),
            ]
            for layout in EXPORTS
        },
    }.items():
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        took = run(asked.warehouse, *arguments)
        worked = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        print(
            f"{name}: {took.seconds:.1f} s ({worked:.1f} s of work), {took.peak_mb:,.0f} MB: "
            f"{took.output.strip().splitlines()[0]}",
            flush=True,
        )
