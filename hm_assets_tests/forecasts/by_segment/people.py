"""Customers with probabilities, as tables."""

import datetime as dt

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.by_segment.past import BEFORE, P, PastDay

MONTH, AS_OF = dt.date(2020, 5, 1), dt.date(2020, 5, 31)


def people_of(p: list[float | None], **columns: list) -> pa.Table:
    """With P(order) of 90 days `p`, two thirds and a third of it before, and what else is given or usual."""
    n = len(p)
    usual = {
        "recency_days": [100] * n,
        "purchase_days": [5] * n,
        "gaps_since": [1.0] * n,
        "spend_365d": [1.0] * n,
        "segment_id": [1] * n,
        BEFORE: p,
        "tenure_days": [400] * n,
    }
    told = {name: pa.array(columns.get(name, values)) for name, values in usual.items()}
    told |= {name: pa.array(values) for name, values in columns.items() if name not in usual}
    shares = {
        name: pa.array([None if x is None else x * (k + 1) / 3 for x in p], pa.float64())
        for k, name in enumerate(P)
    }
    told[BEFORE] = told[BEFORE].cast(pa.float64())
    keys = {
        "customer_key": pa.array(range(1, n + 1), pa.int64()),
        "as_of": pa.array([AS_OF] * n, pa.date32()),
        "month": pa.array([MONTH] * n, pa.date32()),
    }
    return pa.table(keys | shares | told)


def judged(people: pa.Table, days_to_next: list[int | None], as_of: dt.date = AS_OF) -> PastDay:
    """The same on a past day, with what came."""
    known = people.append_column("days_to_next", pa.array(days_to_next, pa.int32()))
    known = known.append_column("days_known", pa.array([90] * len(known), pa.int32()))
    return PastDay(as_of, known)


def lottery(n: int, seed: int, off: float = 0.0) -> tuple[list[float], list[int | None]]:
    """Probabilities of an order in 90 days, and orders that are as likely as said, plus `off`."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.1, 0.7, n)
    return p.tolist(), [80 if x < y + off else None for x, y in zip(rng.random(n), p, strict=True)]
