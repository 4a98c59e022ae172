"""Which groups the judged customers belong to on the judged day: a mean hides whom the lists fail."""

import datetime as dt
from collections.abc import Mapping, Sequence

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.profiles.ages import BANDS
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Ints, numbers

UNKNOWN = "unknown"
FAMILIES = ("age", "recency", "history", "segment")
RECENCIES = {"0-7 days": 7, "8-30 days": 30, "31-90 days": 90, "91 days or more": np.inf}
NEVER = "never"
WARM = 5
"""Purchase days from which on a customer has a history."""


def slices(known: Purchases, people: pa.Table, customers: Ints) -> Mapping[str, Sequence[str]]:
    """Of each of these customers (keys; n) the group in every family.

    Parameters
    ----------
    known
        Purchases up to the judged day.
    people
        `customer_key`, `age` and `segment_id` (both null where unknown), see `people_on`.
    customers
        The judged ones.
    """
    rows = known.positions(customers)
    first = np.append(True, np.diff(known.customer) != 0)[: len(known.customer)]
    starts = np.flatnonzero(first)
    last = np.minimum.reduceat(known.ago, starts) if len(starts) else np.zeros(0, dtype=np.int64)
    # An article a day is a row: several of a day are one purchase day.
    span = int(known.ago.max(initial=0)) + 1
    days = np.unique(known.customer.astype(np.int64) * span + known.ago) // span
    count = np.bincount(days, minlength=len(known.customers))
    place = pc.index_in(pa.array(customers), value_set=people["customer_key"].combine_chunks())
    mine = people.take(place)
    ages = numbers(mine, "age")
    segment = mine["segment_id"].to_pylist() if "segment_id" in people.column_names else [None] * len(rows)
    return {
        "age": [_age(age) for age in ages],
        "recency": [NEVER if row < 0 else _recency(int(last[row])) for row in rows],
        "history": [_history(0 if row < 0 else int(count[row])) for row in rows],
        "segment": [UNKNOWN if each is None else str(each) for each in segment],
    }


def people_on(customers: ibis.Table, assignments: ibis.Table, day: dt.date) -> ibis.Table:
    """`customer_key`, `age` and `segment_id` (of the latest month that ended by the day) of every customer, by key."""
    known = assignments.filter(assignments.as_of <= ibis.literal(day, "date"))
    latest = known.filter(known.month == known.month.max()).select("customer_key", "segment_id")
    every = customers.select("customer_key", "age").left_join(latest, "customer_key")
    return every.select("customer_key", "age", "segment_id").order_by("customer_key")


def _age(age: float) -> str:
    if np.isnan(age):
        return UNKNOWN
    named = [name for name, (low, high) in BANDS.items() if low <= age < high]
    return named[0].removeprefix("age_") if named else UNKNOWN


def _recency(days: int) -> str:
    return next(name for name, most in RECENCIES.items() if days <= most)


def _history(days: int) -> str:
    return "none" if not days else "warm" if days >= WARM else "cold"
