"""Who will buy a garment within 30 days of its launch: learned from past launches, as of a day.

Past launches are taken in periods of 30 days. Customers are seen on the day before a period, as today's are seen
before tomorrow's launches, and a launch counts as bought by whoever bought it within 30 days of its first sale. The
latest period therefore began 60 days ago: a day knows the outcome of no later one. Of customers who did not buy some
are drawn, each standing for those who were not (case-control sampling with weights).

A logistic regression over standardised facts, twice: with the fit of the price, for a garment whose price is known,
and without. It says who rather than how many: how many is what similar launches sold (`size.py`).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.forecasts.churn.algorithms import CATALOGUE, Classifier, fitted, from_json
from hm_assets.recommendations.launch.effort import Effort
from hm_assets.recommendations.launch.garments import Garments
from hm_assets.recommendations.launch.past import QUIET_DAYS, Launches
from hm_assets.recommendations.launch.shoppers import Shoppers, shoppers
from hm_assets.recommendations.purchases import Purchases
from hm_assets.segments.space import Bools, Floats, Ints

PERIOD_DAYS = 30
BUYING_DAYS = 30
LOGISTIC = next(each for each in CATALOGUE if each.name == "logistic")


@dataclass(frozen=True)
class Weighed:
    """A classifier over standardised facts: centre and scale of each."""

    centre: Floats
    scale: Floats
    classifier: Classifier

    def predict(self, facts: Floats) -> Floats:
        """Probability of each row (n)."""
        return self.classifier.predict((facts - self.centre) / self.scale)

    def as_json(self) -> dict[str, Any]:
        """As JSON; every number comes back exactly."""
        return {
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
            "classifier": self.classifier.as_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Weighed":
        """What `as_json` wrote."""
        return cls(np.array(value["centre"]), np.array(value["scale"]), from_json(value["classifier"]))


@dataclass(frozen=True)
class Matcher:
    """What was learned as of a day.

    Attributes
    ----------
    without_price, with_price
        For garments without and with a known price; None where no past launch could be learned from.
    known_share
        Of the buyers of the launches that it learned from, those who had bought anything in the year before.
    launches, buyers
        That it learned from.
    """

    trained_as_of: dt.date
    without_price: Weighed | None
    with_price: Weighed | None
    known_share: float
    launches: int
    buyers: int

    def scores(self, known: Shoppers, vector: Floats, codes: Ints, price: float | None = None) -> Floats:
        """Probability that each customer buys the garment within 30 days of its launch (n).

        Raises
        ------
        ValueError
            Nothing was learned.
        """
        if self.without_price is None or self.with_price is None:
            raise ValueError(
                "no past launch could be learned from: that takes articles first sold at least 60 days after the "
                "first line and 60 days before the last one"
            )
        facts = known.facts(vector, codes, price)
        return self.without_price.predict(facts) if price is None else self.with_price.predict(facts)

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "trained_as_of": self.trained_as_of.isoformat(),
            "without_price": self.without_price and self.without_price.as_json(),
            "with_price": self.with_price and self.with_price.as_json(),
            "known_share": self.known_share,
            "launches": self.launches,
            "buyers": self.buyers,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Matcher":
        """What `as_json` wrote."""
        without, with_price = value["without_price"], value["with_price"]
        return cls(
            dt.date.fromisoformat(value["trained_as_of"]),
            without and Weighed.from_json(without),
            with_price and Weighed.from_json(with_price),
            value["known_share"],
            value["launches"],
            value["buyers"],
        )


@dataclass(frozen=True)
class Period:
    """Launches of 30 days, who was known before them, and who of these bought each (positions), and how many others."""

    known: Shoppers
    launches: Launches
    bought: list[Ints]
    strangers: int


def period(
    everything: Purchases, catalogue: Garments, launched: Launches, day: dt.date, most: int, seed: int
) -> Period:
    """The launches in the 30 days after a day, of more than `most` a draw.

    Parameters
    ----------
    everything
        Purchases up to at least 60 days after the day.
    catalogue
        The range.
    launched
        Every launch that is known.
    day
        The last day that is known of the customers.
    """
    known = shoppers(everything.known_on(day), catalogue)
    mine = launched.after(day, PERIOD_DAYS)
    if len(mine) > most:
        rng = np.random.default_rng([seed, day.toordinal()])
        mine = mine.where(np.isin(np.arange(len(mine)), rng.choice(len(mine), most, replace=False)))
    bought, strangers = [], 0
    for who in buyers(everything, mine):
        positions = known.purchases.positions(who)
        bought.append(positions[positions >= 0])
        strangers += int((positions < 0).sum())
    return Period(known, mine, bought, strangers)


def buyers(everything: Purchases, launched: Launches) -> Iterator[Ints]:
    """Keys of the customers who bought each launch within 30 days of its first sale, ascending."""
    order = np.argsort(everything.article, kind="stable")
    article = everything.article[order]
    today = np.datetime64(everything.as_of)
    places = everything.article_positions(launched.article)
    for place, first in zip(places, launched.first_day, strict=True):
        rows = order[np.searchsorted(article, place) : np.searchsorted(article, place, side="right")]
        age = (today - first).astype("timedelta64[D]").astype(np.int64) - everything.ago[rows]
        yield np.unique(everything.customers[everything.customer[rows[(age >= 0) & (age < BUYING_DAYS)]]])


def past_days(day: dt.date, first_day: dt.date, count: int) -> list[dt.date]:
    """The days before the latest periods whose outcomes a day knows, the latest first."""
    latest = day - dt.timedelta(days=PERIOD_DAYS + BUYING_DAYS)
    days = (latest - dt.timedelta(days=PERIOD_DAYS * i) for i in range(count))
    return [past for past in days if (past - first_day).days >= QUIET_DAYS]


def learn(
    everything: Purchases,
    catalogue: Garments,
    launched: Launches,
    day: dt.date,
    first_day: dt.date,
    effort: Effort,
    seed: int,
) -> Matcher:
    """Learn from what a day knows.

    Parameters
    ----------
    everything
        Purchases up to the day or later; later ones are not looked at.
    catalogue
        The range.
    launched
        Launches, as known on the day or later.
    day
        Nothing after it is learned from.
    first_day
        Of the lines.
    """
    everything = everything.known_on(day)
    facts, bought, weights = [], [], []
    launches = found = strangers = 0
    for past in past_days(day, first_day, effort.periods):
        taken = period(everything, catalogue, launched, past, effort.launches, seed)
        strangers += taken.strangers
        rng = np.random.default_rng([seed, past.toordinal(), 1])
        for row, key in enumerate(taken.launches.article):
            mine = taken.bought[row]
            others = np.setdiff1d(np.arange(len(taken.known.keys)), mine)
            drawn = rng.choice(others, min(effort.others, len(others)), replace=False)
            if not len(mine) or not len(drawn):
                continue
            place = catalogue.positions(np.array([key]))[0]
            told = taken.known.facts(
                catalogue.vectors[place], catalogue.codes[place], float(taken.launches.price[row])
            )
            facts.append(told[np.append(mine, drawn)])
            bought.append(np.append(np.ones(len(mine), bool), np.zeros(len(drawn), bool)))
            weights.append(np.append(np.ones(len(mine)), np.full(len(drawn), len(others) / len(drawn))))
            launches, found = launches + 1, found + len(mine)
    share = (found + 1) / (found + strangers + 1)
    if not facts:
        return Matcher(day, None, None, share, 0, 0)
    x, y, w = np.concatenate(facts), np.concatenate(bought), np.concatenate(weights)
    return Matcher(
        day, _weighed(x[:, :-1], y, w, seed), _weighed(x, y, w, seed), float(share), launches, found
    )


def _weighed(x: Floats, y: Bools, weights: Floats, seed: int) -> Weighed:
    centre = np.average(x, axis=0, weights=weights)
    spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=weights))
    scale = np.where(spread > 1e-12, spread, 1.0)
    return Weighed(centre, scale, fitted(LOGISTIC, (x - centre) / scale, y, seed, 1, weights))
