"""What a script without the platform would do: the other side of the ratios. DuckDB, deltalake, nothing else."""

import sys
from pathlib import Path

import duckdb
from deltalake import DeltaTable, write_deltalake

KEY = "('0x' || substr(md5(customer_id), 1, 15))::BIGINT"


def connect() -> duckdb.DuckDBPyConnection:
    """A connection like the platform's: the same memory limit, order of rows not kept."""
    return duckdb.connect(config={"memory_limit": "3500MB", "preserve_insertion_order": "false"})


def ingest(raw: Path, target: Path) -> None:
    """Transactions to a Delta table by month with integer keys, unchecked; customers and articles beside it."""
    connection = connect()
    for name, key in (
        ("customers", f"{KEY} AS customer_key"),
        ("articles", "article_id::BIGINT AS article_key"),
    ):
        rows = connection.execute(
            f"SELECT {key}, * FROM read_csv('{raw}/{name}.csv', all_varchar = true)"
        ).to_arrow_reader()
        write_deltalake(str(target / name), rows, mode="overwrite")
    rows = connection.execute(
        f"""
        SELECT t_dat, {KEY} AS customer_key, article_id::BIGINT AS article_key, price, sales_channel_id,
               'transactions_train.csv' AS source_file, date_trunc('month', t_dat)::DATE AS month
        FROM read_csv('{raw}/transactions_train.csv', columns = {{'t_dat': 'DATE', 'customer_id': 'VARCHAR',
                      'article_id': 'VARCHAR', 'price': 'DOUBLE', 'sales_channel_id': 'TINYINT'}})
        """
    ).to_arrow_reader(1 << 17)
    write_deltalake(str(target / "transactions"), rows, mode="overwrite", partition_by=["month"])


def rfm(warehouse: Path, target: Path) -> None:
    """The figures of `features/customer_features` of the last month from the platform's customer-days."""
    files = DeltaTable(str(warehouse / "features" / "customer_days")).file_uris()
    connection = connect()
    connection.execute(f"CREATE VIEW days AS SELECT * FROM read_parquet({files!r}, hive_partitioning = true)")
    rows = connection.execute(
        """
        WITH today AS (SELECT max(t_dat) AS as_of FROM days)
        SELECT customer_key, any_value(as_of) AS as_of,
               any_value(as_of) - max(t_dat) AS recency_days, any_value(as_of) - min(t_dat) AS tenure_days,
               count(DISTINCT t_dat) AS purchase_days, count(*) AS orders, sum(items)::BIGINT AS items,
               sum(spend) AS spend,
               count(*) FILTER (t_dat > as_of - 365) AS orders_365d,
               count(*) FILTER (t_dat > as_of - 365 AND sales_channel_id = 2) AS online_orders_365d,
               coalesce(sum(items) FILTER (t_dat > as_of - 365), 0)::BIGINT AS items_365d,
               coalesce(sum(spend) FILTER (t_dat > as_of - 365), 0) AS spend_365d
        FROM days, today GROUP BY customer_key
        """
    ).to_arrow_reader(1 << 17)
    write_deltalake(str(target / "rfm"), rows, mode="overwrite")


if __name__ == "__main__":
    {"ingest": ingest, "rfm": rfm}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
