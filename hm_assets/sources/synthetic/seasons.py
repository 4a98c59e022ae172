"""When people buy: the planted weight of each day, season by category and kind of garment, sale weeks."""

from datetime import timedelta
from functools import cache
from typing import Final

import numpy as np

from hm_assets.sources.synthetic.arrays import Array
from hm_assets.sources.synthetic.presets import DAYS, FIRST_DAY, WEEKS
from hm_assets.sources.synthetic.taxonomy import CATEGORIES, SEASON_KINDS

# Stores were closed in these days; every order went online.
STORES_CLOSED: Final = (545, 588)  # 2020-03-18 to 2020-04-30

_MONTH_WEIGHT: Final = (0.93, 0.88, 0.94, 1.04, 1.14, 1.32, 1.26, 0.98, 0.98, 0.95, 0.95, 0.90)
_WEEKDAY_WEIGHT: Final = (0.93, 0.95, 1.03, 1.08, 1.04, 1.12, 0.85)  # Monday first
_BY_MONTH: Final = {
    "Garment Upper body": (1.0, 1.0, 1.0, 0.95, 0.9, 0.9, 0.95, 1.05, 1.15, 1.15, 1.15, 1.1),
    "Garment Lower body": (1.0, 1.0, 1.0, 1.05, 1.05, 1.0, 1.0, 1.05, 1.0, 1.0, 0.95, 0.95),
    "Garment Full body": (0.75, 0.8, 0.95, 1.15, 1.3, 1.35, 1.3, 1.05, 0.85, 0.75, 0.85, 1.0),
    "Underwear": (1.1, 1.1, 1.0, 1.0, 0.95, 0.95, 0.95, 0.95, 1.0, 1.0, 1.05, 1.05),
    "Accessories": (0.9, 0.9, 0.9, 0.95, 1.0, 1.05, 1.05, 0.95, 0.95, 1.05, 1.2, 1.35),
    "Swimwear": (0.25, 0.35, 0.55, 1.0, 2.1, 2.9, 2.3, 0.9, 0.35, 0.25, 0.2, 0.2),
    "Shoes": (0.95, 0.95, 1.05, 1.15, 1.1, 1.05, 1.0, 0.95, 1.05, 1.05, 1.0, 0.9),
    "Socks & Tights": (1.1, 1.0, 0.9, 0.7, 0.6, 0.55, 0.6, 0.85, 1.3, 1.5, 1.5, 1.5),
    "Nightwear": (1.05, 0.95, 0.9, 0.85, 0.8, 0.75, 0.75, 0.85, 1.0, 1.15, 1.5, 1.9),
}
_KIND_BY_MONTH: Final = {
    "all": (1.0,) * 12,
    "winter": (1.5, 1.1, 0.7, 0.45, 0.3, 0.2, 0.25, 0.6, 1.3, 2.0, 2.2, 1.9),
    "summer": (0.3, 0.45, 0.8, 1.3, 1.9, 2.3, 2.0, 1.1, 0.6, 0.35, 0.25, 0.25),
}


@cache
def months() -> Array:
    """Return the calendar month (0-11) of each day, (734,)."""
    return np.array([(FIRST_DAY + timedelta(days=day)).month - 1 for day in range(DAYS)], dtype=np.int8)


@cache
def buckets() -> Array:
    """Return the number of each day's month since the first, 0-24, (734,)."""
    day = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    return np.array([(d.year - FIRST_DAY.year) * 12 + d.month - FIRST_DAY.month for d in day], dtype=np.int64)


@cache
def on_sale() -> Array:
    """Return how deep the sale of each day is, 0 (none) to 1, (734,): midsummer, January, late November."""
    depth = np.zeros(DAYS)
    for day in range(DAYS):
        date = FIRST_DAY + timedelta(days=day)
        key = (date.month, date.day)
        if (6, 18) <= key <= (7, 14):
            depth[day] = 1.0
        elif key >= (12, 27) or key <= (1, 15):
            depth[day] = 0.8
        elif (11, 22) <= key <= (11, 30):
            depth[day] = 0.6
    return depth


@cache
def day_weight() -> Array:
    """Return the planted weight of each day for orders, mean 1, (734,)."""
    day = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    month = np.array([_MONTH_WEIGHT[d.month - 1] for d in day])
    weekday = np.array([_WEEKDAY_WEIGHT[d.weekday()] for d in day])
    weight = month * weekday * (1 + 0.35 * on_sale())
    return np.asarray(weight / weight.mean())


@cache
def category_by_month() -> Array:
    """Return the season multiplier of each category, (12, categories)."""
    return np.array([_BY_MONTH[name] for name in CATEGORIES]).T


@cache
def kind_by_week() -> Array:
    """Return the season multiplier of each kind of garment in the middle of each week, (weeks, kinds)."""
    middle = np.minimum(np.arange(WEEKS) * 7 + 3, DAYS - 1)
    return np.array([_KIND_BY_MONTH[kind] for kind in SEASON_KINDS]).T[months()[middle]]
