"""The assets of this stage."""

import ibis

from hm_assets.customers import recoding, tables
from hm_assets.raw import tables as raw
from hm_assets.warehouse.assets import read, table_asset


@table_asset(tables.CUSTOMERS, code_version="2", ins={"raw_customers": read(raw.CUSTOMERS)})
def customers(raw_customers: ibis.Table) -> ibis.Table:
    return recoding.recode(raw_customers)
