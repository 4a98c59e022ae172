"""RFM and windows from lines in other tools: what `benchmarks.rfm` runs, each in a process of its own.

`python rfm_peers.py TOOL TASK FILES TARGET DAY`: FILES is a JSON list of Parquet files with t_dat, customer_key, price
and sales_channel_id; TARGET is the Parquet file to write. An order is a customer's day in a channel. Each function is
what the tool's own documentation would have one write; none imports the platform.

TASK `rfm`: a row per customer with recency_days, orders, spend. TASK `windows`: orders, items and spend of the last 7,
30, 90 and 365 days.
"""

import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WINDOWS = (7, 30, 90, 365)
COLUMNS = ["t_dat", "customer_key", "price", "sales_channel_id"]
DRIVER_MEMORY = "8g"


def pandas_rfm(files: list[str], day: dt.date) -> Any:
    """pandas, with pyarrow's reader."""
    lines = _in_pandas(files, day)
    found = lines.groupby("customer_key").agg(
        last=("t_dat", "max"), orders=("order", "nunique"), spend=("price", "sum")
    )
    found["recency_days"] = (_stamp(day) - found.pop("last")).dt.days
    return found.reset_index()


def pandas_windows(files: list[str], day: dt.date) -> Any:
    """pandas, a group-by per window."""
    import pandas as pd

    lines = _in_pandas(files, day)
    parts = []
    for window in WINDOWS:
        inside = lines[lines.t_dat > _stamp(day - dt.timedelta(days=window))]
        part = inside.groupby("customer_key").agg(
            orders=("order", "nunique"), items=("price", "size"), spend=("price", "sum")
        )
        parts.append(part.add_suffix(f"_{window}d"))
    return pd.concat(parts, axis=1).reset_index()


def _stamp(day: dt.date) -> Any:
    import pandas as pd

    return pd.Timestamp(day)


def _in_pandas(files: list[str], day: dt.date) -> Any:
    import pandas as pd
    import pyarrow.dataset as ds

    lines = ds.dataset(files).to_table(columns=COLUMNS).to_pandas(date_as_object=False, self_destruct=True)
    lines["t_dat"] = pd.to_datetime(lines.t_dat)
    lines = lines[lines.t_dat <= _stamp(day)]
    lines["order"] = (lines.t_dat - pd.Timestamp(2000, 1, 1)).dt.days * 10 + lines.sales_channel_id
    return lines


def polars_rfm(files: list[str], day: dt.date) -> Any:
    """Polars, lazily."""
    import polars as pl

    lines = _in_polars(files, day)
    return lines.group_by("customer_key").agg(
        (pl.lit(day) - pl.col("t_dat").max()).dt.total_days().alias("recency_days"),
        _order().n_unique().alias("orders"),
        pl.col("price").sum().alias("spend"),
    )


def polars_windows(files: list[str], day: dt.date) -> Any:
    """Polars, lazily, a group-by per window, joined."""
    import polars as pl

    lines, joined = _in_polars(files, day), None
    for window in sorted(WINDOWS, reverse=True):
        part = (
            lines.filter(pl.col("t_dat") > day - dt.timedelta(days=window))
            .group_by("customer_key")
            .agg(
                _order().n_unique().alias(f"orders_{window}d"),
                pl.len().alias(f"items_{window}d"),
                pl.col("price").sum().alias(f"spend_{window}d"),
            )
        )
        joined = part if joined is None else joined.join(part, on="customer_key", how="left")
    return joined


def _order() -> Any:
    """An order within a customer: its day and its channel in one number."""
    import polars as pl

    return (pl.col("t_dat") - pl.date(2000, 1, 1)).dt.total_days() * 10 + pl.col("sales_channel_id")


def _in_polars(files: list[str], day: dt.date) -> Any:
    import polars as pl

    return pl.scan_parquet(files, hive_partitioning=False).select(COLUMNS).filter(pl.col("t_dat") <= day)


EPOCH = "DATE '2000-01-01'"
# Days from the second date to the first, as each writes it.
APART: dict[str, Callable[[str, str], str]] = {
    "duckdb": lambda later, earlier: f"({later} - {earlier})",
    "spark": lambda later, earlier: f"datediff({later}, {earlier})",
}


def rfm_sql(dialect: str, day: dt.date) -> str:
    """Of the view `lines`, in SQL."""
    today, order = f"DATE '{day}'", _order_sql(dialect)
    return (
        f"SELECT customer_key, {APART[dialect](today, 'max(t_dat)')} AS recency_days, "
        f"count(DISTINCT {order}) AS orders, sum(price) AS spend "
        f"FROM lines WHERE t_dat <= {today} GROUP BY customer_key"
    )


