"""Which inputs tell the same thing, and how a marketer reads them.

Days since the last order and usual gaps since then are one reason, not two: the values of a theme are added, so that
three drivers are three different reasons. The words are those of the input that did most of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.segments.space import UNITS_PER_MEDIAN_PRICE, Floats, Space, numbers

THEMES: Mapping[str, tuple[str, ...]] = {
    "last order": ("recency_days", "gaps_since"),
    "how often": (
        "purchase_days",
        "purchase_days_30d",
        "purchase_days_90d",
        "purchase_days_365d",
        "mean_gap_days",
        "came_back",
        "bought_in_year",
    ),
    "spend": ("spend", "spend_90d", "spend_365d"),
    "basket": ("items_per_order",),
    "price level": ("price_per_item",),
    "channel": ("online_share_365d",),
    "discounts": ("discount_365d",),
    "time as a customer": ("tenure_days",),
    "reach of the files": ("history_days",),
}
# The same for everybody in a month: it shifts what the others mean, and is no reason to tell anybody.
NO_REASON = "reach of the files"
LABELS: Mapping[str, str] = {
    "recency_days": "Days since the last order",
    "gaps_since": "Usual gaps since the last order",
    "purchase_days": "Days with an order so far",
    "purchase_days_30d": "Days with an order in 30 days",
    "purchase_days_90d": "Days with an order in 90 days",
    "purchase_days_365d": "Days with an order in a year",
    "mean_gap_days": "Usual days between orders",
    "came_back": "Came back after the first order",
    "bought_in_year": "Ordered in the last year",
    "spend": "Spend so far",
    "spend_90d": "Spend in 90 days",
    "spend_365d": "Spend in a year",
    "items_per_order": "Items an order",
    "price_per_item": "Price of an item",
    "online_share_365d": "Share of orders online",
    "discount_365d": "Discount on usual prices",
    "tenure_days": "Days as a customer",
    "history_days": "Days that the files reach back",
}
"""Inputs as a chart calls them."""
THEME_OF = {column: theme for theme, columns in THEMES.items() for column in columns}


@dataclass(frozen=True)
class Phrase:
    """How an input is said: `before`, its value with so many `decimals`, `after`; `one` where it is exactly 1.

    `empty` where it is unknown, `zero` where it is 0. Money is counted in items at the median price. Of a share
    the `rest` to 1 may be what is said.
    """

    before: str = ""
    after: str = ""
    one: str | None = None
    zero: str | None = None
    empty: str = "unknown"
    decimals: int = 0
    percent: bool = False
    money: bool = False
    rest: bool = False

    def texts(self, values: Floats, price: float) -> pa.Array:
        """The words for n values (NaN where unknown), with the median price of an item."""
        scale = 100.0 if self.percent else 1 / price if self.money else 1.0
        known = np.where(np.isnan(values), 0.0, 1 - values if self.rest else values) * scale
        said = np.round(known, self.decimals)
        number = pa.array(said) if self.decimals else pa.array(said.astype(np.int64))
        texts = pc.binary_join_element_wise(self.before, pc.cast(number, pa.string()), self.after, "")
        for value, text in ((1.0, self.one), (0.0, self.zero)):
            if text is not None:
                texts = pc.if_else(pa.array(said == value), text, texts)
        return pc.if_else(pa.array(np.isnan(values)), self.empty, texts)


def _days(after: str) -> Phrase:
    return Phrase("", f" days with an order {after}", f"1 day with an order {after}", f"no order {after}")


def _spent(when: str) -> Phrase:
    return Phrase(
        "spent the price of ",
        f" usual items {when}",
        f"spent the price of 1 usual item {when}",
        f"next to nothing spent {when}",
        money=True,
    )


PHRASES: Mapping[str, Phrase] = {
    "recency_days": Phrase("last order ", " days ago", "last order 1 day ago", "last order today"),
    "gaps_since": Phrase(
        "",
        " usual gaps since the last order",
        "1 usual gap since the last order",
        "less than a tenth of the usual gap since the last order",
        empty="no second order yet",
        decimals=1,
    ),
    "purchase_days": _days("so far"),
    "purchase_days_30d": _days("in the last 30 days"),
    "purchase_days_90d": _days("in the last 90 days"),
    "purchase_days_365d": _days("in the last year"),
    "mean_gap_days": Phrase(
        "usually ", " days between orders", "usually 1 day between orders", empty="no second order yet"
    ),
    "came_back": Phrase(one="came back after the first order", zero="no second order yet"),
    "bought_in_year": Phrase(one="ordered in the last year", zero="no order in the last year"),
    "spend": _spent("so far"),
    "spend_90d": _spent("in the last 90 days"),
    "spend_365d": _spent("in the last year"),
    "items_per_order": Phrase("", " items an order", "1 item an order", decimals=1),
    "price_per_item": Phrase("pays ", " times the usual price of an item", decimals=2, money=True),
    "online_share_365d": Phrase(
        "", " % of the last year's orders online", percent=True, empty="no order in the last year"
    ),
    "discount_365d": Phrase(
        "paid ", " % of usual prices in the last year", percent=True, empty="no usual price known", rest=True
    ),
    "tenure_days": Phrase("first order ", " days ago", "first order 1 day ago", "first order today"),
    "history_days": Phrase("the files reach back ", " days"),
}


def median_price(space: Space) -> float:
    """The median price of an item that a space was fitted with, in the unit of spend; 1 where it reads no money."""
    units = [axis.unit for axis in space.coordinates if PHRASES[axis.column].money and axis.unit]
    return units[0] * UNITS_PER_MEDIAN_PRICE if units else 1.0


def worded(column: str, rows: pa.Table, price: float) -> pa.Array:
    """What is said of an input of n customers."""
    return PHRASES[column].texts(numbers(rows, column), price)


def by_theme(columns: tuple[str, ...]) -> dict[str, list[int]]:
    """Theme -> positions of its inputs among `columns`, in the order of `THEMES`."""
    places = {theme: [i for i, c in enumerate(columns) if THEME_OF[c] == theme] for theme in THEMES}
    return {theme: found for theme, found in places.items() if found}
