"""The assets of this stage."""

import dagster as dg
import ibis

from hm_assets.features import customer_days as days
from hm_assets.features import rfm, tables
from hm_assets.raw import tables as raw
from hm_assets.warehouse.assets import read, table_asset
from hm_assets.warehouse.calendar import as_of_dates
from hm_assets.warehouse.partitions import months_of, this_and_earlier


@table_asset(tables.CUSTOMER_DAYS, code_version="2", ins={"transactions": read(raw.TRANSACTIONS)})
def customer_days(transactions: ibis.Table) -> ibis.Table:
    return days.customer_days(transactions)


@table_asset(
    tables.CUSTOMER_FEATURES,
    code_version="1",
    ins={"customer_days": read(tables.CUSTOMER_DAYS, this_and_earlier())},
)
def customer_features(context: dg.AssetExecutionContext, customer_days: ibis.Table) -> list[ibis.Table]:
    dates = as_of_dates(customer_days, months_of(context))
    return [rfm.snapshot(customer_days, month, as_of) for month, as_of in dates.items()]
