"""Models fitted on a simulated shop, once for all tests of this folder."""

import datetime as dt
from functools import cache

import pyarrow as pa

from hm_assets.forecasts import order_model
from hm_assets.forecasts.churn import back_test
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.why.drivers import people
from hm_assets.forecasts.why.shapley import Explained, explain
from hm_assets_tests.forecasts.shops import Shop, shop

MONTH = dt.date(2019, 12, 1)
NAMES = ("recency", "rfm_logistic", "logistic", "lightgbm")


@cache
def known() -> Shop:
    """The shop."""
    return shop(customers=150)


@cache
def fitted(name: str) -> OrderModel:
    """An algorithm learned at the end of `MONTH`."""
    the = known()
    dates, first, _ = back_test.reach(the.features, the.days)
    return order_model.fitted(
        the.features, the.days, split(dates, MONTH, first), first, (name, "asked for"), 300, 0, 1
    )


@cache
def customers(name: str) -> pa.Table:
    """Whom it explains."""
    return people(fitted(name), known().features, MONTH)


@cache
def explained(name: str) -> Explained:
    """And how."""
    return explain(fitted(name).model, customers(name), MONTH)
