"""Recency, frequency and monetary value as of a day (Hughes 1994), with the last 365 days beside the whole history.

Recency counts from `as_of`, a day of the data, never from today: a table of 2020 says the same in every year.
"""

import datetime as dt

import ibis

from hm_assets.features.customer_days import exact_sum
from hm_assets.sources.contract import ONLINE

YEAR_DAYS = 365


def snapshot(days: ibis.Table, month: dt.date, as_of: dt.date) -> ibis.Table:
    """One row per customer with a line on or before `as_of`.

    Parameters
    ----------
    days
        `features/customer_days` of all months up to `month`; later rows are left out.
    month
        The month that the snapshot belongs to.
    as_of
        The day that it is true on; windows are (as_of - w, as_of].
    """
    today = ibis.literal(as_of, "date")
    seen = days.filter(days.t_dat <= today)
    in_year = seen.t_dat > ibis.literal(as_of - dt.timedelta(days=YEAR_DAYS), "date")
    return (
        seen.group_by("customer_key")
        .agg(
            recency_days=today.delta(seen.t_dat.max(), unit="day"),
            tenure_days=today.delta(seen.t_dat.min(), unit="day"),
            purchase_days=seen.new_day.sum(),
            orders=seen.count(),
            items=seen["items"].sum(),
            spend=exact_sum(seen.spend),
            orders_365d=seen.count(where=in_year),
            online_orders_365d=seen.count(where=in_year & (seen.sales_channel_id == ONLINE)),
            items_365d=seen["items"].sum(where=in_year).fill_null(0),
            spend_365d=exact_sum(seen.spend, where=in_year).fill_null(0),
        )
        .mutate(as_of=today, month=ibis.literal(month, "date"))
    )
