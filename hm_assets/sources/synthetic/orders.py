"""When customers order and how much: baskets that add up, days that keep a cadence, a share online."""

from typing import Final

import numpy as np

from hm_assets.sources.synthetic.arrays import Array, starts, stream
from hm_assets.sources.synthetic.customers import Traits
from hm_assets.sources.synthetic.presets import DAYS, ONLINE_LINE_SHARE, REPEATED_LINE_SHARE
from hm_assets.sources.synthetic.seasons import STORES_CLOSED, day_weight

BLOCK: Final = 32_768  # customers; a block of the largest preset has about 750,000 lines
_WITHIN_BASKET_SPREAD: Final = 0.72  # standard deviation of the log of a basket within a customer
_LARGEST_BASKET: Final = 150


def blocks(customers: int) -> list[slice]:
    """Return the blocks of customers in order."""
    return [slice(low, min(low + BLOCK, customers)) for low in range(0, customers, BLOCK)]


def fewer_orders(traits: Traits, lines: int) -> Array:
    """Return the orders of each customer, thinned where a tiny preset has fewer lines than orders."""
    orders = traits.orders
    while int(orders.sum()) > lines:
        orders = np.where(orders > 1, np.maximum(1, orders * 3 // 4), orders)
    return orders


def basket_sizes(traits: Traits, lines: int, seed: int) -> Array:
    """Draw the lines of every order, in the order of customers, so that they sum to exactly ``lines``."""
    parts = []
    for number, block in enumerate(blocks(len(traits.orders))):
        orders = traits.orders[block]
        rng = stream(seed, "orders", number)
        draws = np.exp(rng.normal(0.0, _WITHIN_BASKET_SPREAD, int(orders.sum())))
        parts.append((draws * np.repeat(traits.basket[block], orders)).astype(np.float32))
    wish = np.concatenate(parts)
    low, high = 0.0, 64.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _rounded(wish, middle).sum() <= lines else (low, middle)
    sizes = _rounded(wish, low)
    rng = stream(seed, "orders", len(parts))
    while (missing := lines - int(sizes.sum())) > 0:
        sizes[rng.choice(len(sizes), min(missing, len(sizes)), replace=False)] += 1
    return sizes


def _rounded(wish: Array, factor: float) -> Array:
    return np.asarray(np.clip(wish * np.float32(factor), 1, _LARGEST_BASKET).astype(np.int32))


def repeat_chance(lines: int, orders: int) -> float:
    """Return the chance of a repeat for lines after the first of an order that gives the published share."""
    return min(0.9, REPEATED_LINE_SHARE * lines / max(1, lines - orders))


def order_days(
    traits: Traits, block: slice, owner: Array, exponent: Array, rng: np.random.Generator
) -> Array:
    """Return the day of each order, ascending within the customer: the first and the last are given.

    Those between keep the planted cadence with an irregularity, on a clock that runs faster in season.
    """
    orders = traits.orders[block].astype(np.int64)
    place = np.arange(len(owner)) - starts(orders)[owner]
    gaps = np.maximum(orders - 1, 1)[owner]
    wobble = traits.irregularity[block][owner] * rng.standard_normal(len(owner), dtype=np.float32)
    turn = (((place + wobble) / gaps) % 1.0) ** traits.drift[block][owner]
    first, last = traits.first_day[block][owner], traits.last_day[block][owner]
    clocks = np.array([np.concatenate(([0.0], np.cumsum(day_weight() ** power))) for power in exponent])
    day = np.empty(len(owner), dtype=np.int64)
    pattern = traits.pattern[block][owner]
    for number, clock in enumerate(clocks):
        rows = np.flatnonzero(pattern == number)
        begin, end = clock[first[rows]], clock[last[rows] + 1]
        time = begin + turn[rows] * (end - begin)
        day[rows] = np.searchsorted(clock, time, side="right") - 1
    day = np.clip(day, first, last)
    day = np.where(place == 0, first, np.where(place == gaps, last, day))
    key = np.sort(owner.astype(np.int64) * DAYS + day)
    return (key % DAYS).astype(np.int16)


def online_chance(traits: Traits, sizes: Array) -> Array:
    """Bend the planted chances of an online order (``p ** power``) until the published share of lines is met.

    Counts the lines of each customer and the part of them that falls into the weeks of closed stores.
    """
    owner = np.repeat(np.arange(len(traits.orders)), traits.orders)
    lines = np.bincount(owner, weights=sizes, minlength=len(traits.orders))
    clock = np.concatenate(([0.0], np.cumsum(day_weight())))
    begin, end = traits.first_day, traits.last_day + 1
    inside = clock[np.minimum(end, STORES_CLOSED[1] + 1)] - clock[np.maximum(begin, STORES_CLOSED[0])]
    closed = np.maximum(inside, 0.0) / (clock[end] - clock[begin])
    log = np.log(np.maximum(traits.online, 1e-6))
    low, high = 0.05, 20.0
    for _ in range(40):
        power = (low * high) ** 0.5
        share = float((lines * (closed + (1 - closed) * np.exp(power * log))).sum() / lines.sum())
        low, high = (power, high) if share > ONLINE_LINE_SHARE else (low, power)
    return np.asarray(np.exp(power * log).astype(np.float32))
