"""The survey shop: 500 customers, 50 products in five categories, two years, in the same file layout.

What drives a customer is planted apart from the H&M shape: spending power (quantity of a purchase), purchase
frequency, category preferences and the habit of staying in the previous purchase's category. A quantity of
three is three equal lines. Prices are free amounts: base price times 0.85 to 1.15, in cents / 59000.
"""

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hm_assets.sources.synthetic import presets as pr
from hm_assets.sources.synthetic import taxonomy as tx
from hm_assets.sources.synthetic import truth, writer
from hm_assets.sources.synthetic.arrays import Array, choose, stream
from hm_assets.sources.synthetic.articles import COLUMNS
from hm_assets.sources.synthetic.customers import Attributes, Traits, attributes
from hm_assets.sources.synthetic.facts import Fact, Meter, Report, counts
from hm_assets.sources.synthetic.purchases import Lines
from hm_assets.sources.synthetic.seasons import day_weight


@dataclass(frozen=True)
class Category:
    """A category of the survey shop: five subcategories and its range of base prices (currency units)."""

    name: str
    subcategories: tuple[str, str, str, str, str]
    low: float
    high: float
    words: str


CATEGORIES: Final = (
    Category("Electronics", ("Phones", "Audio", "Cameras", "Wearables", "Gaming"), 100, 800, "battery usb"),
    Category("Clothing", ("Tops", "Trousers", "Dresses", "Jackets", "Shoes"), 15, 120, "cotton v-neck"),
    Category("Home & Living", ("Kitchen", "Bedding", "Lighting", "Decor", "Storage"), 10, 250, "oak linen"),
    Category("Books", ("Fiction", "Science", "Travel", "Children", "Cooking"), 5, 40, "paperback maps"),
    Category("Beauty", ("Skin care", "Hair care", "Make-up", "Fragrance", "Bath"), 5, 80, "vitamin scented"),
)
SPENDING_POWER: Final = ("Low", "Medium", "High")
POWER_SHARE: Final = (0.2, 0.6, 0.2)
FREQUENCY: Final = ("Rare", "Regular", "Frequent")
FREQUENCY_SHARE: Final = (0.3, 0.5, 0.2)
_FREQUENCY_WEIGHT: Final = np.array([1.0, 3.0, 8.0])
_MOST_UNITS: Final = np.array([1.6, 3.0, 5.0])  # quantity is 1 to about this, small ones likelier


@dataclass(frozen=True)
class _Shoppers:
    power: Array  # index into SPENDING_POWER, -1 under noise
    frequency: Array
    weight: Array  # relative number of purchases
    units: Array  # upper end of the quantity
    tastes: Array  # (n, 5) float32


@dataclass(frozen=True)
class _Goods:
    category: Array
    subcategory: Array
    price: Array  # base price
    popularity: Array
    colour: Array

    @property
    def ids(self) -> list[str]:
        return [f"{200_001 + 7 * row:07d}001" for row in range(len(self.price))]


def _split(count: int, share: tuple[float, ...], rng: np.random.Generator) -> Array:
    """Deal ``count`` rows to the shares, exact to a row, in random order."""
    edges = np.rint(np.cumsum(share) * count).astype(np.int64)
    return rng.permutation(np.searchsorted(edges, np.arange(count), side="right")).astype(np.int8)


def _shoppers(count: int, noise: bool, rng: np.random.Generator) -> _Shoppers:
    tastes = rng.standard_gamma(1.5, (count, len(CATEGORIES))) + 1e-9
    tastes = (tastes / tastes.sum(axis=1, keepdims=True)).astype(np.float32)
    if noise:
        nobody = np.full(count, -1, dtype=np.int8)
        weight = np.exp(rng.normal(1.0, 0.7, count))
        return _Shoppers(nobody, nobody, weight, 1.2 + rng.gamma(3.0, 0.6, count), tastes)
    power = _split(count, POWER_SHARE, rng)
    frequency = _split(count, FREQUENCY_SHARE, rng)
    weight = _FREQUENCY_WEIGHT[frequency] * np.exp(rng.normal(0.0, 0.15, count))
    return _Shoppers(power, frequency, weight, _MOST_UNITS[power], tastes)


