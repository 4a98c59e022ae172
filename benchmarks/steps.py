"""One step of the platform in a process of its own, without Dagster around it: what the ratios of a step time."""

import sys
from pathlib import Path

from hm_assets.features.rfm import snapshot

from hm_assets.features import tables
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import as_of_dates, parse_month
from hm_assets.warehouse.engine import open_engine
from hm_assets.warehouse.io_manager import ahead, stream


def rfm(warehouse: Path, target: Path) -> None:
    """`features/customer_features` of the last month, as the asset makes it, written elsewhere."""
    with open_engine(Settings(warehouse=warehouse)) as engine:
        stored = delta.open_table(warehouse, tables.CUSTOMER_DAYS)
        assert stored is not None
        days = engine.read(tables.CUSTOMER_DAYS, delta.files_of(stored))
        month = max(parse_month(partition["month"]) for partition in stored.partitions())
        rows = snapshot(days, month, as_of_dates(days, [month])[month])
        delta.write(
            target, tables.CUSTOMER_FEATURES, ahead(stream(tables.CUSTOMER_FEATURES, [rows])), [month]
        )


if __name__ == "__main__":
    rfm(Path(sys.argv[1]), Path(sys.argv[2]))
