"""Forecasts for groups, judged: `python -m benchmarks.forecasts_groups WAREHOUSE YYYY-MM [ALGORITHM]`.

For docs/real-data.md; aggregates only. Shares of segments and the early warning on past days, then demand up to the
month, with the effort of full depth. Reads features and segments/assignments and writes nothing.
"""

import sys
import time
from pathlib import Path

from hm_assets.features import tables as features
from hm_assets.forecasts.by_segment import past, shares, warning_scores
from hm_assets.forecasts.by_segment import shown as groups_shown
from hm_assets.forecasts.demand import outlook, scores, shown
from hm_assets.forecasts.demand.back_test import MOST_ORIGINS
from hm_assets.forecasts.demand.history import history, last_whole_month
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import of_months, parse_month
from hm_assets.warehouse.engine import open_engine

SEED, THREADS = 42, 2
ALGORITHM = "logistic"


def main() -> None:
    """Print the tables, and how long each part took."""
    warehouse, month = Path(sys.argv[1]), parse_month(sys.argv[2])
    algorithm = sys.argv[3] if len(sys.argv) > 3 else ALGORITHM
    effort = EFFORTS["full"]
    asked = (features.CUSTOMER_FEATURES, features.CUSTOMER_DAYS, ASSIGNMENTS, features.CUSTOMER_ATTRIBUTES)
    with open_engine(Settings(warehouse=warehouse)) as engine:
        people, days, placed, bought = (
            of_months(engine.read(table, delta.files_of(delta.open_table(warehouse, table))), None, month)
            for table in asked
        )
        start = time.perf_counter()
        judged = list(past.past_days(people, days, placed, (algorithm, ""), effort, SEED, THREADS))
        print(groups_shown.scores(shares.scores(judged)))
        print(groups_shown.warnings(list(warning_scores.scores(judged, effort.resamples, SEED))))
        print(f"\nPast days: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        months = sorted(days.select("month").distinct().to_pyarrow()["month"].to_pylist())
        rows = [row for each in months for row in history(bought, placed, each).to_pyarrow().to_pylist()]
        print(f"History of {len(months)} months: {time.perf_counter() - start:.1f} s")
        whole = last_whole_month(days, month)
    start = time.perf_counter()
    said = outlook.outlook(rows, whole, month, MOST_ORIGINS["full"])
    if said is None:
        print(shown.NOTHING)
        return
    print(shown.forecasts(list(outlook.rows_of(said)), set()))
    print(shown.scores(list(scores.scores(said.cube, said.found, said.skipped, SEED))))
    print(f"\nDemand: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
