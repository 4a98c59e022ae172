"""Why an article is shown to a customer: the strongest fact that is true of the two, whatever recommender chose it.

A reason is no account of how a model came to its score. It is a fact that anybody can look up in the customer's lines
and in the sales of the last days, so it is true for every recommender; the kinds stand in `KINDS`, strongest first.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.profiles.fairness.privacy import K
from hm_assets.recommendations.ladder.popular import best
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists_for.histories import Latest, Range, purchases_of, ranges
from hm_assets.recommendations.lists_for.together import DAYS as TOGETHER_DAYS
from hm_assets.recommendations.lists_for.together import Together, together
from hm_assets.recommendations.stock import Stock
from hm_assets.recommendations.weeks import DAYS
from hm_assets.segments.space import Bools, Ints

BOUGHT, OTHER_COLOUR, TOGETHER, SAME_TYPE = "bought", "other_colour", "bought_together", "same_type"
AGE_BAND, BESTSELLER, SOLD = "age_band", "bestseller", "sold"
KINDS = (BOUGHT, OTHER_COLOUR, TOGETHER, SAME_TYPE, AGE_BAND, BESTSELLER, SOLD)
TYPE_DAYS = 365
PLACES = {AGE_BAND: 12, BESTSELLER: 100}
"""Places among the bestsellers that are told as such."""
# First and last year of age.
BANDS = ((0, 24), (25, 34), (35, 49), (50, 120))
BAND_WORDS = ("under 25", "aged 25 to 34", "aged 35 to 49", "aged 50 and over")


@dataclass(frozen=True)
class Reasons:
    """Facts about m pairs of a customer and an article.

    Attributes
    ----------
    kind
        Place in `KINDS` (m).
    count
        By kind: days on which the customer bought it; purchases of the product or of the type; customers' days with
        both; its place among the bestsellers (of the age band); units sold (m).
    ago
        Days before, of the customer's purchase that is told of; -1 where none is (m).
    other
        The article (position) that was bought then, where it is another one; -1 (m).
    of
        What was bought (name of article or type), or the age band; null (m).
    """

    kind: Ints
    count: Ints
    ago: Ints
    other: Ints
    of: pa.Array


@dataclass(frozen=True)
class Reasoner:
    """All that reasons rest on, made once for a day; `ages` by customer key ascending, -1 where unknown."""

    known: Known
    stock: Stock
    range: Range
    together: Together
    keys: Ints
    ages: Ints
    place: Ints
    place_in_band: Ints

    @classmethod
    def of(cls, known: Known, stock: Stock) -> "Reasoner":
        """Of what is known on the day."""
        purchases = known.purchases
        keys = known.people["customer_key"].to_numpy()
        order = np.argsort(keys, kind="stable")
        age = (
            pc.fill_null(pc.cast(known.people["age"], pa.float64()), -1.0).to_numpy()[order].astype(np.int64)
        )
        keys = np.asarray(keys[order], dtype=np.int64)
        week = purchases.ago < DAYS
        article, units = purchases.article[week], purchases.units[week].astype(np.float64)
        band_of = bands(_ages(keys, age, purchases.customers))
        band = band_of[purchases.customer[week]]
        buying = band_of[np.unique(purchases.customer[week])]
        # What sells in a band of few buyers is what these few bought.
        told = [(buying == each).sum() >= K for each in range(len(BANDS))]
        width = len(purchases.articles)
        return cls(
            known,
            stock,
            Range.of(purchases.articles, known.catalogue),
            together(purchases, stock.allowed),
            keys,
            age,
            places(np.bincount(article, units, minlength=width)),
            np.array(
                [
                    places(np.bincount(article[rows], units[rows], minlength=width))
                    for rows in ((band == each) & told[each] for each in range(len(BANDS)))
                ]
            ).reshape(len(BANDS), width),
        )

    def of_pairs(self, customers: Ints, positions: Ints, rows: Ints, article: Ints) -> Reasons:
        """The strongest fact of each pair: which customer of the `customers` (`rows`, m), which article (position, m).

        Parameters
        ----------
        customers, positions
            Keys, and positions in the purchases, -1 where nothing was ever bought (n).
        """
        purchases, range_ = self.known.purchases, self.range
        mine, whose = purchases_of(purchases, positions)
        bought, ago = purchases.article[mine].astype(np.int64), purchases.ago[mine].astype(np.int64)
        width = len(purchases.articles)
        by_article = Latest.of(whose, bought, width, ago, bought)
        by_product = Latest.of(whose, range_.product[bought], width, ago, bought)
        year = ago < TYPE_DAYS
        by_type = Latest.of(whose[year], range_.type[bought[year]], width, ago[year], bought[year])
        band = bands(_ages(self.keys, self.ages, customers))[rows]
        in_band = np.where(band >= 0, self.place_in_band[band, article], 0)
        found = _Found(len(article))
        found.take(BOUGHT, by_article, by_article.find(rows, article), None)
        found.take(OTHER_COLOUR, by_product, by_product.find(rows, range_.product[article]), range_.names)
        self._together(found, rows, article, by_article)
        found.take_type(by_type, by_type.find(rows, range_.type[article]), range_, article)
        found.set(
            AGE_BAND, (in_band > 0) & (in_band <= PLACES[AGE_BAND]), in_band, band, pa.array(BAND_WORDS)
        )
        place = self.place[article]
        found.set(BESTSELLER, (place > 0) & (place <= PLACES[BESTSELLER]), place)
        found.set(SOLD, np.ones(len(article), dtype=bool), self.stock.units[article].astype(np.int64))
        return found.reasons()

    def _together(self, found: "_Found", rows: Ints, article: Ints, by_article: Latest) -> None:
        """Partners of the article that the customer bought in the last 90 days; the most frequent one is told."""
        open_ = np.flatnonzero(found.kind < 0)
        told = self.together
        at, pair = ranges(told.ends[article[open_]], told.ends[article[open_] + 1])
        where = by_article.find(rows[open_][pair], told.partner[at])
        hit = np.flatnonzero(where >= 0)
        hit = hit[by_article.ago[where[hit]] < TOGETHER_DAYS]
        # Partners stand in order, so the first hit of a pair is the most frequent one.
        pairs, first = np.unique(pair[hit], return_index=True)
        hit = hit[first]
        found.put(
            TOGETHER,
            open_[pairs],
            told.times[at[hit]],
            by_article.ago[where[hit]],
            told.partner[at[hit]],
            self.range.names.take(pa.array(told.partner[at[hit]])),
        )


class _Found:
    """Reasons as they are found: who has one takes no other."""

    def __init__(self, count: int) -> None:
        self.kind = np.full(count, -1)
        self.count = np.zeros(count, dtype=np.int64)
        self.ago, self.other = np.full(count, -1), np.full(count, -1)
        self.words: list[tuple[Ints, pa.Array]] = []

    def put(self, kind: str, pairs: Ints, count: Ints, ago: Ints, other: Ints, of: pa.Array | None) -> None:
        self.kind[pairs] = KINDS.index(kind)
        self.count[pairs], self.ago[pairs], self.other[pairs] = count, ago, other
        if of is not None:
            self.words.append((pairs, of))

    def take(self, kind: str, latest: Latest, where: Ints, names: pa.Array | None) -> None:
        """Pairs that stand in a history; `names` of articles where the one that was bought is another one."""
        pairs = np.flatnonzero((self.kind < 0) & (where >= 0))
        at = where[pairs]
        other = np.full(len(pairs), -1) if names is None else latest.article[at]
        of = None if names is None else names.take(pa.array(other))
        self.put(kind, pairs, latest.times[at], latest.ago[at], other, of)

    def take_type(self, latest: Latest, where: Ints, range_: Range, article: Ints) -> None:
        pairs = np.flatnonzero((self.kind < 0) & (where >= 0))
        at = where[pairs]
        of = range_.type_names.take(pa.array(range_.type[article[pairs]]))
        self.put(SAME_TYPE, pairs, latest.times[at], latest.ago[at], latest.article[at], of)

    def set(
        self, kind: str, true: Bools, count: Ints, of: Ints | None = None, names: pa.Array | None = None
    ) -> None:
        """Pairs of which this is true, without a purchase of the customer's."""
        pairs = np.flatnonzero((self.kind < 0) & true)
        nobody = np.full(len(pairs), -1)
        said = None if of is None or names is None else names.take(pa.array(of[pairs]))
        self.put(kind, pairs, count[pairs], nobody, nobody, said)

    def reasons(self) -> Reasons:
        place = np.full(len(self.kind), -1)
        start = 0
        for pairs, _ in self.words:
            place[pairs] = start + np.arange(len(pairs))
            start += len(pairs)
        said = pa.concat_arrays([pa.array([], pa.string()), *(_plain(words) for _, words in self.words)])
        of = said.take(pa.array(place, mask=place < 0))
        return Reasons(self.kind, self.count, self.ago, self.other, of)


def bands(ages: Ints) -> Ints:
    """Which of the age bands; -1 where the age is unknown."""
    found = np.searchsorted([first for first, _ in BANDS], ages, side="right") - 1
    return np.where(ages >= 0, found, -1)


def places(units: npt.NDArray[Any]) -> Ints:
    """Place of each article by units, from 1; equal ones by key; 0 where none was sold."""
    ranked = best(np.asarray(units, dtype=np.float64), len(units))
    found = np.zeros(len(units), dtype=np.int64)
    found[ranked] = np.arange(len(ranked)) + 1
    return found


def _ages(keys: Ints, ages: Ints, customers: Ints) -> Ints:
    """Ages of customers (keys); -1 where unknown."""
    if not len(keys):
        return np.full(len(customers), -1)
    place = np.minimum(np.searchsorted(keys, customers), len(keys) - 1)
    return np.where(keys[place] == customers, ages[place], -1)


def _plain(words: pa.Array | pa.ChunkedArray) -> pa.Array:
    found = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
    return found.cast(pa.string())
