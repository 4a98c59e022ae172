"""What an article did, as of a month end: how much and to whom it sold, its price within its type, how new it is.

Everything is built from `features/article_days` up to `as_of`. A window of w days is (as_of - w, as_of].
"""

import datetime as dt
from collections.abc import Mapping

import ibis

from hm_assets.features.article_days import WIDE
from hm_assets.features.customer_days import ratio
from hm_assets.features.snapshot import TRUNCATED_DAYS
from hm_assets.features.windows import QUARTER, WINDOWS, YEAR
from hm_assets.sources.contract import ONLINE

IN_STOCK_DAYS = WINDOWS[0]
# Means of equal prices may differ in their last bit; prices are exact to this many decimals.
PRICE_DECIMALS = 9


def article_features(
    days: ibis.Table, articles: ibis.Table, month: dt.date, as_of: dt.date, first_day: dt.date
) -> ibis.Table:
    """One row per article sold on or before `as_of` (the columns of `features/article_features`).

    Parameters
    ----------
    days
        `features/article_days` of all months up to `month`; later rows are left out.
    articles
        `articles/articles`: the type of each article.
    month
        The month that the snapshot belongs to.
    as_of
        The day that it is true on.
    first_day
        The first day of the data: an article seen within 90 days of it may have been on sale before.
    """
    today = ibis.literal(as_of, "date")
    seen = days.filter(days.t_dat <= today)
    sold = seen.group_by("article_key").agg(
        launch_day=seen.t_dat.min(), last_day=seen.t_dat.max(), items=seen["items"].sum()
    )
    types = articles.select("article_key", "product_type_name")
    # One chain of joins, as in `snapshot`.
    for number, block in enumerate((types, *(_within(seen, as_of, window) for window in WINDOWS))):
        sold = sold.left_join(block, "article_key", rname=f"{{name}}_{number}")
    sold = sold.mutate(price_90d=_mean_price(sold, QUARTER), price_365d=_mean_price(sold, YEAR))
    truncated = sold.launch_day < ibis.literal(first_day + dt.timedelta(days=TRUNCATED_DAYS), "date")
    return sold.select(
        "article_key",
        "launch_day",
        "items",
        "price_90d",
        "price_365d",
        as_of=today,
        month=ibis.literal(month, "date"),
        age_days=today.delta(sold.launch_day, unit="day"),
        days_since_sold=today.delta(sold.last_day, unit="day"),
        left_truncated=truncated.cast("int8"),
        in_stock=(sold[f"items_{IN_STOCK_DAYS}d"].fill_null(0) > 0).cast("int8"),
        **{
            f"{name}_{window}d": sold[f"{name}_{window}d"].fill_null(0)
            for window in WINDOWS
            for name in ("items", "orders")
        },
        **{
            f"popularity_{window}d": _percentile(sold[f"items_{window}d"], sold[f"items_{window}d"].notnull())
            for window in WINDOWS
        },
        price_position_90d=_percentile(
            sold.price_90d,
            sold.price_90d.notnull() & sold.product_type_name.notnull(),
            within=("product_type_name",),
        ),
        **_buyers(sold),
    )


def _within(seen: ibis.Table, as_of: dt.date, window: int) -> ibis.Table:
    """One row per article sold in the window: its sums, their names ending in `_{window}d`."""
    inside = seen.filter(seen.t_dat > ibis.literal(as_of - dt.timedelta(days=window), "date"))
    sums = {"items": inside["items"].sum(), "orders": inside.customers.sum()}
    if window in (QUARTER, YEAR):
        sums["spend"] = inside.spend.cast(WIDE).sum().cast("float64")
        sums["online"] = inside["items"].sum(where=inside.sales_channel_id == ONLINE).fill_null(0)
    if window == YEAR:
        names = ("returning", "customers_of_known_age", "age_sum", "customers_under_35")
        sums |= {name: inside[name].sum() for name in names}
    return inside.group_by("article_key").agg(**{f"{name}_{window}d": value for name, value in sums.items()})


def _mean_price(sold: ibis.Table, window: int) -> ibis.Value:
    return (sold[f"spend_{window}d"] / sold[f"items_{window}d"]).round(PRICE_DECIMALS)


def _percentile(values: ibis.Value, counted: ibis.Value, within: tuple[str, ...] = ()) -> ibis.Value:
    """Share of those counted that are below, plus half of those equal: ties share it, and the mean is 0.5."""
    group = [counted, *within]
    below = ibis.rank().over(group_by=group, order_by=values)
    equal = values.count().over(group_by=[*group, values])
    everybody = values.count().over(group_by=group)
    return ibis.ifelse(counted, (below + equal / 2) / everybody, None)


def _buyers(sold: ibis.Table) -> Mapping[str, ibis.Value]:
    of_known_age = sold.customers_of_known_age_365d
    return {
        "return_share_365d": ratio(sold.returning_365d, sold.orders_365d),
        "online_share_90d": ratio(sold.online_90d, sold.items_90d),
        "online_share_365d": ratio(sold.online_365d, sold.items_365d),
        "buyers_mean_age_365d": ratio(sold.age_sum_365d, of_known_age),
        "buyers_under_35_share_365d": ratio(sold.customers_under_35_365d, of_known_age),
    }
