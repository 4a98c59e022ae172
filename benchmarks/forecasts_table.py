"""The back-test of P(order) as Markdown: `python -m benchmarks.forecasts_table WAREHOUSE [YYYY-MM ...]`.

For docs/real-data.md; aggregates only. Reads features/customer_features and features/customer_days, with the effort of
full depth, and writes nothing. Without months it judges those that `forecasts/scoreboard` would.
"""

import sys
from pathlib import Path

from hm_assets.features import tables
from hm_assets.forecasts import shown
from hm_assets.forecasts.churn import back_test
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.engine import open_engine

SEED, THREADS = 42, 2


def main() -> None:
    """Print a table per past day, and the choice."""
    warehouse, months = Path(sys.argv[1]), [parse_month(text) for text in sys.argv[2:]]
    effort = EFFORTS["full"]
    with open_engine(Settings(warehouse=warehouse)) as engine:
        features, days = (
            engine.read(table, delta.files_of(delta.open_table(warehouse, table)))
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_DAYS)
        )
        judged = back_test.run(features, days, effort, SEED, THREADS, months or None)
    choice = back_test.choose(judged)
    rows = [row for day in judged for row in back_test.scores(day, effort.resamples, SEED)]
    print(shown.table(rows))
    print(
        f"\n{shown.shift([{**row, 'chosen': row['model'] == choice.name} for row in rows])}\n\n{choice.why}"
    )


if __name__ == "__main__":
    main()