def windows_sql(dialect: str, day: dt.date) -> str:
    """All windows in one pass with conditions, as one would write it by hand."""
    sums = ", ".join(
        f"count(DISTINCT CASE WHEN {_since(day, w)} THEN {_order_sql(dialect)} END) AS orders_{w}d, "
        f"sum(CASE WHEN {_since(day, w)} THEN 1 ELSE 0 END) AS items_{w}d, "
        f"sum(CASE WHEN {_since(day, w)} THEN price ELSE 0 END) AS spend_{w}d"
        for w in WINDOWS
    )
    year = _since(day, max(WINDOWS))
    return (
        f"SELECT customer_key, {sums} FROM lines WHERE t_dat <= DATE '{day}' AND {year} GROUP BY customer_key"
    )


def _order_sql(dialect: str) -> str:
    """An order within a customer: its day and its channel in one number."""
    return f"{APART[dialect]('t_dat', EPOCH)} * 10 + sales_channel_id"


def _since(day: dt.date, window: int) -> str:
    return f"t_dat > DATE '{day - dt.timedelta(days=window)}'"


def _in_duckdb(files: list[str], query: str, target: Path) -> None:
    import duckdb

    connection = duckdb.connect(config={"memory_limit": "3500MB", "preserve_insertion_order": "false"})
    connection.execute(f"CREATE VIEW lines AS SELECT * FROM read_parquet({files!r})")
    connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")


def _in_spark(files: list[str], query: str, target: Path) -> None:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[*]")
        .config("spark.driver.memory", DRIVER_MEMORY)
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    session.read.parquet(*files).createOrReplaceTempView("lines")
    session.sql(query).write.mode("overwrite").parquet(str(target))
    session.stop()


def openretailscience_rfm(files: list[str], day: dt.date) -> Any:
    """OpenRetailScience's class on DuckDB; it also ranks and scores, which the others do not."""
    import ibis
    from openretailscience.segmentation.rfm import RFMSegmentation

    backend = ibis.duckdb.connect(memory_limit="3500MB", preserve_insertion_order=False)
    lines = backend.read_parquet(files).filter(lambda t: t.t_dat <= ibis.literal(day, "date"))
    # Orders are told apart by day and channel within a customer.
    number = (lines.t_dat.delta(ibis.date(2000, 1, 1), unit="day") * 10 + lines.sales_channel_id).name(
        "transaction_id"
    )
    named = lines.select(
        number, customer_id=lines.customer_key, transaction_date=lines.t_dat, unit_spend=lines.price
    )
    found = RFMSegmentation(
        named, current_date=day, r_segments=5, f_segments=5, m_segments=5
    ).df.reset_index()
    names = {
        "customer_id": "customer_key",
        "recency": "recency_days",
        "frequency": "orders",
        "monetary": "spend",
    }
    return found.rename(columns=names)


def in_frames(make: Callable[[list[str], dt.date], Any]) -> Callable[[list[str], dt.date, Path], None]:
    """Write what a data frame library made."""

    def run(files: list[str], day: dt.date, target: Path) -> None:
        made = make(files, day)
        if hasattr(made, "sink_parquet"):
            made.sink_parquet(target)
        else:
            made.to_parquet(target, index=False)

    return run


TOOLS: dict[tuple[str, str], Callable[[list[str], dt.date, Path], None]] = {
    ("pandas", "rfm"): in_frames(pandas_rfm),
    ("pandas", "windows"): in_frames(pandas_windows),
    ("polars", "rfm"): in_frames(polars_rfm),
    ("polars", "windows"): in_frames(polars_windows),
    ("duckdb", "rfm"): lambda files, day, target: _in_duckdb(files, rfm_sql("duckdb", day), target),
    ("duckdb", "windows"): lambda files, day, target: _in_duckdb(files, windows_sql("duckdb", day), target),
    ("pyspark", "rfm"): lambda files, day, target: _in_spark(files, rfm_sql("spark", day), target),
    ("pyspark", "windows"): lambda files, day, target: _in_spark(files, windows_sql("spark", day), target),
    ("openretailscience", "rfm"): in_frames(openretailscience_rfm),
}

if __name__ == "__main__":
    tool, task, listed, target, day = sys.argv[1:]
    TOOLS[tool, task](json.loads(Path(listed).read_text()), dt.date.fromisoformat(day), Path(target))