def _goods(count: int, rng: np.random.Generator) -> _Goods:
    number = np.arange(count)
    category = number % len(CATEGORIES)
    low = np.array([item.low for item in CATEGORIES])[category]
    high = np.array([item.high for item in CATEGORIES])[category]
    return _Goods(
        category=category,
        subcategory=(number // len(CATEGORIES)) % 5,
        price=np.rint(100 * (low + rng.random(count) * (high - low))) / 100,
        popularity=0.1 + 0.9 * rng.random(count),
        colour=rng.integers(0, len(tx.COLOURS), count),
    )


def _lines(
    people: _Shoppers, goods: _Goods, lines: int, rng: np.random.Generator
) -> tuple[Lines, Array, float]:
    """Return exactly ``lines`` lines, the purchases of each customer, and the share that followed."""
    share = people.weight / people.weight.sum()
    customer = np.concatenate((np.arange(len(share)), rng.choice(len(share), lines, p=share)))
    units = 1 + np.floor(rng.random(len(customer)) ** 1.6 * people.units[customer]).astype(np.int64)
    total = np.cumsum(units)
    last = int(np.searchsorted(total, lines))
    units[last] -= int(total[last]) - lines
    customer, units = customer[: last + 1], units[: last + 1]

    clock = np.concatenate(([0.0], np.cumsum(day_weight())))
    day = np.searchsorted(clock, rng.random(len(customer)) * clock[-1], side="right") - 1
    order = np.lexsort((day, customer))
    customer, day, units = customer[order], np.minimum(day[order], pr.DAYS - 1), units[order]

    category = choose(np.cumsum(people.tastes, axis=1)[customer], rng.random(len(customer)))
    follows = rng.random(len(customer)) < pr.CATEGORY_LOYALTY
    same = np.zeros(len(customer), dtype=bool)
    same[1:] = customer[1:] == customer[:-1]
    follows &= same
    category = category[np.maximum.accumulate(np.where(follows, 0, np.arange(len(customer))))]
    offered = goods.category[None, :] == np.arange(len(CATEGORIES))[:, None]
    odds = np.where(offered, goods.popularity[None, :], 0.0)
    running = np.cumsum(odds, axis=1)[category]
    article = (running <= (rng.random(len(customer)) * running[:, -1])[:, None]).sum(axis=1)
    cents = np.rint(100 * goods.price[article] * rng.uniform(0.85, 1.15, len(customer))).astype(np.int32)
    channel = np.where(rng.random(len(customer)) < pr.ONLINE_LINE_SHARE, 2, 1)
    result = Lines(
        day=np.repeat(day, units).astype(np.int16),
        customer=np.repeat(customer, units).astype(np.int32),
        article=np.repeat(article, units).astype(np.int32),
        cents=np.repeat(cents, units),
        channel=np.repeat(channel, units).astype(np.int8),
    )
    return result, np.bincount(customer, minlength=len(share)), float(follows.sum() / max(1, same.sum()))


def _write_articles(path: Path, goods: _Goods) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for row, key in enumerate(goods.ids):
            category, place = int(goods.category[row]), int(goods.subcategory[row])
            item = CATEGORIES[category]
            sub, number = item.subcategories[place], 10 * (category + 1) + place
            code, colour, value, family, _ = tx.COLOURS[int(goods.colour[row])]
            name = f"{sub} {chr(ord('A') + row // 25 % 26)}"
            look = (*tx.APPEARANCES[0][:2], code, colour, tx.COLOUR_VALUES.index(value) + 1, value)
            shade = (tx.COLOUR_FAMILIES.index(family) + 1, family)
            shelf = (1000 + number, sub, "VWXYZ"[category], item.name, 50 + category, item.name)
            text = f"{sub} with {item.words} in {colour.lower()}."
            end = (number, sub, 2000 + category, item.name, text)
            table.writerow((key, key[:7], name, number, sub, item.name, *look, *shade, *shelf, *end))


def _write_truth(folder: Path, attrs: Attributes, people: _Shoppers, goods: _Goods) -> None:
    powers = pa.array(SPENDING_POWER).take(pa.array(people.power.astype(np.int32), mask=people.power < 0))
    rates = pa.array(FREQUENCY).take(pa.array(people.frequency.astype(np.int32), mask=people.frequency < 0))
    names = [
        None if power is None else f"{power} / {rate}"
        for power, rate in zip(powers.to_pylist(), rates.to_pylist(), strict=True)
    ]
    columns = {
        "customer_id": truth.fixed_text(attrs.customer_id),
        "segment": pa.array(names, pa.string()),
        "spending_power": powers,
        "purchase_frequency": rates,
        "purchase_weight": pa.array(people.weight),
        "age": pa.array(attrs.true_age),
    }
    for number, item in enumerate(CATEGORIES):
        columns[f"category_{truth.column_name(item.name)}"] = pa.array(people.tastes[:, number])
    pq.write_table(pa.table(columns), folder / "customers.parquet", compression="zstd")
    labels = [CATEGORIES[number] for number in goods.category.tolist()]
    columns = {
        "article_id": pa.array(goods.ids),
        "category": pa.array([item.name for item in labels]),
        "subcategory": pa.array(
            [item.subcategories[n] for item, n in zip(labels, goods.subcategory.tolist(), strict=True)]
        ),
        "base_price": pa.array(goods.price),
        "popularity": pa.array(goods.popularity),
    }
    pq.write_table(pa.table(columns), folder / "articles.parquet", compression="zstd")
    days = [pr.FIRST_DAY + timedelta(days=day) for day in range(pr.DAYS)]
    curve = pa.table({"date": pa.array(days), "orders": pa.array(day_weight())})
    pq.write_table(curve, folder / "seasonal_curve.parquet", compression="zstd")


def _as_traits(count: int, purchases: Array) -> Traits:
    """Describe the shoppers to ``customers.attributes``, which asks for their orders and segments only."""
    none = np.zeros(count)
    nobody = np.full(count, -1, dtype=np.int8)
    return Traits(nobody, nobody, purchases, none, none, none, none, none, none, none, none, none, none)


def write_survey(
    work: Path,
    size: pr.Preset,
    noise: bool,
    seed: int,
    tell: Callable[[str, float], None],
    write: writer.Write,
) -> Report:
    """Write all files of the survey preset into ``work``."""
    tell("purchases", 0.0)
    rng = stream(seed, "survey")
    people = _shoppers(size.customers, noise, rng)
    goods = _goods(size.articles, rng)
    lines, purchases, followed = _lines(people, goods, size.lines, rng)
    attrs = attributes(size.customers, _as_traits(size.customers, purchases), 1.0, seed)
    writer.write_customers(work / "customers.csv", attrs)
    _write_articles(work / "articles.csv", goods)
    _write_truth(work / "truth", attrs, people, goods)
    meter = Meter(size.customers, size.articles)
    shelf = writer.Buckets(work / "buckets")
    shelf.add(lines)
    with ThreadPoolExecutor(writer.THREADS) as pool:
        prices = np.unique(lines.cents)
        months = meter.watch(shelf.months())
        write(work, months, attrs.customer_id, goods.ids, cents=prices, pool=pool)
    tell("transactions", 1.0)
    facts = [*counts(size, size.customers, size.articles, meter)]
    for name, values, labels, shares in (
        ("spending power", people.power, SPENDING_POWER, POWER_SHARE),
        ("purchase frequency", people.frequency, FREQUENCY, FREQUENCY_SHARE),
    ):
        for number, label in enumerate(labels):
            if not noise:
                got = 100 * float((values == number).mean())
                facts.append(Fact(f"{name} {label} (%)", 100 * shares[number], got))
    facts.append(Fact("category loyalty (%)", 100 * pr.CATEGORY_LOYALTY, 100 * followed))
    facts.append(Fact("lines online (%)", 100 * pr.ONLINE_LINE_SHARE, 100 * meter.online / meter.lines))
    return Report(size.customers, size.articles, meter.lines, 0, tuple(facts))
