"""Why a model says so, and models in money: `python -m benchmarks.forecasts_why WAREHOUSE MODEL [YYYY-MM ...]`.

Markdown for docs/real-data.md; aggregates only. MODEL is fitted for the latest of the months and explained; all
models are judged in money on these months (or on those that `forecasts/scoreboard` would judge), at full depth.
"""

import datetime as dt
import sys
import time
from pathlib import Path

import ibis
import pyarrow as pa

from benchmarks.forecasts_table import SEED, THREADS
from hm_assets.features import tables
from hm_assets.forecasts import judged as judged_days
from hm_assets.forecasts import order_model
from hm_assets.forecasts.churn import back_test
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.decisions import profit
from hm_assets.forecasts.decisions import shown as shown_decisions
from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.forecasts.decisions.judged import Judged
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.why import lime, shown, shuffling
from hm_assets.forecasts.why.drivers import people
from hm_assets.forecasts.why.importance import importance
from hm_assets.forecasts.why.shapley import explain
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import of_months, parse_month
from hm_assets.warehouse.engine import open_engine

EFFORT = EFFORTS["full"]


def main() -> None:
    """Print importance, LIME beside SHAP, and the models in money."""
    warehouse, name, months = Path(sys.argv[1]), sys.argv[2], [parse_month(text) for text in sys.argv[3:]]
    settings = Settings(warehouse=warehouse)
    with open_engine(settings) as engine:
        features, days = (
            engine.read(table, delta.files_of(delta.open_table(warehouse, table)))
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_DAYS)
        )
        _explain(features, days, name, max(months or back_test.reach(features, days)[0]))
        judged = back_test.run(features, days, EFFORT, SEED, THREADS, months or None)
    month = dt.date(judged[0].as_of.year, judged[0].as_of.month, 1)
    rows = ibis.memtable(pa.concat_tables(judged_days.rows(judged, month)))
    found, choice = profit.rows(
        [Judged.of(day) for day in judged_days.read(rows)],
        Assumptions.of(settings),
        back_test.choose(judged).name,
        EFFORT.resamples,
        SEED,
    )
    print(f"\n{shown_decisions.profit(found)}\n\n{choice.words}\n\n{Assumptions.of(settings).words}")


def _explain(features: ibis.Table, days: ibis.Table, name: str, month: dt.date) -> None:
    known, lines = of_months(features, None, month), of_months(days, None, month)
    dates, first, _ = back_test.reach(known, lines)
    split_ = split(dates, month, first)
    chosen = (name, "asked for")
    model = order_model.fitted(known, lines, split_, first, chosen, EFFORT.learned_customers, SEED, THREADS)
    start = time.process_time()
    found = explain(model.model, people(model, known, month), month)
    seconds = time.process_time() - start
    past = shuffling.latest(known, lines, name, EFFORT, SEED, THREADS)
    rows = importance(found, past, EFFORT.resamples, SEED)
    print(f"{name}, {month:%Y-%m}: {len(found.p):,} customers in {seconds:.1f} s of CPU\n")
    print(f"{shown.table(rows)}\n\n{shown.headline(rows)}\n")
    alike = lime.compared(found, SEED)[1]
    print(alike.words if alike else "too few inputs to compare with LIME")


if __name__ == "__main__":
    main()
