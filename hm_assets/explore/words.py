"""How figures, measures and dates are written on the page."""

import datetime as dt
import math

from hm_assets.explore.measures import BY_NAME

SHORT = {
    "recency_days": "Recency",
    "tenure_days": "Tenure",
    "purchase_days": "Frequency",
    "items_365d": "Year’s units",
    "spend_365d": "Year’s spend",
    "basket_365d": "Order value",
    "discount_365d": "Discount",
    "online_share_365d": "Online share",
    "section_entropy": "Breadth",
    "age": "Age",
    "spend": "Spend",
    "orders_365d": "Year’s orders",
}


def number(value: float) -> str:
    """A figure in words: three digits that count."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(places, 6)}f}"


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{100 * share:.1f} %" if 0 < abs(share) < 0.1 else f"{100 * share:.0f} %"


def day(date: dt.date) -> str:
    """A date as it is read: 22 September 2020."""
    return f"{date.day} {date:%B %Y}"


def shown(feature: str) -> str:
    """A measure in few words."""
    return SHORT.get(feature, BY_NAME[feature].label)
