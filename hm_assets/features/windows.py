"""What a customer did ever, and in the last 7, 30, 90 and 365 days, as sums over customer-days.

A window of w days is (as_of - w, as_of]. Each window is summed by itself over its own rows: they are few where the
window is short, and one pass with a condition per sum would carry the state of all windows for all customers.
Everything is a sum, a minimum or a maximum, so nothing depends on the order of rows.
"""

import datetime as dt

import ibis

from hm_assets.features.customer_days import EXACT, exact_sum, whole_sum
from hm_assets.sources.contract import ONLINE

WINDOWS = (7, 30, 90, 365)
YEAR, QUARTER = 365, 90
CAME_BACK_DAYS = 90
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Meteorological seasons.
SEASONS = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}


def history(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """One row per customer with a day on or before `as_of`: sums over all of them.

    Parameters
    ----------
    days
        `features/customer_days`; later rows are left out.
    as_of
        The day that it is true on.
    """
    today = ibis.literal(as_of, "date")
    seen = days.filter(days.t_dat <= today)
    long_ago = seen.t_dat <= ibis.literal(as_of - dt.timedelta(days=CAME_BACK_DAYS), "date")
    return seen.group_by("customer_key").agg(
        recency_days=today.delta(seen.t_dat.max(), unit="day"),
        tenure_days=today.delta(seen.t_dat.min(), unit="day"),
        first_day=seen.t_dat.min(),
        purchase_days=whole_sum(seen.new_day),
        orders=seen.count(),
        items=whole_sum(seen["items"]),
        spend=exact_sum(seen.spend),
        days_that_could_return=whole_sum(seen.new_day, long_ago),
    )


def within(days: ibis.Table, as_of: dt.date, window: int) -> ibis.Table:
    """One row per customer with a day in the window: its sums, their names ending in `_{window}d`."""
    first = ibis.literal(as_of - dt.timedelta(days=window), "date")
    inside = days.filter((days.t_dat > first) & (days.t_dat <= ibis.literal(as_of, "date")))
    online = inside.sales_channel_id == ONLINE
    sums = {
        "orders": inside.count(),
        "items": whole_sum(inside["items"]),
        "spend": exact_sum(inside.spend),
        "purchase_days": whole_sum(inside.new_day),
        "items_referenced": whole_sum(inside.items_referenced),
        "items_below_reference": whole_sum(inside.items_below_reference),
        "spend_referenced": exact_sum(inside.spend_referenced),
        "reference_spend": exact_sum(inside.reference_spend),
    }
    if window in (QUARTER, YEAR):
        sums["online_items"] = whole_sum(inside["items"], online)
    if window == YEAR:
        weekday, month = inside.t_dat.day_of_week.index(), inside.t_dat.month()
        sums["online_orders"] = inside.count(where=online)
        for number, name in enumerate(WEEKDAYS):
            sums[f"items_{name}"] = whole_sum(inside["items"], weekday == number)
        for name, months in SEASONS.items():
            sums[f"items_{name}"] = whole_sum(inside["items"], month.isin(months))
        sums |= _price_moments(inside)
    return inside.group_by("customer_key").agg(**{f"{name}_{window}d": value for name, value in sums.items()})


def _price_moments(inside: ibis.Table) -> dict[str, ibis.Value]:
    """Sums over customer-days with a reference from which the slope of units on relative price follows."""
    counted = inside.reference_spend > 0
    relative = inside.spend_referenced / inside.reference_spend
    price = ibis.ifelse(counted, relative, None).cast(EXACT)
    units = ibis.ifelse(counted, inside.items_referenced, None)
    return {
        "price_days": inside.count(where=counted),
        "price": price.sum().cast("float64"),
        "price_square": (price * price).cast(EXACT).sum().cast("float64"),
        "price_units": (price * units).cast(EXACT).sum().cast("float64"),
        "units": units.sum(),
    }
