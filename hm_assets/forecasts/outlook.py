"""A month's `forecasts/customers`: what each model says of a customer, side by side."""

import datetime as dt
from dataclasses import dataclass

import ibis
import pyarrow.compute as pc

from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.tables import CUSTOMERS
from hm_assets.forecasts.timing.timing_model import TimingModel
from hm_assets.forecasts.value.value_model import ValueModel


@dataclass(frozen=True)
class Models:
    """The kept models of orders, of their days and of spend."""

    orders: OrderModel
    timing: TimingModel
    value: ValueModel

    def customers(self, features: ibis.Table, days: ibis.Table, month: dt.date) -> ibis.Table:
        """The rows of a month.

        Parameters
        ----------
        features, days
            `features/customer_features` of the month; `features/customer_days` of it and all earlier months.
        month
            The month.
        """
        rows = self.orders.outlook(features, month).to_pyarrow()
        for name, values in self.timing.outlook(features, days, month, rows).items():
            rows = rows.append_column(name, values)
        for other in (self.timing, self.value):
            restated = pc.or_(rows["restated"], pc.less(rows["as_of"], other.trained_as_of))
            rows = rows.set_column(rows.column_names.index("restated"), "restated", restated)
        worth = ibis.memtable(self.value.outlook(features, days, month))
        both = ibis.memtable(rows).inner_join(worth, "customer_key")
        return both.select(*(column.name for column in CUSTOMERS.stored_columns))
