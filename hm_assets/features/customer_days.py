"""Lines summed to a customer's day in a channel."""

import ibis

# Sums of binary fractions depend on their order, and the order on the threads. Sums of decimals do not.
EXACT = "decimal(18, 9)"


def exact_sum(values: ibis.expr.types.NumericColumn, where: ibis.Value | None = None) -> ibis.Value:
    """A sum of prices that is the same whatever the order of the rows, as a float."""
    return values.cast(EXACT).sum(where=where).cast("float64")


def customer_days(transactions: ibis.Table) -> ibis.Table:
    """One row per customer, day and channel (the columns of `features/customer_days`).

    Parameters
    ----------
    transactions
        Lines as bought, of any months.
    """
    days = transactions.group_by("customer_key", "t_dat", "sales_channel_id", "month").agg(
        items=transactions.count(),
        articles=transactions.article_key.nunique(),
        spend=exact_sum(transactions.price),
    )
    # Counting different days for each month anew would take half of the time of a snapshot; this adds up.
    of_the_day = ibis.window(group_by=["customer_key", "t_dat"], order_by="sales_channel_id")
    return days.mutate(new_day=(ibis.row_number().over(of_the_day) == 0).cast("int8"))
