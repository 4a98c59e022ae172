"""Judged days and months of today that are made by hand."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.forecasts.decisions.campaign import Assumptions
from hm_assets.forecasts.decisions.judged import Judged

USUAL = Assumptions(0.5, 0.1, 0.01, 6, 14)
DAY, MONTH = dt.date(2020, 2, 29), dt.date(2020, 6, 1)


def judged(n: int = 400, seed: int = 0, day: dt.date = DAY) -> Judged:
    """A good model, a bad one and one that knows nothing."""
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 1, n)
    left = rng.random(n) < p
    leaves = {"good": p, "bad": 0.5 * p + 0.5 * rng.beta(2, 1, n), "base_rate": np.full(n, 0.66)}
    return Judged(day, leaves, left, rng.gamma(1.0, 3.0, n))


def today(p: list[float], spend: list[float], value: list[float | None] | None = None) -> tuple:
    """`forecasts/customers` and `features/customer_features` of a month; five orders each."""
    n = len(p)
    keys = pa.array(np.arange(n))
    people = {"customer_key": keys, "p_order_90d": pa.array(p, pa.float64())}
    if value is not None:
        people["value_12m"] = pa.array(value, pa.float64())
    features = {
        "customer_key": keys,
        "spend": pa.array(spend, pa.float64()),
        "orders": pa.array([5] * n, pa.int64()),
        "spend_365d": pa.array(spend, pa.float64()),
    }
    return ibis.memtable(pa.table(people)), ibis.memtable(pa.table(features))
