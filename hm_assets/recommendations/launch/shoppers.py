"""Customers as of a day, and how near a garment that nobody has bought yet lies to what each of them bought.

Who bought in the last 365 days is known; each purchase counts half after 90 days. Of others nothing can be said, and
they are never ranked. What a garment shares with a customer's purchases is told as log(share / share of everybody):
0 is as everybody, and a customer of few purchases is drawn towards it (by two purchases' weight).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hm_assets.recommendations.ladder.own import weights as decayed
from hm_assets.recommendations.launch.garments import ATTRIBUTES, Garments
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools, Floats, Ints

KNOWN_DAYS = 365
HALF_LIFE = 90
DRAWN = 2.0
"""Weight of everybody's share in a customer's, in purchases."""
LATELY = 90

PRICE_FIT = "price_fit"
NAMES = (
    "text_mean",
    "text_nearest",
    "attributes_mean",
    *(f"share_{name.removesuffix('_name')}" for name in ATTRIBUTES),
    "bought_in_type",
    "recency",
    "days_lately",
    "days_in_year",
    "weight",
)
"""What the model reads of a customer and a garment, in this order; `price_fit` comes last where a price is known."""


@dataclass(frozen=True)
class Shoppers:
    """Who bought in the year up to a day, and what.

    Attributes
    ----------
    purchases
        Of the last 365 days.
    garments
        Those that were bought in them, in the order of `purchases.articles`.
    """

    purchases: Purchases
    garments: Garments

    @property
    def keys(self) -> Ints:
        """Of the customers (n)."""
        return self.purchases.customers

    @cached_property
    def weights(self) -> Any:
        """Customers x articles (sparse): purchases, each counting half after 90 days."""
        return self.purchases.matrix(decayed(self.purchases, HALF_LIFE)).tocsr()

    @cached_property
    def weight(self) -> Floats:
        """Of all purchases of each (n)."""
        return np.asarray(self.weights.sum(axis=1)).ravel()

    @cached_property
    def recency(self) -> Ints:
        """Days since the last purchase (n)."""
        return (
            np.minimum.reduceat(self.purchases.ago, self._starts).astype(np.int64)
            if len(self.keys)
            else np.zeros(0, np.int64)
        )

    @cached_property
    def days(self) -> tuple[Floats, Floats]:
        """Days with a purchase in the last 90 days, and in the year (n each)."""
        span = KNOWN_DAYS + 1
        day = np.unique(self.purchases.customer.astype(np.int64) * span + self.purchases.ago)
        who, ago = day // span, day % span
        size = len(self.keys)
        return (
            np.bincount(who[ago < LATELY], minlength=size).astype(np.float64),
            np.bincount(who, minlength=size).astype(np.float64),
        )

    @cached_property
    def usual_prices(self) -> dict[int, float]:
        """Median price paid by product type (its code, -1: unknown), and of everything under -2."""
        each = self.purchases.spend / self.purchases.units
        types = self.garments.codes[self.purchases.article, 0]
        found = {int(code): float(np.median(each[types == code])) for code in np.unique(types)}
        return found | {-2: float(np.median(each)) if len(each) else float("nan")}

    def usual_price(self, code: int) -> float:
        """Of a product type (its code); of everything where nobody bought it. NaN where nothing was bought."""
        return self.usual_prices.get(code, self.usual_prices[-2])

    @cached_property
    def _above_usual(self) -> Any:
        """Customers x articles (sparse): weight times log(price paid / usual price of its type)."""
        usual = np.array([self.usual_price(int(code)) for code in self.garments.codes[:, 0]])
        paid = np.log(self.purchases.spend / self.purchases.units / usual[self.purchases.article])
        return self.purchases.matrix(decayed(self.purchases, HALF_LIFE) * paid).tocsr()

    @cached_property
    def _price_level(self) -> Floats:
        """Mean log of the prices paid over the usual ones, drawn towards 0 (n)."""
        return np.asarray(self._above_usual.sum(axis=1)).ravel() / (self.weight + DRAWN)

    @cached_property
    def _starts(self) -> Ints:
        return np.searchsorted(self.purchases.customer, np.arange(len(self.keys)))

    def every(self, step: int) -> "Shoppers":
        """Every so many-th of them: enough for a mean over customers."""
        bought = self.purchases
        rows = bought.customer % step == 0
        part = Purchases(
            bought.as_of,
            bought.customers[::step],
            bought.articles,
            bought.customer[rows] // step,
            bought.article[rows],
            bought.ago[rows],
            bought.units[rows],
            bought.spend[rows],
        )
        return Shoppers(part, self.garments)

    def facts(self, vector: Floats, codes: Ints, price: float | None = None) -> Floats:
        """What the model reads of every customer and one garment (n x `NAMES`, and `price_fit` with a price).

        Parameters
        ----------
        vector, codes
            Of the garment; see `Garments`.
        price
            Of the garment, in the price index.
        """
        text, attributes = self.garments.in_text(vector), self.garments.in_attributes(codes)
        matches = self.garments.matches(codes)
        sums = self.weights @ np.column_stack([text, attributes, matches])
        shares = sums[:, 2:]
        everybody = shares.sum(axis=0) / max(self.weight.sum(), 1e-300)
        lifts = np.zeros_like(shares)
        told = everybody > 0
        lifts[:, told] = np.log(
            (shares[:, told] + DRAWN * everybody[told]) / (self.weight + DRAWN)[:, None] / everybody[told]
        )
        lately, in_year = self.days
        columns = [
            _standardised(sums[:, 0] / self.weight),
            _standardised(self._nearest(text)),
            _standardised(sums[:, 1] / self.weight),
            *lifts.T,
            np.log1p(shares[:, 0]),
            np.log1p(self.recency),
            np.log1p(lately),
            np.log1p(in_year),
            np.log1p(self.weight),
        ]
        if price is not None:
            columns.append(self._price_fit(matches[:, 0], int(codes[0]), price))
        return np.column_stack(columns)

    def in_type(self, codes: Ints) -> Floats:
        """Weight of what each bought in the garment's product type (n)."""
        return np.asarray(self.weights @ self.garments.matches(codes)[:, 0].astype(np.float64))

    def _nearest(self, text: Floats) -> Floats:
        """The most similar text among a customer's purchases (n)."""
        if not len(self.keys):
            return np.zeros(0)
        return np.asarray(np.maximum.reduceat(text[self.purchases.article], self._starts))

    def _price_fit(self, of_type: Bools, code: int, price: float) -> Floats:
        """Minus the distance of log price from what each pays, against what is usual (n); 0: exactly what they pay."""
        chosen = of_type.astype(np.float64)
        level = (self._above_usual @ chosen + DRAWN * self._price_level) / (self.weights @ chosen + DRAWN)
        return np.asarray(-np.abs(np.log(price / self.usual_price(code)) - level))


def shoppers(purchases: Purchases, catalogue: Garments) -> Shoppers:
    """Those who bought in the year up to `purchases.as_of`."""
    # Of what was read for one year nothing is older: at full size the cut alone would take seconds.
    older = len(purchases.ago) and purchases.ago.max() >= KNOWN_DAYS
    recent = purchases.of_last(KNOWN_DAYS) if older else purchases
    return Shoppers(recent, catalogue.at(catalogue.positions(recent.articles)))


def _standardised(values: Floats) -> Floats:
    """Mean 0 and standard deviation 1 among the customers; zeros where all are the same."""
    centred = values - (values.mean() if len(values) else 0.0)
    spread = centred.std() if len(values) else 0.0
    return np.asarray(centred / spread if spread > 1e-12 else np.zeros_like(centred))
