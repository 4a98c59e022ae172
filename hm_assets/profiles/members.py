"""One month's customers as columns: segment, behaviour and attributes, a row per customer."""

from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

Columns = Mapping[str, npt.NDArray[Any]]

# 0 where a customer has not bought.
BEHAVIOUR = (
    *("recency_days", "tenure_days", "purchase_days", "orders", "items", "spend"),
    *("orders_365d", "online_orders_365d", "spend_365d"),
)
# NaN where a customer has too few purchases for them.
RHYTHM = ("mean_gap_days", "below_reference_share_365d")
CLUB = {"club_active": "ACTIVE", "club_pre_create": "PRE-CREATE", "club_left": "LEFT CLUB"}
ATTRIBUTES = ("age", "fn", "active", *CLUB)


def members(assignments: ibis.Table, features: ibis.Table, customers: ibis.Table) -> Columns:
    """The customers of a month in the order of their keys: `segment_id`, `BEHAVIOUR`, `RHYTHM` and `ATTRIBUTES`.

    Attributes are NaN where unknown. An empty FN or Active is a no (`customers/recoding.py`); where nobody has one, the
    files lack it, and it is unknown of all.

    Parameters
    ----------
    assignments, features
        One month of `segments/assignments` and of `features/customer_features`.
    customers
        `customers/customers`.
    """
    joined = assignments.select("customer_key", "segment_id").left_join(
        features.select("customer_key", *BEHAVIOUR, *RHYTHM), "customer_key"
    )
    joined = joined.drop("customer_key_right").left_join(
        customers.select(
            "customer_key",
            "age",
            **{
                name: ibis.ifelse(customers[name].max().over() > 0, customers[name], None)
                for name in ("fn", "active")
            },
            **{name: customers.club_member_status == status for name, status in CLUB.items()},
        ),
        "customer_key",
    )
    table = (
        joined.order_by("customer_key")
        .select(
            "segment_id",
            *(joined[name].fill_null(0).cast("float64").name(name) for name in BEHAVIOUR),
            *(joined[name].cast("float64").name(name) for name in (*RHYTHM, *ATTRIBUTES)),
        )
        .to_pyarrow()
    )
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def some(columns: Columns, where: npt.NDArray[np.bool_]) -> Columns:
    """The rows where it is true."""
    return {name: values[where] for name, values in columns.items()}
