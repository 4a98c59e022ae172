"""Lines summed to an article's day in a channel, and what the article used to cost."""

import datetime as dt

import ibis

from hm_assets.features.customer_days import exact_sum

REFERENCE_DAYS = 90
# Sums of decimals are exact; a day's sales of an article may be more than a price's decimal holds.
WIDE = "decimal(38, 9)"


def article_days(transactions: ibis.Table) -> ibis.Table:
    """One row per article, day and channel (the columns of `features/article_days`)."""
    return transactions.group_by("article_key", "t_dat", "sales_channel_id", "month").agg(
        items=transactions.count(),
        customers=transactions.customer_key.nunique(),
        spend=exact_sum(transactions.price),
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
    epoch = ibis.literal(dt.date(1970, 1, 1), "date")
    by_day = days.group_by("article_key", "t_dat", "month").agg(
        items=days["items"].sum(), spend=days.spend.cast(WIDE).sum()
    )
    by_day = by_day.mutate(day=by_day.t_dat.delta(epoch, unit="day").cast("int64"))
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
