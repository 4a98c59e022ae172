"""Histories out of the tables of `features`, on the engine."""

import datetime as dt

import ibis

from hm_assets.features.customer_days import exact_sum, ratio
from hm_assets.warehouse.calendar import as_of_dates, of_month

KEY = "customer_key"


def buyers(features: ibis.Table, days: ibis.Table, month: dt.date) -> ibis.Table:
    """One row per customer with a purchase on or before the month's `as_of`.

    Parameters
    ----------
    features
        `features/customer_features`.
    days
        `features/customer_days`; days after the month's `as_of` are left out.
    month
        The month.

    Returns
    -------
    customer_key, `x`, `t_x` and `T` (see `Histories`), `left_truncated` (1: first seen in the first 90 days of the
    data, so perhaps a customer before: leave them out of a fit, or more by `T`, and score everybody) and
    `mean_repeat_spend`: spend per day with a purchase without the first day, in price index; null where x = 0.
    """
    found = of_month(features, month)
    spent = repeat_spend(days, as_of_dates(features, [month])[month])
    found = found.left_join(spent, KEY, rname="{name}_right")
    repeats = found.purchase_days - 1
    return found.select(
        KEY,
        "left_truncated",
        x=repeats.cast("float64"),
        t_x=found.length_days.cast("float64"),
        T=found.tenure_days.cast("float64"),
        mean_repeat_spend=ratio(found.repeat_spend, repeats),
    )


def repeat_spend(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """`customer_key` and `repeat_spend`: what was paid after the first day, of those who came back by `as_of`."""
    seen = days.filter(days.t_dat <= ibis.literal(as_of, "date"))
    first = seen.group_by(KEY).agg(first_day=seen.t_dat.min())
    later = seen.inner_join(first, KEY).filter(lambda both: both.t_dat > both.first_day)
    return later.group_by(KEY).agg(repeat_spend=exact_sum(later.spend))
