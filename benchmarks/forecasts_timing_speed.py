"""Seconds and memory of timing at H&M's size: `python -m benchmarks.forecasts_timing_speed WAREHOUSE [CUSTOMERS]`.

The customers of the warehouse's latest month and their days are repeated under new keys until there are as many.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from benchmarks import measure
from hm_assets.features import tables
from hm_assets.forecasts.churn import back_test as orders
from hm_assets.forecasts.cutoffs import HORIZONS, split
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.timing import cadence, timing_model
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.engine import open_engine

CUSTOMERS, SEED, THREADS = 1_371_980, 42, 2


def repeated(rows: pa.Table, keys: np.ndarray, times: int) -> pa.Table:
    """Rows that many times, each time with other customers: the n-th of `keys` becomes n + that many customers."""
    place = np.searchsorted(keys, rows["customer_key"].to_numpy())
    renamed = (place[None, :] + len(keys) * np.arange(times)[:, None]).ravel()
    many = pa.concat_tables([rows] * times)
    return many.set_column(many.column_names.index("customer_key"), "customer_key", pa.array(renamed))


def main() -> None:
    """Print and save a row per step."""
    warehouse = Path(sys.argv[1])
    asked = int(sys.argv[2]) if len(sys.argv) > 2 else CUSTOMERS
    found: list[dict[str, float | str]] = []

    def step(name: str, work: Callable[[], Any]) -> Any:
        started, processed = time.perf_counter(), time.process_time()
        made = work()
        seconds, cpu = time.perf_counter() - started, time.process_time() - processed
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        print(f"{name}: {seconds:.1f} s ({cpu:.1f} of processors), peak so far {peak:,.0f} MB", flush=True)
        found.append({"what": name, "seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak})
        return made

    with open_engine(Settings(warehouse=warehouse)) as engine:
        features, days = (
            engine.read(table, delta.files_of(delta.open_table(warehouse, table)))
            for table in (tables.CUSTOMER_FEATURES, tables.CUSTOMER_DAYS)
        )
        dates, first_day, _ = orders.reach(features, days)
        month = max(dates)
        effort = EFFORTS["full"]
        model = step(
            "fit on the warehouse's customers",
            lambda: timing_model.fitted(
                features,
                days,
                split(dates, month, first_day),
                first_day,
                effort.learned_customers,
                SEED,
                THREADS,
            ),
        )
        mine = of_month(features, month).to_pyarrow()
        keys = np.sort(mine["customer_key"].to_numpy())
        times = -(-asked // len(keys))
        people = ibis.memtable(repeated(mine, keys, times))
        bought = days.select("customer_key", "t_dat", "new_day", "month").to_pyarrow()
        many = ibis.memtable(repeated(bought, keys, times))
    n = times * len(keys)
    print(f"{n:,} customers, {times * len(bought):,} days")
    step("nothing yet", lambda: None)
    step("everybody's gaps", lambda: cadence.fit(cadence.Spells.of(many, dates[month])))
    p = np.sort(np.random.default_rng(SEED).random((n, len(HORIZONS))), axis=1)
    p_order = pa.table(
        {"customer_key": np.arange(n), **{f"p_order_{d}d": p[:, k] for k, d in enumerate(HORIZONS)}}
    )
    step("windows, usual gap and horizon of everybody", lambda: model.outlook(people, many, month, p_order))
    measure.save("forecasts_timing", found, customers=n)


if __name__ == "__main__":
    main()
