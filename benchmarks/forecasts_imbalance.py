"""What treating the rarer outcome changes, as Markdown: `python -m benchmarks.forecasts_imbalance WAREHOUSE`.

For docs/real-data.md; aggregates only. Reads features/customer_features and features/customer_days, with the effort of
full depth, and writes nothing.
"""

import sys
from pathlib import Path

from hm_assets.features import tables
from hm_assets.forecasts import shown
from hm_assets.forecasts.churn import imbalance
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.engine import open_engine

SEED, THREADS = 42, 2


def main() -> None:
    """Print the means over the judged days, and the finding."""
    warehouse = Path(sys.argv[1])
    with open_engine(Settings(warehouse=warehouse)) as engine:
        features, days = (
            engine.read(table, delta.files_of(delta.open_table(warehouse, table)))
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_DAYS)
        )
        rows = imbalance.run(features, days, EFFORTS["full"], SEED, THREADS)
    print(f"{shown.imbalance(rows)}\n\n{imbalance.finding(rows) if rows else 'the files are too short'}")


if __name__ == "__main__":
    main()
