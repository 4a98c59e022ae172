"""Seconds and memory of value at H&M's size: `python -m benchmarks.forecasts_value [--customers N]`.

Simulated buyers with whole days and spend of a few hundredths over two years, as the two tables that value reads.
Learned from 5,000 customers of each month end, as at full depth; then everybody is scored.
"""

import argparse
import datetime as dt
import resource
import time
from collections.abc import Callable
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from benchmarks import measure
from benchmarks.forecasts import BUYING, DAYS, SPENDING, YEAR, in_whole_days
from hm_assets.forecasts.buyers.known import PARETO
from hm_assets.forecasts.effort import EFFORTS
from hm_assets.forecasts.value import value_model
from hm_assets.forecasts.value.models import CATALOGUE
from hm_assets.forecasts.value.spending import customers as read_customers
from hm_assets.forecasts.value.value_model import Chosen
from hm_assets.warehouse.calendar import month_end, months_between
from hm_assets_tests.forecasts.buyers import simulate

CUSTOMERS = 1_371_980
FIRST = dt.date(2018, 9, 20)


def tables(customers: int, seed: int) -> tuple[ibis.Table, ibis.Table, list[dt.date]]:
    """`features/customer_features` (the columns that are read) of each month end, and `features/customer_days`."""
    rng = np.random.default_rng(seed)
    since = rng.integers(1, DAYS, customers).astype(float)
    found = in_whole_days(simulate.pareto_nbd(BUYING, since, YEAR, rng).histories)
    _, a_day = simulate.mean_spend(SPENDING, found.x, rng)
    count = found.x.astype(np.int64) + 1
    who = np.repeat(np.arange(customers), count)
    place = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    share = np.where(place == count[who] - 1, 1.0, place / np.maximum(count[who], 1))
    after = np.where(place == 0, 0.0, np.ceil(share * found.t_x[who]))
    day = (DAYS - found.T[who] + after).astype(np.int64)
    spend = np.round(a_day[who] * rng.gamma(SPENDING.p, 1 / SPENDING.p, len(who)), 9)
    dates = np.datetime64(FIRST) + day
    days = ibis.memtable(
        pa.table(
            {
                "customer_key": who,
                "t_dat": dates.astype("datetime64[D]"),
                "spend": spend,
                "month": dates.astype("datetime64[M]").astype("datetime64[D]"),
            }
        )
    )
    months = [m for m in months_between(FIRST, FIRST + dt.timedelta(days=DAYS)) if m < dt.date(2020, 9, 1)]
    parts = [_features(days, month) for month in months]
    return ibis.union(*parts), days, months


def _features(days: ibis.Table, month: dt.date) -> ibis.Table:
    end = ibis.literal(month_end(month), "date")
    ago = end.delta(days.t_dat, unit="day")
    seen = days.filter(days.t_dat <= end).mutate(ago=ago)
    found = seen.group_by("customer_key").agg(
        recency_days=seen.ago.min(),
        tenure_days=seen.ago.max(),
        purchase_days=seen.t_dat.nunique(),
        items=seen.count(),
        spend=seen.spend.sum(),
        **{f"purchase_days_{w}d": (seen.ago < w).sum() for w in (30, 90, 365)},
        **{f"spend_{w}d": seen.spend.sum(where=seen.ago < w).fill_null(0.0) for w in (90, 365)},
    )
    many = found.purchase_days > 1
    gap = (found.tenure_days - found.recency_days) / (found.purchase_days - 1).nullif(0)
    return found.mutate(
        orders=found.purchase_days,
        mean_gap_days=ibis.ifelse(many, gap, ibis.null("float64")),
        online_share_365d=ibis.literal(0.5),
        discount_365d=ibis.null("float64"),
        as_of=end,
        month=ibis.literal(month, "date"),
    )


def main(customers: int, seed: int, threads: int) -> list[dict[str, float | str]]:
    """A row per step: seconds, and the highest memory so far."""
    rows: list[dict[str, float | str]] = []

    def step(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        found = work()
        seconds, peak = (
            time.perf_counter() - started,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        )
        print(f"{name}: {seconds:.1f} s, peak so far {peak:,.0f} MB", flush=True)
        rows.append({"what": name, "seconds": seconds, "peak_mb": peak})
        return found

    features, days, months = step("simulated tables", lambda: tables(customers, seed))
    features, last = ibis.memtable(step("features of the months", features.to_pyarrow)), months[-1]
    print(f"{days.count().execute():,} days, {features.count().execute():,} rows of features")
    most = EFFORTS["full"].learned_customers
    for name in (model.name for model in CATALOGUE):
        chosen = Chosen(name, "", PARETO)
        model = step(
            f"{name}: read and learn",
            lambda chosen=chosen: value_model.trained(features, days, last, chosen, most, seed, threads),
        )
        step(f"{name}: score everybody", lambda model=model: model.outlook(features, days, last))
    mine = features.filter(features.month == last)
    step("of that: read everybody", read_customers(mine, days, FIRST).to_pyarrow)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    found = main(asked.customers, asked.seed, asked.threads)
    measure.save("forecasts_value", found, **vars(asked))
