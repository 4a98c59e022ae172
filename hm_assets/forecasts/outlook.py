"""A month's `forecasts/customers`: what each model says of a customer, side by side."""

import datetime as dt

import ibis

from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.tables import CUSTOMERS
from hm_assets.forecasts.value.value_model import ValueModel


def outlook(
    order: OrderModel, value: ValueModel, features: ibis.Table, days: ibis.Table, month: dt.date
) -> ibis.Table:
    """The rows of a month.

    Parameters
    ----------
    order, value
        The models.
    features, days
        `features/customer_features` of the month; `features/customer_days` of it and all earlier months.
    month
        The month.
    """
    found = order.outlook(features, month)
    worth = ibis.memtable(value.outlook(features, days, month))
    both = found.inner_join(worth, "customer_key")
    restated = both.restated | (both.as_of < ibis.literal(value.trained_as_of, "date"))
    return both.mutate(restated=restated).select(*(column.name for column in CUSTOMERS.stored_columns))
