"""One step of the platform in a process of its own, without Dagster around it: what the ratios of a step time."""

import sys
from pathlib import Path

from hm_assets.features import tables
from hm_assets.features.snapshot import snapshot
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import add_months, as_of_dates, parse_month
from hm_assets.warehouse.engine import DuckDBEngine, open_engine
from hm_assets.warehouse.io_manager import ahead, stream


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


if __name__ == "__main__":
    last_snapshot(Path(sys.argv[1]), Path(sys.argv[2]))
