"""Customers and what they spent later, out of the tables of `features`, as the lab asks for them."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.features.attributes import parts
from hm_assets.segments.inputs import TASTE_ATTRIBUTES, customers_as_of, spend_after
from hm_assets.segments.people import ORDER, Load, People, Spent
from hm_assets.segments.space import Floats
from hm_assets.warehouse.calendar import as_of_dates, of_month

*BEHAVIOUR, KEY = ORDER
# What tells customers apart who bought as often, as much and on the same day. Ids decide only between equals.
TIES = (
    *("tenure_days", "mean_gap_days", "online_share_365d", "spend_365d"),
    *(f"clr_{name}" for attribute in TASTE_ATTRIBUTES for name in parts(attribute)),
)


def reader(features: ibis.Table, tastes: ibis.Table, days: ibis.Table | None = None) -> Load:
    """Customers of any month.

    Parameters
    ----------
    features, tastes
        `features/customer_features` and `features/customer_tastes`, all months.
    days
        `features/customer_days`, where samples serve to measure what customers did later: of customers who are alike in
        all else, those are taken evenly who did more and less.
    """

    @cache
    def sampled(month: dt.date, most: int) -> ibis.Table:
        found = of_month(features, month)
        order = [*BEHAVIOUR, *(name for name in TIES if name in features.columns)]
        if days is not None:
            later = spend_after(days, as_of_dates(features, [month])[month])
            found = found.left_join(later, KEY, rname="{name}_right")
            found, order = found.mutate(later_spend=found.later_spend.fill_null(0.0)), [*order, "later_spend"]
        placed = found.select(
            KEY, place=ibis.row_number().over(order_by=[*order, KEY]), all=found.count().over()
        )
        # Every n-th: where the running number of those to take goes up by one.
        taken = placed.filter(
            ((placed.place + 1) * most) // placed["all"] > (placed.place * most) // placed["all"]
        )
        return ibis.memtable(taken.select(KEY).to_pyarrow())

    def load(month: dt.date, columns: Sequence[str], most: int | None) -> pa.Table:
        found = customers_as_of(features, tastes, month, {*columns, *ORDER})
        if most is not None:
            found = found.semi_join(sampled(month, most), KEY)
        more = [name for name in columns if name not in ORDER]
        return found.order_by([*BEHAVIOUR, *more, KEY]).to_pyarrow()

    return load


def spender(days: ibis.Table) -> Spent:
    """What customers spent in the 90 days after, from `features/customer_days` of all months."""

    def spent(people: People) -> Floats:
        later = spend_after(days, people.as_of)
        keys = pa.table({KEY: people.rows[KEY], "place": np.arange(len(people.rows))})
        found = ibis.memtable(keys).left_join(later, KEY).order_by("place")
        return np.asarray(found.later_spend.fill_null(0.0).to_pyarrow().to_numpy(), dtype=np.float64)

    return spent
