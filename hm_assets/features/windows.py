"""What a customer did in the last 7, 30, 90 and 365 days, and ever, as sums over customer-days.

A window of w days is (as_of - w, as_of]. Every figure is a sum, a minimum or a maximum over `features/customer_days`,
so one pass over them makes all windows, and nothing depends on the order of rows.
"""

import datetime as dt

import ibis

from hm_assets.features.customer_days import EXACT, exact_sum
from hm_assets.sources.contract import ONLINE

WINDOWS = (7, 30, 90, 365)
YEAR = 365
CAME_BACK_DAYS = 90
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Meteorological seasons by the month they start in.
SEASONS = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}


def sums(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """One row per customer with a day on or before `as_of`: whole history, windows, weekdays, seasons.

    Parameters
    ----------
    days
        `features/customer_days`; later rows are left out.
    as_of
        The day that it is true on.
    """
    today = ibis.literal(as_of, "date")
    seen = days.filter(days.t_dat <= today)
    online = seen.sales_channel_id == ONLINE
    in_year, in_quarter = _within(seen, as_of, YEAR), _within(seen, as_of, 90)
    found = {
        "recency_days": today.delta(seen.t_dat.max(), unit="day"),
        "tenure_days": today.delta(seen.t_dat.min(), unit="day"),
        "first_day": seen.t_dat.min(),
        "purchase_days": seen.new_day.sum(),
        "orders": seen.count(),
        "items": seen["items"].sum(),
        "spend": exact_sum(seen.spend),
        "days_that_could_return": seen.new_day.sum(
            where=seen.t_dat <= ibis.literal(as_of - dt.timedelta(days=CAME_BACK_DAYS), "date")
        ).fill_null(0),
        "online_orders_365d": seen.count(where=in_year & online),
        "online_items_365d": seen["items"].sum(where=in_year & online).fill_null(0),
        "online_items_90d": seen["items"].sum(where=in_quarter & online).fill_null(0),
    }
    for window in WINDOWS:
        inside = _within(seen, as_of, window)
        found |= {
            f"orders_{window}d": seen.count(where=inside),
            f"items_{window}d": seen["items"].sum(where=inside).fill_null(0),
            f"spend_{window}d": exact_sum(seen.spend, where=inside).fill_null(0),
            f"purchase_days_{window}d": seen.new_day.sum(where=inside).fill_null(0),
            f"items_referenced_{window}d": seen.items_referenced.sum(where=inside).fill_null(0),
            f"items_below_reference_{window}d": seen.items_below_reference.sum(where=inside).fill_null(0),
            f"spend_referenced_{window}d": exact_sum(seen.spend_referenced, where=inside).fill_null(0),
            f"reference_spend_{window}d": exact_sum(seen.reference_spend, where=inside).fill_null(0),
        }
    weekday, month = seen.t_dat.day_of_week.index(), seen.t_dat.month()
    for number, name in enumerate(WEEKDAYS):
        found[f"items_{name}"] = seen["items"].sum(where=in_year & (weekday == number)).fill_null(0)
    for name, months in SEASONS.items():
        found[f"items_{name}"] = seen["items"].sum(where=in_year & month.isin(months)).fill_null(0)
    return seen.group_by("customer_key").agg(**found, **_price_moments(seen, in_year))


def _within(seen: ibis.Table, as_of: dt.date, window: int) -> ibis.Value:
    return seen.t_dat > ibis.literal(as_of - dt.timedelta(days=window), "date")


def _price_moments(seen: ibis.Table, inside: ibis.Value) -> dict[str, ibis.Value]:
    """Sums over customer-days with a reference from which the slope of units on relative price follows."""
    counted = inside & (seen.reference_spend > 0)
    relative = seen.spend_referenced / seen.reference_spend
    price = ibis.ifelse(seen.reference_spend > 0, relative, None).cast(EXACT)
    units = seen.items_referenced
    return {
        "price_days": seen.count(where=counted),
        "sum_price": price.sum(where=counted).cast("float64").fill_null(0),
        "sum_price_square": (price * price).cast(EXACT).sum(where=counted).cast("float64").fill_null(0),
        "sum_price_units": (price * units).cast(EXACT).sum(where=counted).cast("float64").fill_null(0),
        "sum_units": units.sum(where=counted).fill_null(0),
    }
