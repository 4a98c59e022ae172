"""The table of wanted and got: the published facts beside what the generated lines have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from hm_assets.sources.synthetic import presets as pr
from hm_assets.sources.synthetic.arrays import Array
from hm_assets.sources.synthetic.articles import Catalogue
from hm_assets.sources.synthetic.customers import NEWS, Attributes
from hm_assets.sources.synthetic.purchases import Lines
from hm_assets.sources.synthetic.sections import sections

_NONE_LITERAL: Final = NEWS.index("None")


@dataclass(frozen=True)
class Fact:
    """One measured fact: shares in %, days, lines, or price units as the name says."""

    name: str
    wanted: float
    got: float


@dataclass(frozen=True)
class Report:
    """What was generated: rows of each file, and the facts wanted and got."""

    customers: int
    articles: int
    lines: int
    events: int
    facts: tuple[Fact, ...]


class Meter:
    """Counts the lines as they are written, month by month."""

    def __init__(self, customers: int, articles: int) -> None:
        self.lines = 0
        self.online = 0
        self.cents = 0
        self.repeated = 0
        self.sold = np.zeros(articles, dtype=bool)
        self.bought = np.zeros(customers, dtype=bool)
        self.year_lines = np.zeros(customers, dtype=np.int64)
        self.year_days = np.zeros(customers, dtype=np.int64)
        self.year_spend = np.zeros(customers)
        self.last_day = np.full(customers, -1, dtype=np.int64)

    def watch(self, months: Iterator[Lines]) -> Iterator[Lines]:
        """Pass the lines on, ordered by day and customer, and count them."""
        for part in months:
            self._count(part)
            yield part

    def _count(self, part: Lines) -> None:
        customers = len(self.bought)
        self.lines += len(part.day)
        self.cents += int(part.cents.sum(dtype=np.int64))
        self.online += int((part.channel == 2).sum())
        self.sold[part.article] = True
        self.bought[part.customer] = True
        # Days ascend, so the last write of each customer is the latest day.
        self.last_day[part.customer] = part.day
        new = np.ones(len(part.day), dtype=bool)
        new[1:] = (part.day[1:] != part.day[:-1]) | (part.customer[1:] != part.customer[:-1])
        # Customer-day (under 2**25 a month), article (18 bits), price with channel (21 bits) in one number.
        key = (np.cumsum(new) << 39) | (part.article.astype(np.int64) << 21)
        key |= part.cents.astype(np.int64) * 2 + (part.channel == 2)
        key.sort()
        self.repeated += int((key[1:] == key[:-1]).sum())
        late = part.day >= pr.LAST_YEAR_FROM
        if late.any():
            buyer = part.customer[late]
            self.year_lines += np.bincount(buyer, minlength=customers)
            self.year_spend += np.bincount(buyer, part.cents[late] / pr.PRICE_DIVISOR, minlength=customers)
            self.year_days += np.bincount(part.customer[late & new], minlength=customers)


def published(
    preset: pr.Preset, people: Attributes, catalogue: Catalogue, meter: Meter, loyalty: float
) -> tuple[Fact, ...]:
    """Return the facts of the H&M shape; counts are those of the preset."""
    return (
        *_counts(preset, people, catalogue, meter),
        *_year(meter),
        Fact("category loyalty (%)", 30.0, loyalty),
    )


def counts(preset: pr.Preset, customers: int, articles: int, meter: Meter) -> tuple[Fact, ...]:
    """Return the facts that every preset has: rows of the files."""
    return (
        Fact("customers", preset.customers, customers),
        Fact("articles", preset.articles, articles),
        Fact("lines", preset.lines, meter.lines),
    )


def _counts(preset: pr.Preset, people: Attributes, catalogue: Catalogue, meter: Meter) -> Iterator[Fact]:
    yield from counts(preset, len(people.age), len(catalogue.product), meter)
    missing = {
        "FN": ~people.fn,
        "Active": ~people.active,
        "club_member_status": people.club == -1,
        "fashion_news_frequency": people.news == -1,
        "age": people.age == -1,
    }
    for column, gap in missing.items():
        yield _percent(f"{column} missing (%)", pr.MISSING_SHARE[column], gap.mean())
    _, homes = np.unique(people.postal_code[:, :8].copy().view("S8").ravel(), return_counts=True)
    yield _percent("placeholder postal code (%)", pr.PLACEHOLDER_POSTAL_SHARE, homes.max() / len(people.age))
    ages = np.bincount(people.age[people.age >= 0], minlength=100)
    smooth = np.convolve(ages, np.ones(5), mode="same")
    yield Fact("age, younger peak (years)", 24, int(smooth[:37].argmax()))
    yield Fact("age, older peak (years)", 50, 37 + int(smooth[37:].argmax()))
    yield Fact(
        "literal None in news",
        float(1 + (preset.customers >= 100_000)),
        int((people.news == _NONE_LITERAL).sum()),
    )
    yield _percent("customers who never buy (%)", pr.NEVER_BUY_SHARE, 1 - meter.bought.mean())
    yield _percent("articles never sold (%)", pr.NEVER_SOLD_SHARE, 1 - meter.sold.mean())
    products = catalogue.products
    ways = len(catalogue.product) / len(products.code)
    yield Fact("colourways a product code", pr.COLOURWAYS_PER_PRODUCT, ways)
    empty = np.array([not text for text in products.texts])[catalogue.product].mean()
    yield _percent("empty detail_desc (%)", pr.EMPTY_TEXT_SHARE, empty)
    used = [sections()[number] for number in np.unique(products.section).tolist()]
    yield Fact("section numbers", 57, len(used))
    yield Fact("section names", 56, len({name for _, name, _ in used}))
    yield Fact("price, mean (price units)", 0.02783, meter.cents / meter.lines / pr.PRICE_DIVISOR)
    yield _percent("repeated lines (%)", pr.REPEATED_LINE_SHARE, meter.repeated / meter.lines)
    yield _percent("lines online (%)", pr.ONLINE_LINE_SHARE, meter.online / meter.lines)


def _year(meter: Meter) -> Iterator[Fact]:
    """Yield the facts of the customers with a line in the last 366 days; recency to 2020-09-23."""
    rows = meter.year_lines > 0
    recency = pr.DAYS - meter.last_day[rows]
    for share, wanted in ((25, 31), (50, 86), (75, 184)):
        yield Fact(f"recency, {share} % quantile (days)", wanted, _quantile(recency, share))
    for share, wanted in ((25, 3), (50, 8), (75, 18)):
        yield Fact(
            f"lines in 12 months, {share} % quantile", wanted, _quantile(meter.year_lines[rows], share)
        )
    yield Fact("spend in 12 months, mean (price units)", 0.423, float(meter.year_spend[rows].mean()))
    yield _percent("buy on more than one day in 12 months (%)", 0.656, (meter.year_days[rows] > 1).mean())


def _quantile(values: Array, share: int) -> float:
    return float(np.percentile(values, share))


def _percent(name: str, wanted: float, got: float) -> Fact:
    return Fact(name, 100 * wanted, 100 * float(got))
