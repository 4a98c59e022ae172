"""One step of the platform in a process of its own, without Dagster around it: what the ratios of a step time."""

import sys
from pathlib import Path

import numpy as np

from hm_assets.features import tables
from hm_assets.features.snapshot import snapshot
from hm_assets.segments.algorithms import centres, mixture
from hm_assets.segments.fitting import Data
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import add_months, as_of_dates, parse_month
from hm_assets.warehouse.engine import DuckDBEngine, open_engine, stream
from hm_assets.warehouse.streaming import ahead


def last_snapshot(warehouse: Path, target: Path) -> None:
    """`features/customer_features` of the last month, as the asset makes it, written elsewhere."""
    stored = delta.open_table(warehouse, tables.CUSTOMER_DAYS)
    assert stored is not None
    month = max(parse_month(partition["month"]) for partition in stored.partitions())
    with open_engine(Settings(warehouse=warehouse)) as engine:
        days = _read(engine, warehouse, tables.CUSTOMER_DAYS)
        tastes = _read(engine, warehouse, tables.CUSTOMER_TASTES, [add_months(month, -i) for i in range(12)])
        cuts = _read(engine, warehouse, tables.SCORE_CUTS, [month]).to_pyarrow().to_pylist()
        as_of = as_of_dates(days, [month])[month]
        rows = snapshot(days, tastes, cuts, month, as_of, days.t_dat.min().to_pyarrow().as_py())
        delta.write(
            target, tables.CUSTOMER_FEATURES, ahead(stream(tables.CUSTOMER_FEATURES, [rows])), [month]
        )


def _read(engine: DuckDBEngine, warehouse: Path, table, months=None):
    stored = delta.open_table(warehouse, table)
    assert stored is not None
    return engine.read(table, delta.files_of(stored, months))


def kmeans(points: Path, target: Path) -> None:
    """k-means as the lab fits it."""
    centres.kmeans(Data(np.load(points)), 5, 42)


def gaussian_mixture(points: Path, target: Path) -> None:
    """The mixture as the lab fits it, on as many rows."""
    mixture.gaussian_mixture(Data(np.load(points)[:200_000]), 5, 42)


PARTS = {"snapshot": last_snapshot, "kmeans": kmeans, "gaussian_mixture": gaussian_mixture}

if __name__ == "__main__":
    PARTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
