"""What customers buy: the article of every line, block of customers by block.

The choice of an article goes down four steps: with 30 % chance the category of the customer's previous
purchase, else one by taste and season; a customer group by taste; three candidates from that shelf of that
week by popularity; one of the three by colour taste, price level and price sensitivity.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hm_assets.sources.synthetic import segments as sg
from hm_assets.sources.synthetic import taxonomy as tx
from hm_assets.sources.synthetic.arrays import Array, choose, starts, stream
from hm_assets.sources.synthetic.articles import MARKDOWNS, Catalogue
from hm_assets.sources.synthetic.assortment import SHELVES, Assortment
from hm_assets.sources.synthetic.customers import Traits
from hm_assets.sources.synthetic.orders import blocks, online_chance, order_days, repeat_chance
from hm_assets.sources.synthetic.presets import CATEGORY_LOYALTY, DAYS, WEEKS
from hm_assets.sources.synthetic.seasons import STORES_CLOSED, category_by_month, months

CANDIDATES: Final = 3
TRIES_WITHOUT_REPEAT: Final = 8
TRIES_TO_SELL: Final = 12
_CATEGORY_STRENGTH: Final = 14.0  # Dirichlet concentrations: how alike the customers of a segment are
_GROUP_STRENGTH: Final = 3.0
_COLOUR_STRENGTH: Final = 12.0


@dataclass(frozen=True)
class Tastes:
    """Probabilities of one block's customers, float32, rows summing to 1."""

    category: Array  # (n, 9)
    group: Array  # (n, 5)
    colour: Array  # (n, families)


@dataclass(frozen=True)
class Lines:
    """Lines as bought, ordered by customer, day and place in the basket; a repeated line follows its twin."""

    day: Array  # int16 day index
    customer: Array  # int32 row of the customer
    article: Array  # int32 row of the article
    cents: Array  # int32
    channel: Array  # int8, 1 store, 2 online


@dataclass(frozen=True)
class Block:
    """Lines and tastes; of ``could_follow`` lines with one before them, ``followed`` kept its category."""

    lines: Lines
    tastes: Tastes
    could_follow: int
    followed: int


@dataclass(frozen=True)
class World:
    """All that a block needs to know; shared by the threads and never written."""

    seed: int
    traits: Traits
    ages: Array
    bases: tuple[Array, Array, Array]
    online: Array  # probability of an online order by customer, while stores are open
    season_exponent: Array  # by pattern
    catalogue_family: Array
    assortment: Assortment
    repeat_chance: float  # of a line that is not the first of its order


def tastes(world: World, number: int, block: slice) -> Tastes:
    """Draw the tastes of a block's customers; the group taste follows the age."""
    rng = stream(world.seed, "tastes", number)
    pattern = world.traits.pattern[block]
    category, group, colour = world.bases
    age = world.ages[block]
    lean = group[pattern].copy()
    lean[age < 28] *= (0.85, 1.9, 1.0, 0.4, 1.1)
    lean[(age >= 28) & (age < 45)] *= (1.0, 0.8, 1.2, 2.6, 1.1)
    lean[age >= 45] *= (1.25, 0.4, 1.0, 0.8, 0.8)
    lean /= lean.sum(axis=1, keepdims=True)
    return Tastes(
        _dirichlet(category[pattern] * _CATEGORY_STRENGTH, rng),
        _dirichlet(lean * _GROUP_STRENGTH, rng),
        _dirichlet(colour[pattern] * _COLOUR_STRENGTH, rng),
    )


def _dirichlet(alpha: Array, rng: np.random.Generator) -> Array:
    draws = rng.standard_gamma(alpha) + 1e-12
    return np.asarray(draws / draws.sum(axis=1, keepdims=True), dtype=np.float32)


def block_lines(world: World, number: int, block: slice, sizes: Array) -> Block:
    """Return what one block of customers bought; ``sizes`` are the lines of its orders in customer order."""
    rng = stream(world.seed, "lines", number)
    taste = tastes(world, number, block)
    orders = world.traits.orders[block]
    owner = np.repeat(np.arange(len(orders), dtype=np.int32), orders)
    day = order_days(world.traits, block, owner, world.season_exponent, rng)
    closed = (day >= STORES_CLOSED[0]) & (day <= STORES_CLOSED[1])
    online = closed | (rng.random(len(owner)) < world.online[block][owner])

    order = np.repeat(np.arange(len(owner), dtype=np.int32), sizes)
    opens = np.zeros(len(order), dtype=bool)
    opens[starts(sizes)] = True
    repeat = ~opens & (rng.random(len(order), dtype=np.float32) < world.repeat_chance)
    fresh = np.flatnonzero(~repeat)
    fresh_order = order[fresh]
    customer = owner[fresh_order]
    shelf, follows = _shelves(taste, customer, months()[day][fresh_order], rng)
    week = day[fresh_order] // 7
    entry = _entries(world, block, taste=taste, customer=customer, week=week, shelf=shelf, rng=rng)
    _sell_all(world, number, entry, week.astype(np.int64) * SHELVES + shelf, rng)
    basket = customer.astype(np.int64) * DAYS + day[fresh_order]
    _draw_repeats_again(world, entry, basket, week=week, shelf=shelf, rng=rng)

    source = np.cumsum(~repeat) - 1
    entry = entry[source]
    lines = Lines(
        day=day[order],
        customer=(owner[order] + block.start).astype(np.int32),
        article=world.assortment.article[entry],
        cents=world.assortment.cents[entry],
        channel=np.where(online[order], 2, 1).astype(np.int8),
    )
    followers = int((customer[1:] == customer[:-1]).sum())
    return Block(lines, taste, followers, int(follows.sum()))


