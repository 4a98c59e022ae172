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


def snapshot(warehouse: Path, target: Path) -> None:
    """Sums of the whole history and of four windows, gaps between days and tastes of the last month, joined."""
    connection = connect()
    for name in ("customer_days", "customer_tastes"):
        files = DeltaTable(str(warehouse / "features" / name)).file_uris()
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r}, hive_partitioning = true)"
        )
    ((as_of,),) = connection.execute("SELECT max(t_dat) FROM customer_days").fetchall()
    tastes = [row[0] for row in connection.execute("DESCRIBE customer_tastes").fetchall()]
    tastes = [name for name in tastes if name not in ("customer_key", "month")]
    sums = "sum(items) AS items, sum(spend) AS spend, sum(new_day) AS days, count(*) AS orders"
    more = "sum(items_below_reference) AS below, sum(items_referenced) AS referenced, sum(reference_spend) AS reference"
    blocks = [
        f"""SELECT customer_key, '{as_of}'::DATE - max(t_dat) AS recency_days,
        '{as_of}'::DATE - min(t_dat) AS tenure_days, {sums} FROM customer_days GROUP BY ALL""",
        """SELECT customer_key, avg(gap) AS mean_gap, stddev(gap) AS sd_gap, median(gap) AS usual_gap FROM (
        SELECT customer_key, t_dat - lag(t_dat) OVER (PARTITION BY customer_key ORDER BY t_dat) AS gap
        FROM customer_days WHERE new_day = 1) WHERE gap IS NOT NULL GROUP BY ALL""",
        f"""SELECT customer_key, {", ".join(f"sum({name}) AS {name}" for name in tastes)} FROM customer_tastes
        WHERE month > '{as_of}'::DATE - 365 GROUP BY ALL""",
    ]
    blocks += [
        f"SELECT customer_key, {sums}, {more} FROM customer_days WHERE t_dat > '{as_of}'::DATE - {w} GROUP BY ALL"
        for w in (7, 30, 90, 365)
    ]
    joins = " ".join(
        f"LEFT JOIN ({block}) AS b{i} ON b0.customer_key = b{i}.customer_key"
        for i, block in enumerate(blocks[1:], start=1)
    )
    columns = ", ".join(
        f"b{i}.{row[0]} AS {row[0]}_{i}"
        for i, block in enumerate(blocks)
        for row in connection.execute(f"DESCRIBE {block}").fetchall()
        if row[0] != "customer_key"
    )
    query = f"SELECT b0.customer_key, {columns} FROM ({blocks[0]}) AS b0 {joins}"
    write_deltalake(
        str(target / "snapshot"), connection.execute(query).to_arrow_reader(1 << 17), mode="overwrite"
    )


def kmeans(points: Path, target: Path) -> None:
    """Ten starts of k-means on all rows, k = 5."""
    import numpy as np
    from sklearn.cluster import KMeans

    KMeans(5, n_init=10, max_iter=300, random_state=42).fit(np.load(points))


def gaussian_mixture(points: Path, target: Path) -> None:
    """A full-covariance mixture of five, on as many rows as the platform takes."""
    import numpy as np
    from sklearn.mixture import GaussianMixture

    GaussianMixture(5, random_state=42).fit(np.load(points)[:200_000])


PARTS = {"ingest": ingest, "snapshot": snapshot, "kmeans": kmeans, "gaussian_mixture": gaussian_mixture}

if __name__ == "__main__":
    PARTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
