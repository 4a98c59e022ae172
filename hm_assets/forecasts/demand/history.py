"""What each segment bought of each product group in a month, and which months are whole."""

import datetime as dt

import ibis

from hm_assets.features.customer_days import exact_sum, whole_sum
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.calendar import add_months, month_end, of_month

ATTRIBUTE = "product_group"
# A shop that is shut on Sundays has whole months too; one that was shut for a month has none.
LONGEST_PAUSE_DAYS = 7


def history(customer_attributes: ibis.Table, assignments: ibis.Table, month: dt.date) -> ibis.Table:
    """The rows of `forecasts/demand_history` of a month.

    Parameters
    ----------
    customer_attributes
        `features/customer_attributes` of at least the month.
    assignments
        `segments/assignments` of at least the month before.
    month
        The month.
    """
    bought = of_month(customer_attributes, month)
    bought = bought.filter(bought.attribute == ATTRIBUTE).select("customer_key", "value", "items", "spend")
    before = of_month(assignments, add_months(month, -1))
    version = before.agg(version=before.model_version.max()).to_pyarrow()["version"][0].as_py()
    placed = bought.left_join(before.select("customer_key", "segment_id"), "customer_key")
    return placed.group_by(
        segment_id=placed.segment_id.fill_null(NO_PURCHASE).cast("int32"), category=placed["value"]
    ).agg(
        units=whole_sum(placed["items"]),
        spend=exact_sum(placed.spend),
        segments_version=ibis.literal(version, "string"),
        month=ibis.literal(month, "date"),
    )


def last_whole_month(days: ibis.Table, month: dt.date) -> dt.date | None:
    """The last month up to `month` whose lines reach its end, None without any.

    Files that end on the 22nd hold no whole month of sales. An end may lack as many days as the longest pause between
    days with lines, at most a week.

    Parameters
    ----------
    days
        `features/customer_days`; later months are left out.
    month
        The month.
    """
    sold = days.filter(days.month <= ibis.literal(month, "date")).select("t_dat").distinct()
    before = sold.t_dat.lag().over(ibis.window(order_by=sold.t_dat))
    found = sold.mutate(pause=sold.t_dat.delta(before, unit="day"))
    (row,) = found.agg(last=found.t_dat.max(), pause=found.pause.max()).to_pyarrow().to_pylist()
    if row["last"] is None:
        return None
    last, pause = row["last"], min(row["pause"] or 1, LONGEST_PAUSE_DAYS)
    own = last.replace(day=1)
    whole: dt.date = own if last + dt.timedelta(days=pause - 1) >= month_end(own) else add_months(own, -1)
    return whole
