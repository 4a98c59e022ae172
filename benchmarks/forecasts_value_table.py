"""The back-test of value as Markdown: `python -m benchmarks.forecasts_value_table WAREHOUSE [YYYY-MM ...]`.

For docs/real-data.md; aggregates only. Reads features/customer_features and features/customer_days, with the effort of
full depth, and writes nothing. Without months it judges those that `forecasts/value_scoreboard` would; with `all` every
month end that can be judged, as totals only.
"""

import sys
from pathlib import Path

from hm_assets.features import tables
from hm_assets.forecasts.churn.back_test import judged_months, reach
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.value import back_test, shown
from hm_assets.forecasts.value.choice import choose
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.engine import open_engine

SEED, THREADS = 42, 2


def main() -> None:
    """Print a table per past day, and the choice."""
    warehouse, asked = Path(sys.argv[1]), sys.argv[2:]
    effort = EFFORTS["full"]
    with open_engine(Settings(warehouse=warehouse)) as engine:
        features, days = (
            engine.read(table, delta.files_of(delta.open_table(warehouse, table)))
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_DAYS)
        )
        if asked == ["all"]:
            dates, first_day, last_day = reach(features, days)
            latest = judged_months(dates, first_day, last_day, 1)[0]
            months = [m for m in sorted(dates) if m <= latest and split(dates, m, first_day).teaches]
        else:
            months = [parse_month(text) for text in asked]
        judged = back_test.run(features, days, effort, SEED, THREADS, months or None)
    rows = [row for day in judged for row in back_test.scores(day, effort.resamples, SEED)]
    print(shown.totals(rows) if asked == ["all"] else shown.table(rows))
    print(f"\n{choose(judged, SEED).why}")


if __name__ == "__main__":
    main()
