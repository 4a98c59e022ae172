"""Small purchase histories as the tables that the stages read."""

import datetime as dt
from collections.abc import Iterable

import ibis
import pyarrow as pa

from hm_assets.features.customer_days import customer_days
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.warehouse.calendar import month_of

Line = tuple[int, dt.date, int, float, int]  # customer, day, article, price, channel


def transactions(lines: Iterable[Line]) -> pa.Table:
    """Lines as `raw/transactions`."""
    rows = [
        {
            "customer_key": customer,
            "t_dat": day,
            "article_key": article,
            "price": price,
            "sales_channel_id": channel,
            "source_file": "transactions_train.csv",
            "month": month_of(day),
        }
        for customer, day, article, price, channel in lines
    ]
    return pa.Table.from_pylist(rows, schema=TRANSACTIONS.arrow_schema())


def days(lines: Iterable[Line]) -> ibis.Table:
    """Lines as `features/customer_days`."""
    return ibis.memtable(customer_days(ibis.memtable(transactions(lines))).to_pyarrow())
