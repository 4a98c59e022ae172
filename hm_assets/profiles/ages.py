"""Facts about age: made once per draw of the unknown ages, then pooled by Rubin's rules (`customers/pooling.py`).

Ages are whole years, so a segment is a histogram: the engine counts, and quantiles, shares and their bootstrap follow
from some eighty numbers a draw, however many customers there are.
"""

from collections import defaultdict
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from hm_assets.customers.pooling import pool
from hm_assets.profiles.statistics import bootstrap, intervals
from hm_assets.profiles.statistics.intervals import Estimate
from hm_assets.segments.tables import NO_PURCHASE

Histograms = npt.NDArray[np.int64]
"""Draws x ages: customers of each age in years, in each completed base."""

OLDEST = 120
QUANTILES = {"age": 0.5, "age_lower_quartile": 0.25, "age_upper_quartile": 0.75}
BANDS = {
    "age_under_25": (0, 25),
    "age_25_34": (25, 35),
    "age_35_49": (35, 50),
    "age_50_plus": (50, OLDEST + 1),
}


def counts(assignments: ibis.Table, customers: ibis.Table, draws: ibis.Table) -> ibis.Table:
    """Customers by `segment_id`, `draw` (0 = the age is known) and `age`; `age` is empty where unknown.

    Parameters
    ----------
    assignments
        One month of `segments/assignments`.
    customers
        `customers/customers`.
    draws
        The month's `features/imputed_ages`.
    """
    placed = assignments.select("customer_key", "segment_id")
    stated = placed.inner_join(customers.select("customer_key", "age"), "customer_key")
    filled = placed.inner_join(draws.select("customer_key", "draw", "age"), "customer_key")
    parts = [
        table.group_by("segment_id", draw=draw.cast("int16"), age=table.age.cast("int16")).agg(
            customers=ibis._.count()
        )
        for table, draw in ((stated, ibis.literal(0)), (filled, filled.draw))
    ]
    return parts[0].union(parts[1])


def rows_of(counted: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Rows of `profiles/segment_profiles` by segment: quantiles, age bands and how many ages are known.

    A segment where no age is known or drawn has only `age_known`. `counted` are rows of `counts`.
    """
    known, customers = _known(counted)
    histograms = _histograms(counted)
    base_ids = [i for i in customers if i != NO_PURCHASE]
    buyers = sum(customers[i] for i in base_ids)
    base = {"age_known": sum(known[i] for i in base_ids) / buyers} if buyers else {}
    shapes = [histograms[i] for i in base_ids if i in histograms]
    base |= {name: estimate[0] for name, estimate in facts(np.sum(shapes, axis=0)).items()} if shapes else {}
    found = {}
    for i, n in customers.items():
        mine = {"age_known": intervals.share(known[i], n)}
        mine |= facts(histograms[i]) if i in histograms else {}
        found[i] = [_row(name, n, estimate, base.get(name)) for name, estimate in mine.items()]
    return found


def facts(ages: Histograms) -> dict[str, Estimate]:
    """Quantiles and shares of age bands, with 95 % intervals.

    Where every draw says the same, all ages are known, and the intervals are those of a complete sample: the
    bootstrap's and Wilson's. Else they are Rubin's.
    """
    n = int(ages[0].sum())
    if not n:
        return {}
    complete = bool((ages == ages[0]).all())
    found: dict[str, Estimate] = {}
    for name, level in QUANTILES.items():
        each = []
        for one in ages:
            years = np.flatnonzero(one)
            each.append(bootstrap.quantile(years.astype(float), one[years], level))
        found[name] = (
            (each[0].value, each[0].low, each[0].high)
            if complete
            else _pooled([q.value for q in each], [q.variance for q in each], n)
        )
    for name, (first, end) in BANDS.items():
        hits = ages[:, first:end].sum(axis=1)
        # Two more of each kind (Agresti and Coull 1998), or the variance of "nobody" would be none.
        wary = (hits + 2) / (n + 4)
        found[name] = (
            intervals.share(int(hits[0]), n)
            if complete
            else _pooled(hits / n, wary * (1 - wary) / (n + 4), n)
        )
    return found


def _pooled(estimates: npt.ArrayLike, variances: npt.ArrayLike, n: int) -> Estimate:
    pooled = pool(estimates, variances, complete_degrees_of_freedom=max(n - 1, 1))
    value = float(pooled.estimate)
    return value, min(value, float(pooled.low)), max(value, float(pooled.high))


def _known(counted: list[dict[str, Any]]) -> tuple[dict[int, int], dict[int, int]]:
    """Customers of known age, and all customers, by segment."""
    known: dict[int, int] = defaultdict(int)
    customers: dict[int, int] = defaultdict(int)
    for row in counted:
        if row["draw"] == 0:
            customers[row["segment_id"]] += row["customers"]
            known[row["segment_id"]] += row["customers"] if row["age"] is not None else 0
    return known, dict(sorted(customers.items()))


def _histograms(counted: list[dict[str, Any]]) -> dict[int, Histograms]:
    """By segment; all of as many draws as there are (two that say the same where there are none)."""
    draws = sorted({row["draw"] for row in counted if row["draw"]}) or [1, 2]
    found: dict[int, Histograms] = {}
    for row in counted:
        if row["age"] is None:
            continue
        mine = found.setdefault(row["segment_id"], np.zeros((max(len(draws), 2), OLDEST + 1), dtype=np.int64))
        places = slice(None) if row["draw"] == 0 or len(draws) == 1 else draws.index(row["draw"])
        mine[places, row["age"]] += row["customers"]
    return found


def _row(name: str, customers: int, estimate: Estimate, base: float | None) -> dict[str, Any]:
    value, low, high = estimate
    unit = "years" if name in QUANTILES else "share"
    return {
        "kind": "demographic",
        "fact": name,
        "unit": unit,
        "customers": customers,
        "value": value,
        "low": None if low is None else max(low, 0.0),
        "high": min(high, 1.0) if high is not None and unit == "share" else high,
        "base": base,
        "index_to_base": 100 * value / base if base else None,
    }
