"""The back-test of windows and of rules as Markdown: `python -m benchmarks.forecasts_timing WAREHOUSE [YYYY-MM ...]`.

For docs/real-data.md; aggregates only. Reads features/customer_features and features/customer_days, with the effort of
full depth, and writes nothing. Without months it judges those that `forecasts/timing_scoreboard` would.
"""

import argparse
from pathlib import Path

from hm_assets.features import tables
from hm_assets.forecasts.churn import back_test as orders
from hm_assets.forecasts.churn.models import named
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.timing import back_test, cadence, rules, shown
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import parse_month
from hm_assets.warehouse.engine import open_engine

SEED, THREADS = 42, 2


def main() -> None:
    """Print the windows of each level, and the rules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("months", nargs="*", type=parse_month)
    parser.add_argument("--model", default="logistic", help="Of P(order): what forecasts/scoreboard chose")
    asked = parser.parse_args()
    warehouse, months = asked.warehouse, asked.months
    effort = EFFORTS["full"]
    with open_engine(Settings(warehouse=warehouse)) as engine:
        features, days = (
            engine.read(table, delta.files_of(delta.open_table(warehouse, table)))
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_DAYS)
        )
        judged = back_test.run(features, days, named(asked.model), effort, SEED, THREADS, months or None)
        windows = [row for day in judged for row in back_test.scores(day, effort.resamples, SEED)]
        for level in (80, 50):
            print(shown.windows(windows, level), end="\n\n")
        dates, first_day, last_day = orders.reach(features, days)
        told = []
        for month in [max(dates), *(months or orders.judged_months(dates, first_day, last_day, 4))]:
            people = examples(features, days, [month], first_day, last_day, effort.judged_customers)
            flags = rules.flagged(people, days, dates[month])
            told += list(rules.scores(flags, people, dates[month], effort.resamples, SEED))
            print(dates[month], cadence.fit(cadence.Spells.of(days, dates[month])))
    print(f"\n{shown.rules(told)}")


if __name__ == "__main__":
    main()
