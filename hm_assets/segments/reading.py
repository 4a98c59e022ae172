"""Customers and what they spent later, out of the tables of `features`, as the lab asks for them."""

import datetime as dt
from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.segments.inputs import customers_as_of, spend_after
from hm_assets.segments.people import ORDER, Load, People, Spent
from hm_assets.segments.space import Floats


def reader(features: ibis.Table, tastes: ibis.Table) -> Load:
    """Customers of any month.

    Parameters
    ----------
    features, tastes
        `features/customer_features` and `features/customer_tastes`, all months.
    """

    def load(month: dt.date, columns: Sequence[str], most: int | None) -> pa.Table:
        found = customers_as_of(features, tastes, month, {*columns, *ORDER})
        if most is not None:
            found = found.order_by("customer_key").limit(most)
        return found.order_by(ORDER).to_pyarrow()

    return load


def spender(days: ibis.Table) -> Spent:
    """What customers spent in the 90 days after, from `features/customer_days` of all months."""

    def spent(people: People) -> Floats:
        later = spend_after(days, people.as_of)
        found = ibis.memtable(people.rows.select(ORDER)).left_join(later, "customer_key").order_by(ORDER)
        return np.asarray(found.later_spend.fill_null(0.0).to_pyarrow().to_numpy(), dtype=np.float64)

    return spent