def _shelves(taste: Tastes, customer: Array, month: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw the shelf (group and category) of each fresh line; 30 % keep the category of the line before."""
    season = category_by_month().astype(np.float32)
    weight = taste.category[customer]
    weight *= season[month]
    np.cumsum(weight, axis=1, out=weight)
    category = choose(weight, rng.random(len(customer), dtype=np.float32))
    follows = rng.random(len(customer), dtype=np.float32) < CATEGORY_LOYALTY
    follows[0:1] = False
    follows[1:] &= customer[1:] == customer[:-1]
    origin = np.maximum.accumulate(np.where(follows, 0, np.arange(len(customer))))
    category = category[origin]
    weight = taste.group[customer]
    weight *= np.array(tx.AFFINITY, dtype=np.float32).T[category]
    np.cumsum(weight, axis=1, out=weight)
    group = choose(weight, rng.random(len(customer), dtype=np.float32))
    return group.astype(np.int64) * len(tx.CATEGORIES) + category, follows


def _entries(
    world: World,
    block: slice,
    *,
    taste: Tastes,
    customer: Array,
    week: Array,
    shelf: Array,
    rng: np.random.Generator,
) -> Array:
    """Draw candidates from each line's shelf and choose among them by colour, price level and sensitivity."""
    stock = world.assortment
    base = world.bases[2][-1].astype(np.float32)
    affinity = taste.colour / base
    level = (world.traits.price_level[block] * 6.0)[customer]
    keen = world.traits.sensitivity[block][customer]
    log_cents = np.log(stock.cents).astype(np.float32)
    discount = np.array(MARKDOWNS, dtype=np.float32)[stock.markdown] * 4.0
    drawn = np.empty((CANDIDATES, len(customer)), dtype=np.int32)
    weight = np.empty((len(customer), CANDIDATES), dtype=np.float32)
    for number in range(CANDIDATES):
        entry = stock.draw(week, shelf, rng.random(len(customer)))
        drawn[number] = entry
        family = world.catalogue_family[stock.article[entry]]
        push = level * (log_cents[entry] - np.float32(7.2)) + keen * discount[entry]
        weight[:, number] = affinity[customer, family] * np.exp(np.clip(push, -20, 20))
    np.cumsum(weight, axis=1, out=weight)
    pick = choose(weight, rng.random(len(customer), dtype=np.float32))
    return drawn[pick, np.arange(len(customer))]


def _sell_all(world: World, number: int, entry: Array, cell: Array, rng: np.random.Generator) -> None:
    """Give each article that this block must sell one of the lines that look at its shelf; in place.

    Articles are dealt to the blocks, so that in small presets too few that are on sale stay unsold by chance.
    """
    stock = world.assortment
    due = np.arange(number, len(world.catalogue_family), len(blocks(len(world.ages))))
    due = due[stock.entries[due] > 0]
    for attempt in range(TRIES_TO_SELL):
        if attempt in (0, TRIES_TO_SELL // 2):  # first the very shelf, then the category of any group
            modulus = WEEKS * SHELVES if attempt == 0 else len(tx.CATEGORIES)
            kin = stock.cell // SHELVES * SHELVES + stock.cell % SHELVES % modulus
            place = cell // SHELVES * SHELVES + cell % SHELVES % modulus
            order = np.argsort(place, kind="stable")
            ordered = place[order]
        sold = np.zeros(len(world.catalogue_family), dtype=bool)
        sold[stock.article[entry]] = True
        due = due[~sold[due]]
        if not len(due):
            return
        wanted = stock.by_article[stock.first[due] + rng.integers(0, stock.entries[due])]
        low = np.searchsorted(ordered, kin[wanted], side="left")
        high = np.searchsorted(ordered, kin[wanted], side="right")
        line = low + np.floor(rng.random(len(due)) * (high - low)).astype(np.int64)
        entry[order[line[high > low]]] = wanted[high > low]


def _draw_repeats_again(
    world: World, entry: Array, basket: Array, *, week: Array, shelf: Array, rng: np.random.Generator
) -> None:
    """Draw anew where a basket has an article twice; in place. Twice is quantity, which is planted elsewhere."""
    categories = len(tx.CATEGORIES)
    for attempt in range(TRIES_WITHOUT_REPEAT):
        again = _repeated(basket, world.assortment.article[entry])
        if not len(again):
            break
        near = shelf[again]
        if attempt >= TRIES_WITHOUT_REPEAT // 2:  # a bare shelf: look at another group's
            near = near % categories + rng.integers(len(tx.GROUPS), size=len(near)) * categories
        entry[again] = world.assortment.draw(week[again], near, rng.random(len(again)))


def _repeated(basket: Array, article: Array) -> Array:
    """Return the rows that repeat an earlier row's basket and article."""
    key = basket * 262_144 + article  # more than any catalogue has
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    return np.sort(order[1:][ordered[1:] == ordered[:-1]])


def world(
    *,
    seed: int,
    traits: Traits,
    ages: Array,
    bases: tuple[Array, Array, Array],
    blend: float,
    planted: tuple[sg.Segment, ...],
    catalogue: Catalogue,
    assortment: Assortment,
    sizes: Array,
) -> World:
    """Put together what the blocks share."""
    exponent = np.array([item.season for item in planted])
    share = np.array([item.share for item in planted])
    exponent = (1 - blend) * exponent + blend * float(share @ exponent)
    return World(
        seed=seed,
        traits=traits,
        ages=ages,
        bases=bases,
        online=online_chance(traits, sizes),
        season_exponent=exponent,
        catalogue_family=catalogue.family.astype(np.int8),
        assortment=assortment,
        repeat_chance=repeat_chance(int(sizes.sum()), len(sizes)),
    )
