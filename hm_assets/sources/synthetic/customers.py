"""Who the customers are: ids, attributes with exactly the planted gaps, and the traits that drive buying."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hm_assets.sources.synthetic import segments as sg
from hm_assets.sources.synthetic import taxonomy as tx
from hm_assets.sources.synthetic.arrays import Array, exactly, stream
from hm_assets.sources.synthetic.presets import (
    DAYS,
    LAST_YEAR_FROM,
    MISSING_SHARE,
    NEVER_BUY_SHARE,
    PLACEHOLDER_POSTAL_SHARE,
    Preset,
)

# Recency on the day after the data (days) against the share of buyers, so that those of the last 366 days
# have the published quartiles 31, 86 and 184 days. 71.6 % of all buyers are among them (on a real sample).
_ACTIVE_SHARE: Final = 0.716
_RECENCY: Final = (
    np.array([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]) * _ACTIVE_SHARE,
    np.array([1.0, 12.0, 31.0, 86.0, 184.0, 288.0, DAYS - LAST_YEAR_FROM + 0.99]),
)
_PAIRS: Final = "".join(f"{byte:02x}" for byte in range(256)).encode()
HEX: Final = np.frombuffer(_PAIRS, dtype=np.uint8).reshape(256, 2)


@dataclass(frozen=True)
class Attributes:
    """The columns of customers.csv, one row per customer in the order of customer_id; -1 codes a gap."""

    customer_id: Array  # (n, 64) ASCII bytes
    fn: Array  # bool
    active: Array  # bool
    club: Array  # index into CLUB, -1 gap
    news: Array  # index into NEWS, -1 gap
    age: Array  # years, -1 gap
    true_age: Array
    postal_code: Array  # (n, 64) ASCII bytes


CLUB: Final = ("ACTIVE", "PRE-CREATE", "LEFT CLUB")
NEWS: Final = ("NONE", "Regularly", "Monthly", "None")


@dataclass(frozen=True)
class Traits:
    """What drives each customer's buying; one row per customer, those who never buy have 0 orders.

    Days are day indexes (0 = 2018-09-20). ``segment`` is -1 for those who never buy and for everybody under
    the noise switch; ``pattern`` is the row of the taste tables.
    """

    segment: Array
    pattern: Array
    orders: Array
    first_day: Array
    last_day: Array
    churned: Array  # bool: gone for good after last_day
    cadence_days: Array
    basket: Array  # median lines per order, before the preset's total is met
    price_level: Array  # log
    sensitivity: Array
    online: Array  # probability of an online order while stores are open, before the published share is met
    irregularity: Array  # spread of an order's date, in gaps
    drift: Array  # orders come early (above 1) or late (below 1) in the customer's time


def hex_ids(count: int, rng: np.random.Generator, ordered: bool) -> Array:
    """Return ``count`` distinct ids of 64 hex characters as (count, 64) ASCII bytes, ascending if ordered."""
    head = rng.integers(0, 2**63, count, dtype=np.uint64)
    while len(np.unique(head)) < count:
        head = rng.integers(0, 2**63, count, dtype=np.uint64)
    if ordered:
        head.sort()
    raw = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    raw[:, :8] = head.astype(">u8").view(np.uint8).reshape(count, 8)
    return HEX[raw].reshape(count, 64)


def _ages(segment: Array, blend: float, rng: np.random.Generator) -> Array:
    """Draw whole ages from 16 to 99 with humps near 24 and 50; segments differ a little in their mix."""
    young_share = np.array([0.56, 0.58, 0.71, 0.76, 0.60, 0.64, 0.63])  # last: nobody's segment
    size = len(segment)
    mix = (1 - blend) * young_share[segment] + blend * young_share[-1]
    young = rng.random(size) < mix
    age = np.where(young, 19.0 + rng.gamma(2.6, 3.0, size), rng.normal(50.0, 7.0, size))
    other = rng.random(size) < 0.08
    age = np.where(other, rng.uniform(17, 76, size), age)
    return np.clip(np.rint(age), 16, 99).astype(np.int16)


def attributes(count: int, traits: Traits, blend: float, seed: int) -> Attributes:
    """Draw the attributes; every share of missing values is met to the row."""
    rng = stream(seed, "attributes")
    engaged = np.log1p(traits.orders) * 0.25 + rng.logistic(0.0, 1.0, count)
    fn = exactly(count - round(MISSING_SHARE["FN"] * count), count, -engaged)
    active_score = np.where(fn, -engaged - rng.random(count), np.inf)
    active = exactly(count - round(MISSING_SHARE["Active"] * count), count, active_score)
    news = np.where(fn, 1, 0).astype(np.int8)
    swap = rng.random(count) < 0.004
    news[swap] = 1 - news[swap]
    odd = rng.permutation(count)
    rare = max(1, round(0.0006 * count)) + (2 if count >= 100_000 else 1)
    news[odd[:rare]] = 2
    news[odd[: 2 if count >= 100_000 else 1]] = 3
    gaps = round(MISSING_SHARE["fashion_news_frequency"] * count)
    news[exactly(gaps, count, rng.random(count) + (news > 1))] = -1
    club = np.zeros(count, dtype=np.int8)
    club[exactly(round(0.0678 * count), count, rng.random(count) * (1 + fn + (traits.orders > 3)))] = 1
    club[exactly(max(1, round(0.00034 * count)), count, rng.random(count))] = 2
    gaps = round(MISSING_SHARE["club_member_status"] * count)
    club[exactly(gaps, count, rng.random(count) + (club == 2))] = -1
    true_age = _ages(traits.segment, blend, rng)
    unknown = exactly(round(MISSING_SHARE["age"] * count), count, rng.random(count) * (1 + (news != -1)))
    age = np.where(unknown, -1, true_age).astype(np.int16)
    pool = hex_ids(max(2, round(count * 0.257)), rng, ordered=False)
    home = rng.integers(1, len(pool), count)
    home[exactly(round(PLACEHOLDER_POSTAL_SHARE * count), count, rng.random(count))] = 0
    return Attributes(hex_ids(count, rng, ordered=True), fn, active, club, news, age, true_age, pool[home])


def traits(preset: Preset, blend: float, noise: bool, seed: int) -> Traits:
    """Draw the traits of every customer: segment, cadence, first and last order day, number of orders."""
    rng = stream(seed, "traits")
    count = preset.customers
    published = preset.profile == "published"
    planted = sg.population(preset.profile)
    blend = 1.0 if noise else blend
    never = exactly(round(NEVER_BUY_SHARE * count), count, rng.random(count))
    pattern = np.full(count, len(planted), dtype=np.int8)
    pattern[~never] = sg.assign(planted, int((~never).sum()), rng)
    row = np.where(never, 0, pattern)
    latent = sg.latents(planted, row, blend, preset.cadence_factor, rng)
    recency = np.exp(latent[:, 0])
    if published:
        buyers = np.flatnonzero(~never)
        rank = np.empty(len(buyers))
        rank[np.argsort(recency[buyers], kind="stable")] = (np.arange(len(buyers)) + 0.5) / len(buyers)
        recency[buyers] = _published_recency(rank)
    recency = np.clip(np.floor(recency), 1, DAYS).astype(np.int64)
    recency[np.argmin(np.where(never, DAYS + 1, recency))] = 1  # somebody buys on the last day
    cadence = np.exp(latent[:, 2])
    # Who was a customer before the data begins shows up at the first order after it: within about one gap.
    before = DAYS - rng.random(count) * np.minimum(cadence, 120.0)
    tenure = np.minimum(np.maximum(np.exp(latent[:, 1]), recency), np.maximum(before, recency))
    orders = 1 + np.floor((tenure - recency) / cadence + rng.random(count)).astype(np.int64)
    last = DAYS - recency
    first = np.where(orders > 1, np.minimum(np.floor(DAYS - tenure).astype(np.int64), last), last)
    earliest = np.argmin(np.where(never | (orders < 2), DAYS, first))
    first[earliest] = 0  # and somebody who orders more than once on the first
    orders = np.minimum(orders, 1 + 2 * (last - first))
    orders[never] = 0
    sensitivity = np.array([item.sensitivity for item in planted])
    sensitivity = (1 - blend) * sensitivity + blend * sensitivity.mean()
    # Silent for more than three of their gaps, a gap being 120 days at most: gone for good.
    gone = recency > 3.0 * np.minimum(cadence, 120.0)
    segment = np.where(never | noise, -1, pattern).astype(np.int8)
    return Traits(
        segment=segment,
        pattern=pattern,
        orders=orders,
        first_day=first,
        last_day=last,
        churned=gone & ~never,
        cadence_days=cadence.astype(np.float32),
        basket=np.exp(latent[:, 3]).astype(np.float32),
        price_level=latent[:, 4].astype(np.float32),
        sensitivity=(sensitivity[row] * np.exp(rng.normal(0.0, 0.4, count))).astype(np.float32),
        online=rng.beta(1.1, 0.5, count).astype(np.float32),
        irregularity=np.exp(rng.normal(*((-0.3, 0.5) if published else (-1.2, 0.4)), count)).astype(
            np.float32
        ),
        drift=np.exp(rng.normal(*((0.04, 0.5) if published else (0.0, 0.12)), count)).astype(np.float32),
    )


def _published_recency(rank: Array) -> Array:
    """Return days since the last order at each rank in (0, 1): the published quartiles, then a slow tail."""
    share, days = _RECENCY
    tail = (rank - _ACTIVE_SHARE) / (1 - _ACTIVE_SHARE)
    late = days[-1] + np.maximum(tail, 0.0) ** 1.15 * (DAYS - days[-1])
    return np.asarray(np.where(rank <= _ACTIVE_SHARE, np.interp(rank, share, days), late))


def taste_bases(planted: tuple[sg.Segment, ...], blend: float) -> tuple[Array, Array, Array]:
    """Return the base measures of category, group and colour tastes, (segments + 1, k) each, rows sum to 1.

    The last row is nobody's segment (never buys, or the common mean under noise).
    """
    share = np.array([item.share for item in planted])
    colour = np.bincount(
        [tx.COLOUR_FAMILIES.index(row[3]) for row in tx.COLOURS], [row[4] for row in tx.COLOURS]
    )
    tables = []
    for demand, tilt in (
        (tx.CATEGORY_DEMAND, [item.tastes for item in planted]),
        (tx.GROUP_DEMAND, [item.groups for item in planted]),
        (tuple(colour), [item.colours for item in planted]),
    ):
        table = np.array(demand)[None, :] * np.array(tilt)
        table = sg.blended(table / table.sum(axis=1, keepdims=True), share, blend)
        tables.append(np.vstack([table, share @ table]))
    return tables[0], tables[1], tables[2]
