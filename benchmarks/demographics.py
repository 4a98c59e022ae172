"""What it costs not to cluster on age: `python -m benchmarks.demographics WAREHOUSE`. Aggregates only.

k-means on recency, days and spend, beside the same with age as a fourth axis (unknown ages by the first draw of
`features/imputed_ages`), fitted on past months: how much of the next 90 days' log spend either explains.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features import tables
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.fitting import Data
from hm_assets.segments.lab import back_test
from hm_assets.segments.measures.later import omega_squared, outcomes
from hm_assets.segments.models import nearest
from hm_assets.segments.people import People
from hm_assets.segments.reading import reader, spender
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import as_of_dates
from hm_assets.warehouse.engine import DuckDBEngine, open_engine

MOST, MONTHS, RESAMPLES, SEED = 50_000, 3, 1_000, 42


def read(engine: DuckDBEngine, warehouse: Path, table):
    """A table of the warehouse."""
    stored = delta.open_table(warehouse, table)
    assert stored is not None, f"{table.path} is not there; run `hm run` first"
    return engine.read(table, delta.files_of(stored))


def ages(warehouse: Path) -> pa.Table:
    """`customer_key` and `age`: as stated, else the first draw of the last month."""
    stated = DeltaTable(str(warehouse / CUSTOMERS.path)).to_pyarrow_table(columns=["customer_key", "age"])
    drawn = DeltaTable(str(warehouse / tables.IMPUTED_AGES.path)).to_pyarrow_table()
    last = drawn.filter((pc.field("draw") == 1) & (pc.field("month") == pc.max(drawn["month"])))
    known = stated.filter(pc.field("age").is_valid())
    return pa.concat_tables([known, last.select(["customer_key", "age"]).cast(known.schema)])


def labels(points: np.ndarray, k: int) -> np.ndarray:
    """Where k-means puts each row."""
    return nearest(kmeans(Data(points), k, SEED).model, points)


def main() -> None:
    """Print a table of Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    warehouse = parser.parse_args().warehouse
    known = ages(warehouse)
    if not len(known):
        sys.exit("no age is known or drawn in this warehouse, so there is nothing to compare")
    rng = np.random.default_rng(SEED)
    with open_engine(Settings(warehouse=warehouse)) as engine:
        features, tastes, days = (
            read(engine, warehouse, table)
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_TASTES, tables.CUSTOMER_DAYS)
        )
        load, spent = reader(features, tastes, days), spender(days)
        months = features.select("month").distinct().to_pyarrow()["month"].to_pylist()
        last_day = days.t_dat.max().to_pyarrow().as_py()
        print("| as of | k | RFM | RFM and age | difference (95 %) | customers |\n|---|---|---|---|---|---|")
        for month in back_test.cut_offs(as_of_dates(features, months), last_day, MONTHS):
            people = People.of(load, month, "rfm", MOST)
            place = pc.index_in(people.rows["customer_key"], value_set=known["customer_key"].combine_chunks())
            age = known["age"].take(place.fill_null(0)).to_numpy().astype(float)
            age = np.where(place.is_valid().to_numpy(), age, np.median(age))
            wider = np.column_stack([people.points, (age - age.mean()) / age.std()])
            outcome = outcomes(spent(people), people.unit)["log_spend"]
            for k in (5, 8):
                plain, aged = labels(people.points, k), labels(wider, k)
                drawn = (rng.integers(len(age), size=len(age)) for _ in range(RESAMPLES))
                gained = [
                    omega_squared(aged[i], outcome[i]) - omega_squared(plain[i], outcome[i]) for i in drawn
                ]
                low, high = np.quantile(gained, (0.025, 0.975))
                one, other = omega_squared(plain, outcome), omega_squared(aged, outcome)
                print(
                    f"| {people.as_of} | {k} | {one:.3f} | {other:.3f} | {other - one:+.3f} "
                    f"({low:+.3f} to {high:+.3f}) | {len(age):,} |"
                )


if __name__ == "__main__":
    main()
