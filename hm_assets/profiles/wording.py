"""How facts are called and how figures are written, for people: every fact that a page may print has a label here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Style = Literal["count", "share", "number", "days"]


@dataclass(frozen=True)
class Wording:
    """How a fact is named on a page and how its figure is written; `what` says how it was measured."""

    label: str
    style: Style
    what: str = ""


WORDINGS: Final[Mapping[str, Wording]] = {
    "customers": Wording("Customers", "count"),
    "share_of_customers": Wording("Share of customers", "share", "of all who have bought"),
    "share_of_spend_365d": Wording("Share of spend", "share", "last 365 days"),
    "recency_days": Wording("Last order", "days", "days ago, median"),
    "tenure_days": Wording("First order in the files", "days", "days ago, median"),
    "orders": Wording("Orders in all", "number", "median"),
    "orders_365d": Wording("Orders in a year", "number", "last 365 days, mean"),
    "bought_365d": Wording("Bought in the last year", "share", "share of the group, 365 days"),
    "bought_once": Wording("Ordered only once", "share", "share of the group, in all"),
    "gap_days": Wording("Time between orders", "days", "median, from two days with orders on"),
    "online_share": Wording("Orders placed online", "share", "last 365 days"),
    "items_per_order": Wording("Items per order", "number", "mean"),
    "discount_share": Wording(
        "Items below their usual price", "share", "mean, 365 days; stands in for discounts"
    ),
    "spend_365d": Wording("Spend in a year", "number", "price index, last 365 days, mean"),
    "spend_per_order": Wording("Spend per order", "number", "price index, mean"),
    "price_per_item": Wording("Price of an item", "number", "price index, mean"),
    "age": Wording("Age", "number", "median; unknown ages drawn and pooled"),
    "age_lower_quartile": Wording("A quarter is at most this old", "number", "years"),
    "age_upper_quartile": Wording("A quarter is at least this old", "number", "years"),
    "age_under_25": Wording("Under 25 years", "share", "share of the group"),
    "age_25_34": Wording("25 to 34 years", "share", "share of the group"),
    "age_35_49": Wording("35 to 49 years", "share", "share of the group"),
    "age_50_plus": Wording("50 years and over", "share", "share of the group"),
    "depends_on_imputed": Wording("Segment hangs on a filled value", "share", "share of the group"),
    "age_known": Wording("Age is known", "share", "share of the group"),
    "fashion_news": Wording("Get the fashion news", "share", "share of the group"),
    "active": Wording("Open to messages", "share", "share of the group"),
    "club_active": Wording("Active club members", "share", "share of the group"),
    "club_pre_create": Wording("Club membership begun", "share", "share of the group"),
    "club_left": Wording("Left the club", "share", "share of the group"),
}


def write_number(number: float, style: Style, precision: int = 0) -> str:
    """A figure for people: thousands separated, shares in per cent, about three digits that matter."""
    if style == "count":
        return f"{number:,.0f}"
    if style == "share":
        percent = 100 * number
        whole = 10 <= percent <= 99 or percent < 1e-9 or percent >= 99.95
        decimals = (0 if whole else 1) + precision
        return f"{percent:.{decimals}f} %"
    text = f"{number:,.{_decimals(number) + precision}f}"
    if not precision and "." in text:
        text = text.rstrip("0").rstrip(".")
    if style == "days":
        return f"{text} day" if text == "1" else f"{text} days"
    return text


def _decimals(number: float) -> int:
    """Decimals that leave about three significant digits, at most five."""
    if number == 0 or abs(number) >= 100:
        return 0
    return min(5, 2 - math.floor(math.log10(abs(number)))) if abs(number) < 10 else 1
