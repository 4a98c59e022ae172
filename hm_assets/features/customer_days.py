"""Lines summed to a customer's day in a channel."""

import ibis

# Sums of binary fractions depend on their order, and the order on the threads. Sums of decimals do not.
EXACT = "decimal(18, 9)"
# A line is below its reference where it costs at least this much less: prices of channels differ by a few percent.
BELOW = 0.95


def exact_sum(values: ibis.expr.types.NumericColumn, where: ibis.Value | None = None) -> ibis.Value:
    """A sum of prices that is the same whatever the order of the rows, as a float."""
    return values.cast(EXACT).sum(where=where).cast("float64")


def whole_sum(values: ibis.expr.types.NumericColumn, where: ibis.Value | None = None) -> ibis.Value:
    """A sum of counts, 0 where there are none: as floats, which hold whole numbers up to 2^53 and are three times as
    fast in DuckDB as the 128 bits that it takes for sums of integers."""
    return values.cast("float64").sum(where=where).fill_null(0).cast("int64")


def ratio(part: ibis.Value, whole: ibis.Value) -> ibis.Value:
    """A share or a mean; null where there is nothing to divide by."""
    return ibis.ifelse(whole > 0, part.cast("float64") / whole, None)


def customer_days(transactions: ibis.Table, reference_prices: ibis.Table) -> ibis.Table:
    """One row per customer, day and channel (the columns of `features/customer_days`).

    Parameters
    ----------
    transactions
        Lines as bought, of any months.
    reference_prices
        `features/reference_prices` of the same months.
    """
    known = reference_prices.select("article_key", "t_dat", "reference_price")
    lines = transactions.left_join(known, ["article_key", "t_dat"])
    has_reference = lines.reference_price.notnull()
    days = lines.group_by("customer_key", "t_dat", "sales_channel_id", "month").agg(
        items=lines.count(),
        articles=lines.article_key.nunique(),
        spend=exact_sum(lines.price),
        items_referenced=has_reference.sum(),
        items_below_reference=(lines.price < BELOW * lines.reference_price).fill_null(False).sum(),
        spend_referenced=exact_sum(lines.price, where=has_reference).fill_null(0),
        reference_spend=exact_sum(lines.reference_price).fill_null(0),
    )
    # Counting different days for each month anew would take half of the time of a snapshot; this adds up.
    of_the_day = ibis.window(group_by=["customer_key", "t_dat"], order_by="sales_channel_id")
    return days.mutate(new_day=(ibis.row_number().over(of_the_day) == 0).cast("int8"))
