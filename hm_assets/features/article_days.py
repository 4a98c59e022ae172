"""Lines summed to an article's day in a channel, and what the article used to cost."""

import datetime as dt

import ibis

from hm_assets.features.customer_days import EXACT

REFERENCE_DAYS = 90
# Four weeks: from any day, the whole span lies in its month and the one before, leap years or not.
RETURN_DAYS = 28
# The trough between the two humps of ages starts here, so a share below says more than a mean.
MIDDLE_AGE = 35
# Sums of decimals are exact; a day's sales of an article may be more than a price's decimal holds.
WIDE = "decimal(38, 9)"


def article_days(transactions: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """One row per article, day and channel (the columns of `features/article_days`).

    Parameters
    ----------
    transactions
        Lines as bought, of the months wanted and the month before the first of them (for `returning`).
    customers
        `customers/customers`: the ages of the buyers. They carry no date.
    """
    bought = transactions.group_by("article_key", "t_dat", "sales_channel_id", "month", "customer_key").agg(
        items=transactions.count(), spend=transactions.price.cast(EXACT).sum()
    )
    bought = bought.mutate(day=_day_number(bought.t_dat))
    before = ibis.range_window(
        group_by=["customer_key", "article_key"], order_by="day", preceding=RETURN_DAYS, following=0
    )
    bought = bought.mutate(returned=bought.day.min().over(before) < bought.day)
    buyers = bought.left_join(customers.select("customer_key", "age"), "customer_key")
    return buyers.group_by("article_key", "t_dat", "sales_channel_id", "month").agg(
        items=buyers["items"].sum(),
        customers=buyers.count(),
        spend=buyers.spend.sum().cast("float64"),
        returning=buyers.returned.sum(),
        customers_of_known_age=buyers.age.count(),
        age_sum=buyers.age.sum().fill_null(0),
        customers_under_35=buyers.count(where=buyers.age < MIDDLE_AGE),
    )


def reference_prices(days: ibis.Table) -> ibis.Table:
    """What an article cost on average in the 90 days before each of its days.

    The running mean of past prices is the plain form of a reference price (Mazumdar, Raj and Sinha, 2005, Journal of
    Marketing 69). A day without a sale of the article in the 90 days before it has none.

    Parameters
    ----------
    days
        `features/article_days` of the months wanted and the three months before them.
    """
    by_day = days.group_by("article_key", "t_dat", "month").agg(
        items=days["items"].sum(), spend=days.spend.cast(WIDE).sum()
    )
    by_day = by_day.mutate(day=_day_number(by_day.t_dat))
    before = ibis.range_window(group_by="article_key", order_by="day", preceding=REFERENCE_DAYS, following=0)
    summed = by_day.mutate(
        # Engines agree on frames that end at the current row, so today's sales are in it and go out again.
        items_before=by_day["items"].sum().over(before) - by_day["items"],
        spend_before=by_day.spend.sum().over(before) - by_day.spend,
    )
    known = summed.filter(summed.items_before > 0)
    return known.select(
        "article_key",
        "t_dat",
        "month",
        reference_price=known.spend_before.cast("float64") / known.items_before,
    )


def _day_number(day: ibis.Value) -> ibis.Value:
    """Days since 1970: engines agree on frames over whole numbers."""
    return day.delta(ibis.literal(dt.date(1970, 1, 1), "date"), unit="day").cast("int64")
