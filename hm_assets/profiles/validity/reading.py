"""The facts of some customers, out of the tables of `features` and `customers`, and what they did later."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.features.attributes import parts
from hm_assets.features.customer_days import exact_sum
from hm_assets.profiles.validity.facts import FACTS, GROUP_SHARES, GROUPS
from hm_assets.segments.inputs import LATER_DAYS, customers_as_of
from hm_assets.segments.people import People

Values = Mapping[str, npt.NDArray[Any]]
"""Fact -> its values (n): floats with NaN for unknown, or texts with None."""

FROM_FEATURES = tuple(
    fact.name
    for fact in FACTS
    if fact.sources and fact.name not in ("age", "club_member_status", "fashion_news", *GROUP_SHARES)
)


def after(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """`customer_key`, `later_spend`, `later_orders`, `later_units` in (as_of, as_of + 90 days] of who bought then."""
    last = as_of + dt.timedelta(days=LATER_DAYS)
    told = days.filter(
        (days.t_dat > ibis.literal(as_of, "date")) & (days.t_dat <= ibis.literal(last, "date"))
    )
    return told.group_by("customer_key").agg(
        later_spend=exact_sum(told.spend), later_orders=told.count(), later_units=told["items"].sum()
    )


def facts_of(
    people: People,
    month: dt.date,
    features: ibis.Table,
    tastes: ibis.Table,
    days: ibis.Table,
    customers: ibis.Table,
) -> dict[str, npt.NDArray[Any]]:
    """The values of every fact for these customers, in their order.

    Parameters
    ----------
    people
        Customers of `month`.
    features, tastes, days
        `features/customer_features`, `customer_tastes` and `customer_days` with at least the months that are needed.
    customers
        `customers/customers`. Where nobody gets fashion news, the files lack it, and it is unknown of all.
    """
    keys = ibis.memtable(people.rows.select(["customer_key"]))
    own = customers_as_of(features, tastes, month, {*FROM_FEATURES, *parts("index_group")})
    known = customers.select(
        "customer_key",
        "age",
        "club_member_status",
        fashion_news=ibis.ifelse(
            customers.fn.max().over() > 0, ibis.ifelse(customers.fn > 0, "yes", "no"), None
        ),
    )
    found = (
        keys.inner_join(own, "customer_key")
        .left_join(known, "customer_key", rname="{name}_known")
        .left_join(after(days, people.as_of), "customer_key", rname="{name}_later")
        .order_by("customer_key")
        .to_pyarrow()
    )
    # Both are sorted by key, so the people's order is that of the ranks of their keys.
    places = np.searchsorted(found["customer_key"].to_numpy(), people.rows["customer_key"].to_numpy())
    columns = {name: _floats(found, name)[places] for name in (*FROM_FEATURES, "age")}
    later = {
        name: np.nan_to_num(_floats(found, name)[places])
        for name in ("later_spend", "later_orders", "later_units")
    }
    units = {name: _floats(found, name)[places] for name in GROUPS}
    total = np.sum(list(units.values()), axis=0)
    bought = total > 0
    shares = {
        f"{name}_share": np.where(bought, own_units / np.where(bought, total, 1.0), np.nan)
        for name, own_units in units.items()
    }
    return {
        **columns,
        **{name: shares[name] for name in GROUP_SHARES},
        "club_member_status": _texts(found, "club_member_status")[places],
        "fashion_news": _texts(found, "fashion_news")[places],
        "later_bought": np.where(later["later_orders"] > 0, "yes", "no").astype(object),
        **later,
    }


def _floats(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name].cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)


def _texts(table: pa.Table, name: str) -> npt.NDArray[Any]:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=object)


def index_groups(attribute_values: ibis.Table) -> dict[int, str]:
    """Position -> name of the index groups, of `features/attribute_values`."""
    groups = attribute_values.filter(attribute_values.attribute == "index_group").to_pyarrow().to_pylist()
    return {row["position"]: row["value"] for row in groups}
