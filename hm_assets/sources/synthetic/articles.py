"""The made-up catalogue: products, their colourways, texts, prices, popularity and the days each is sold."""

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from hm_assets.sources.synthetic import grammar
from hm_assets.sources.synthetic import taxonomy as tx
from hm_assets.sources.synthetic.arrays import Array, exactly, starts, stream
from hm_assets.sources.synthetic.presets import (
    COLOURWAYS_PER_PRODUCT,
    DAYS,
    EMPTY_TEXT_SHARE,
    NEVER_SOLD_SHARE,
)
from hm_assets.sources.synthetic.sections import sections, sections_for

_POINTS: Final = (
    *(199, 299, 399, 499, 599, 699, 799, 899, 999, 1299, 1499, 1799, 1999, 2499, 2999, 3499, 3999),
    *(4999, 5999, 6999, 7999, 9999, 12999),
)
PRICE_POINTS: Final = np.array(_POINTS, dtype=np.int32)
# Mean full price of what is bought; markdowns and choice bring it to the published mean paid, 1,642 cents.
FULL_PRICE_MEAN_CENTS: Final = 1_620
MARKDOWNS: Final = (0.0, 0.1, 0.2, 0.3, 0.5)
_HEADER: Final = (
    "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,"
    "graphical_appearance_no,graphical_appearance_name,colour_group_code,colour_group_name,"
    "perceived_colour_value_id,perceived_colour_value_name,perceived_colour_master_id,"
    "perceived_colour_master_name,department_no,department_name,index_code,index_name,index_group_no,"
    "index_group_name,section_no,section_name,garment_group_no,garment_group_name,detail_desc"
)
COLUMNS: Final = tuple(_HEADER.split(","))


@cache
def price_table() -> Array:
    """Return every price there is: cents of each price point at each markdown, (points, markdowns)."""
    cents = np.rint(PRICE_POINTS[:, None] * (1 - np.array(MARKDOWNS))[None, :])
    return np.asarray(cents.astype(np.int32))


@dataclass(frozen=True)
class Products:
    """One row per product code, arrays of length P; ``topics`` is (P, topics), rows summing to 1."""

    code: Array
    kind: Array  # index into taxonomy.TYPES
    group: Array  # index into taxonomy.GROUPS
    index_letter: list[str]
    section: Array  # index into sections.sections()
    department: Array  # 0-3, index into taxonomy.DEPARTMENT_LINES
    point: Array  # index into PRICE_POINTS
    launch: Array  # day index, may be negative
    end: Array  # last day of sale, day index, may be past the data
    topics: Array
    names: list[str]
    texts: list[str]


@dataclass(frozen=True)
class Catalogue:
    """One row per article, arrays of length A ascending by article id; ``product`` is a row of products."""

    products: Products
    product: Array
    colourway: Array
    colour: Array  # index into taxonomy.COLOURS
    appearance: Array
    popularity: Array
    sellable: Array
    launch: Array
    end: Array

    @property
    def ids(self) -> list[str]:
        """The article_id column: product code and colourway."""
        codes = self.products.code[self.product].tolist()
        return [f"{code:07d}{way:03d}" for code, way in zip(codes, self.colourway.tolist(), strict=True)]

    @property
    def category(self) -> Array:
        """Planted category of each article, index into taxonomy.CATEGORIES."""
        return np.array([item.category for item in tx.TYPES])[self.products.kind[self.product]]

    @property
    def group(self) -> Array:
        """Customer group of each article, index into taxonomy.GROUPS."""
        return np.asarray(self.products.group[self.product])

    @property
    def family(self) -> Array:
        """Colour family of each article, index into taxonomy.COLOUR_FAMILIES."""
        return np.array([tx.COLOUR_FAMILIES.index(row[3]) for row in tx.COLOURS])[self.colour]

    @property
    def season_kind(self) -> Array:
        """Season of each article, index into taxonomy.SEASON_KINDS."""
        return np.array([tx.SEASON_KINDS.index(item.season) for item in tx.TYPES])[
            self.products.kind[self.product]
        ]


def _colourway_counts(articles: int, rng: np.random.Generator) -> Array:
    """Split the articles into products of about 2.2 colourways, at most 60."""
    size = max(1, round(articles / COLOURWAYS_PER_PRODUCT))
    counts = np.minimum(rng.geometric(1 / COLOURWAYS_PER_PRODUCT, size), 60)
    while (missing := articles - int(counts.sum())) != 0:
        step = 1 if missing > 0 else -1
        room = np.flatnonzero(counts > 1) if step < 0 else np.arange(size)
        counts[rng.choice(room, size=min(abs(missing), len(room)), replace=False)] += step
    return counts


