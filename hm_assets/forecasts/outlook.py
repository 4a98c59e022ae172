"""A month's rows of `forecasts/customers`: what each model says of each customer."""

import datetime as dt

import ibis
import pyarrow.compute as pc

from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.tables import CUSTOMERS
from hm_assets.forecasts.timing.timing_model import TimingModel


def customers(
    orders: OrderModel, timing: TimingModel, features: ibis.Table, days: ibis.Table, month: dt.date
) -> ibis.Table:
    """The rows of a month.

    Parameters
    ----------
    orders, timing
        The models.
    features, days
        `features/customer_features` of the month, and `features/customer_days` up to it.
    month
        The month.
    """
    rows = orders.outlook(features, month).to_pyarrow()
    for name, values in timing.outlook(features, days, month, rows).items():
        rows = rows.append_column(name, values)
    restated = pc.or_(rows["restated"], pc.less(rows["as_of"], timing.trained_as_of))
    rows = rows.set_column(rows.column_names.index("restated"), "restated", restated)
    return ibis.memtable(rows.select([column.name for column in CUSTOMERS.stored_columns]))
