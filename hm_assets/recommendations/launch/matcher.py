"""Who will buy a garment within 30 days of its launch: learned from past launches, as of a day.

Past launches are taken in periods of 30 days. Customers are seen on the day before a period, as today's are seen
before tomorrow's launches, and a launch counts as bought by whoever bought it within 30 days of its first sale. The
latest period therefore began 60 days ago: a day knows the outcome of no later one. Of customers who did not buy some
are drawn, each standing for those who were not (case-control sampling with weights).

A logistic regression over standardised facts, twice: with the fit of the price, for a garment whose price is known,
and without. It says who rather than how many: how many is what similar launches sold (`size.py`).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.forecasts.churn.algorithms import CATALOGUE, Classifier, fitted, from_json
from hm_assets.recommendations.launch.effort import Effort
from hm_assets.recommendations.launch.garments import Garments
from hm_assets.recommendations.launch.past import QUIET_DAYS, Launches
from hm_assets.recommendations.launch.shoppers import NAMES, Shoppers, shoppers
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


@dataclass(frozen=True)
class Drawn:
    """What is learned from a period: facts (n x `NAMES` and `price_fit`), whether bought, what each row stands for."""

    facts: Floats
    bought: Bools
    weights: Floats
    launches: int
    strangers: int


def draw(
    everything: Purchases, catalogue: Garments, launched: Launches, day: dt.date, effort: Effort, seed: int
) -> Drawn:
    """The buyers of each launch of the 30 days after a day, and a draw of the others; see `period`.

    Nothing later than 60 days after the day is looked at, so the same is drawn whatever is known.
    """
    over = day + dt.timedelta(days=PERIOD_DAYS + BUYING_DAYS)
    taken = period(everything.known_on(over), catalogue, launched, day, effort.launches, seed)
    rng = np.random.default_rng([seed, day.toordinal(), 1])
    places = catalogue.positions(taken.launches.article)
    facts, bought, weights = [np.empty((0, len(NAMES) + 1))], [], []
    for place, price, mine in zip(places, taken.launches.price, taken.bought, strict=True):
        left = np.ones(len(taken.known.keys), dtype=bool)
        left[mine] = False
        others = np.flatnonzero(left)
        drawn = rng.choice(others, min(effort.others, len(others)), replace=False)
        if not len(mine) or not len(drawn):
            continue
        told = taken.known.facts(catalogue.vectors[place], catalogue.codes[place], float(price))
        facts.append(told[np.append(mine, drawn)])
        bought.append(np.repeat([True, False], [len(mine), len(drawn)]))
        weights.append(np.repeat([1.0, len(others) / len(drawn)], [len(mine), len(drawn)]))
    return Drawn(
        np.concatenate(facts),
        np.concatenate([np.zeros(0, dtype=bool), *bought]),
        np.concatenate([np.zeros(0), *weights]),
        len(bought),
        taken.strangers,
    )


def learn(drawn: Sequence[Drawn], day: dt.date, seed: int) -> Matcher:
    """Learn from the periods that a day knows (see `past_days`, `draw`)."""
    x = np.concatenate([np.empty((0, len(NAMES) + 1)), *(each.facts for each in drawn)])
    y = np.concatenate([np.zeros(0, dtype=bool), *(each.bought for each in drawn)])
    weights = np.concatenate([np.zeros(0), *(each.weights for each in drawn)])
    found, strangers = int(y.sum()), sum(each.strangers for each in drawn)
    share = (found + 1) / (found + strangers + 1)
    if not found:
        return Matcher(day, None, None, share, 0, 0)
    return Matcher(
        day,
        _weighed(x[:, :-1], y, weights, seed),
        _weighed(x, y, weights, seed),
        share,
        sum(each.launches for each in drawn),
        found,
    )


def _weighed(x: Floats, y: Bools, weights: Floats, seed: int) -> Weighed:
    centre = np.average(x, axis=0, weights=weights)
    spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=weights))
    scale = np.where(spread > 1e-12, spread, 1.0)
    return Weighed(centre, scale, fitted(LOGISTIC, (x - centre) / scale, y, seed, 1, weights))