def _shelves(size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw group and category of each product; the first 45 products fill every shelf once."""
    groups, categories = len(tx.GROUPS), len(tx.CATEGORIES)
    share = np.array(tx.AFFINITY) * np.array(tx.GROUP_CATALOGUE)[:, None] * np.array(tx.CATEGORY_CATALOGUE)
    drawn = rng.choice(groups * categories, size, p=share.ravel() / share.sum())
    group, category = np.divmod(drawn, categories)
    once = np.arange(min(size, groups * categories))
    group[once], category[once] = once % groups, once // groups
    return group, category


def _kinds_and_sections(group: Array, category: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw the product type of each product within its shelf, and deal the shelf's sections in turn."""
    kind = np.zeros(len(category), dtype=np.int64)
    section = np.zeros(len(category), dtype=np.int64)
    for owner in range(len(tx.GROUPS)):
        for number in range(len(tx.CATEGORIES)):
            rows = np.flatnonzero((group == owner) & (category == number))
            kinds = tx.types_of(owner, number)
            weight = np.array([tx.TYPES[i].weight for i in kinds])
            kind[rows] = rng.choice(kinds, len(rows), p=weight / weight.sum())
            own = np.array(sections_for(owner, number))
            section[rows] = own[(np.arange(len(rows)) + rng.integers(len(own))) % len(own)]
    return kind, section


def _lives(size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw the first and last day of sale of each product; each shares five weeks or more with the data."""
    launch = rng.integers(-170, DAYS - 36, size)
    end = launch + 34 + rng.gamma(2.0, 75.0, size).astype(np.int64)
    basics = rng.random(size) < 0.08  # never-out-of-stock lines
    basics[: len(tx.GROUPS) * len(tx.CATEGORIES)] = True
    launch[basics] = rng.integers(-900, -100, int(basics.sum()))
    end[basics] = DAYS + rng.integers(0, 400, int(basics.sum()))
    short = end < 34
    end[short] = 34 + rng.integers(0, 60, int(short.sum()))
    return launch, end


def _texts(kind: Array, counts: Array, seed: int) -> tuple[Array, list[str], list[str]]:
    """Return topic mixes (P, topics), names and texts of the products."""
    rng = stream(seed, "texts")
    size = len(kind)
    base = np.full((len(tx.TYPES), len(grammar.TOPICS)), 0.02)
    for row, item in enumerate(tx.TYPES):
        for rank, topic in enumerate(item.topics):
            base[row, grammar.TOPICS.index(topic)] += 2.5 / (1 + rank)
    draws = rng.standard_gamma(base[kind])
    topics = draws / draws.sum(axis=1, keepdims=True)
    sentences = 2 + rng.binomial(3, 0.5, size)
    order = rng.random((size, 5))
    picked = (topics.cumsum(axis=1)[:, None, :-1] <= order[:, :, None]).sum(axis=2).tolist()
    dice = rng.integers(0, 2**31, (size, grammar.DICE_PER_PRODUCT))
    shuffled = rng.permutation(size)
    none = shuffled[np.cumsum(counts[shuffled]) <= round(EMPTY_TEXT_SHARE * counts.sum())]
    empty = np.isin(np.arange(size), none)
    kinds = [tx.TYPES[i].name for i in kind.tolist()]
    names = [grammar.name(kinds[i], dice[i, -4:]) for i in range(size)]
    texts = [
        "" if empty[i] else grammar.text(kinds[i], topics_said[: sentences[i]], dice[i, :-4])
        for i, topics_said in enumerate(picked)
    ]
    return topics, names, texts


def build(articles: int, seed: int) -> Catalogue:
    """Build a catalogue of exactly ``articles`` rows."""
    rng = stream(seed, "articles")
    counts = _colourway_counts(articles, rng)
    size = len(counts)
    group, category = _shelves(size, rng)
    kind, section = _kinds_and_sections(group, category, rng)
    launch, end = _lives(size, rng)
    department = rng.integers(0, len(tx.DEPARTMENT_LINES), size)
    topics, names, texts = _texts(kind, counts, seed)
    cents = np.array([item.cents for item in tx.TYPES])[kind] * np.exp(rng.normal(0.0, 0.33, size))
    cents *= np.array([1.0, 0.92, 1.25, 0.72, 1.15])[group]
    letters = [tx.index_letters(g, c) for g, c in zip(group.tolist(), category.tolist(), strict=True)]
    picks = rng.integers(0, 6, size).tolist()

    # Codes rise with the launch, as if they were handed out in the order of design.
    order = np.argsort(launch, kind="stable")
    codes = np.sort(rng.choice(850_000, size, replace=False)) + 108_000
    products = Products(
        code=codes,
        kind=kind[order],
        group=group[order],
        index_letter=[letters[i][picks[i] % len(letters[i])] for i in order.tolist()],
        section=section[order],
        department=department[order],
        point=np.zeros(size, dtype=np.int64),
        launch=launch[order],
        end=end[order],
        topics=topics[order],
        names=[names[i] for i in order.tolist()],
        texts=[texts[i] for i in order.tolist()],
    )
    counts = counts[order]
    return _priced(_colourways(products, counts, rng), cents[order])


def _priced(catalogue: Catalogue, cents: Array) -> Catalogue:
    """Round the products' wished prices to price points, at a level that gives the wanted mean of full prices.

    The mean weighs each article as it will be bought: by its shelf's demand, its popularity and its days on sale.
    """
    demand = np.array(tx.AFFINITY) * np.array(tx.GROUP_DEMAND)[:, None] * np.array(tx.CATEGORY_DEMAND)
    shelf = catalogue.group * len(tx.CATEGORIES) + catalogue.category
    days = np.minimum(catalogue.end, DAYS - 1) - np.maximum(catalogue.launch, 0) + 1
    weight = catalogue.popularity * days * catalogue.sellable
    supply = np.bincount(shelf, weights=weight, minlength=demand.size)
    weight *= (demand.ravel() / np.maximum(supply, 1e-9))[shelf]

    def points(level: float) -> Array:
        distance = np.log(PRICE_POINTS)[None, :] - np.log(cents * level)[:, None]
        return np.asarray(np.abs(distance).argmin(axis=1))

    low, high = 0.2, 3.0
    for _ in range(24):
        level = (low + high) / 2
        mean = float(np.average(PRICE_POINTS[points(level)][catalogue.product], weights=weight))
        low, high = (level, high) if mean < FULL_PRICE_MEAN_CENTS else (low, level)
    return replace(catalogue, products=replace(catalogue.products, point=points(low)))


def _colourways(products: Products, counts: Array, rng: np.random.Generator) -> Catalogue:
    """Spread each product into its colourways, with their own popularity and shorter lives."""
    articles = int(counts.sum())
    product = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(articles) - np.repeat(starts(counts), counts)
    share = np.array([row[4] for row in tx.COLOURS])
    appearance = np.array([row[2] for row in tx.APPEARANCES])
    launch = np.asarray(products.launch)[product]
    end = np.asarray(products.end)[product]
    # Later colourways join later, but leave at least four whole weeks of sale inside the data.
    late = (place > 0) * rng.integers(0, 90, articles)
    launch = np.minimum(launch + late, np.maximum(launch, np.minimum(end, DAYS - 1) - 34))
    return Catalogue(
        products=products,
        product=product,
        colourway=1 + place + np.where(place > 0, rng.integers(0, 4, articles).cumsum() % 7, 0) + place * 7,
        colour=rng.choice(len(share), articles, p=share / share.sum()),
        appearance=rng.choice(len(appearance), articles, p=appearance / appearance.sum()),
        popularity=np.maximum(np.exp(rng.normal(0, 1.15, articles)), 0.12),
        sellable=~exactly(round(NEVER_SOLD_SHARE * articles), articles, rng.random(articles)),
        launch=launch,
        end=end,
    )


def write_csv(catalogue: Catalogue, path: Path) -> None:
    """Write articles.csv, 25 columns, quoted only where needed."""
    products = catalogue.products
    all_sections = sections()
    per_product = []
    for row, kind in enumerate(products.kind.tolist()):
        item = tx.TYPES[kind]
        group = int(products.group[row])
        letter = products.index_letter[row]
        garment = tx.GARMENT_GROUPS.index(item.garment_group)
        line = int(products.department[row])
        number, section, _ = all_sections[int(products.section[row])]
        department = 1100 + ((garment * len(tx.GROUPS)) + group) * len(tx.DEPARTMENT_LINES) + line
        head = (f"{products.code[row]:07d}", products.names[row], item.number, item.name, item.product_group)
        shelf = (department, f"{item.garment_group} {tx.DEPARTMENT_LINES[line]}", letter, tx.INDEXES[letter])
        place = (tx.GROUP_NUMBERS[group], tx.GROUPS[group], number, section, 1001 + garment)
        per_product.append((head, (*shelf, *place, item.garment_group, products.texts[row])))
    looks = [(number, label) for number, label, _ in tx.APPEARANCES]
    colours = [
        (code, label, tx.COLOUR_VALUES.index(value) + 1, value, tx.COLOUR_FAMILIES.index(family) + 1, family)
        for code, label, value, family, _ in tx.COLOURS
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for key, product, look, colour in zip(
            catalogue.ids,
            catalogue.product.tolist(),
            catalogue.appearance.tolist(),
            catalogue.colour.tolist(),
            strict=True,
        ):
            head, tail = per_product[product]
            writer.writerow((key, *head, *looks[look], *colours[colour], *tail))
