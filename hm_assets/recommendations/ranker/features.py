"""What the ranker knows of a candidate, as of a day: one list, in the order of the model's inputs.

No feature is ever missing: what never happened was `NEVER` days ago, and what there is none of is 0. Nothing tells who
a customer is: age and the like are left out (docs/ethics.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.ranker.best import Singles
from hm_assets.recommendations.ranker.candidates import Candidates
from hm_assets.recommendations.ranker.facts import NEVER, articles, customers, pairs
from hm_assets.recommendations.ranker.facts.articles import Articles
from hm_assets.recommendations.ranker.facts.customers import Customers
from hm_assets.recommendations.ranker.facts.pairs import Pairs
from hm_assets.recommendations.ranker.generators import GENERATORS
from hm_assets.recommendations.ranker.kinds import kind_of
from hm_assets.segments.space import Ints

KINDS = ("product_code", "product_type_name", "department_name")


@dataclass(frozen=True)
class Feature:
    """An input of the model."""

    name: str
    unit: str
    meaning: str


FEATURES = (
    Feature("times_bought", "days", "Days on which the customer bought the article"),
    Feature("days_since_bought", "days", f"Since the customer last bought it; {NEVER} = never"),
    Feature("bought_lately", "purchases", f"Purchases of it, each counting half after {pairs.SHORT} days"),
    Feature("bought_ever", "purchases", f"Purchases of it, each counting half after {pairs.LONG} days"),
    Feature(
        "gap_passed", "ratio", "Days since bought to the usual gap, the own one where there is; 0 = never"
    ),
    Feature("in_last_basket", "0 or 1", "Whether it was bought on the customer's last day"),
    *(
        feature
        for generator in GENERATORS
        for feature in (
            Feature(f"{generator.name}_score", "ratio", "Score of that generator to the customer's best one"),
            Feature(
                f"{generator.name}_rank", "place", f"Place in that generator; {generator.depth + 1} = not"
            ),
        )
    ),
    Feature("units_7d", "units", "Sold in the last 7 days"),
    Feature("units_28d", "units", "Sold in the last 28 days"),
    Feature("trend", "share", "Units of 7 days to those of 28"),
    Feature("buyers", "customers", "Who ever bought it"),
    Feature("repurchase_rate", "share", "Of its buyers, who came back for it"),
    Feature("usual_gap", "days", "Between two purchases of it by one customer"),
    Feature("price_now", "logarithm", "Price of the last 28 days to the mean price"),
    Feature("days_on_sale", "days", "Since it was first sold"),
    Feature("days_unsold", "days", "Since it was last sold"),
    Feature("recency", "days", f"Since the customer's last purchase; {NEVER} = never"),
    Feature("days_bought", "days", "With a purchase of the customer"),
    Feature("days_bought_28d", "days", "The same, of the last 28 days"),
    Feature("customer_gap", "days", f"Between two of them; {NEVER} = at most one"),
    Feature("basket", "articles", "Mean of such a day"),
    Feature("repeat_share", "share", "Of the customer's purchases, of what was bought before"),
    Feature("price_relative", "logarithm", "Mean price to the customer's; 0 for a stranger"),
    *(
        feature
        for kind in KINDS
        for feature in (
            Feature(
                f"{kind}_share", "share", "Of the customer's purchases, of this kind, late ones counting more"
            ),
            Feature(f"{kind}_days", "days", f"Since the customer last bought of this kind; {NEVER} = never"),
        )
    ),
)
NAMES = tuple(feature.name for feature in FEATURES)


@dataclass(frozen=True)
class Facts:
    """What is known as of a day, ready to be looked up."""

    known: Known
    pairs: Pairs
    articles: Articles
    customers: Customers
    kinds: tuple[tuple[Ints, Pairs, Singles], ...]
    """Per kind: code of each article, customers' dealings, and each customer's sum over all kinds."""

    @classmethod
    def of(cls, known: Known, asked: Ints | None = None) -> "Facts":
        """As of the last day that is known.

        Parameters
        ----------
        known
            Of everybody.
        asked
            The customers (keys) that will be looked up, if they are known before: nobody else's kinds are counted.
        """
        bought = known.purchases
        met = pairs.of_articles(bought)
        of_kinds = bought if asked is None else bought.of_customers(asked)
        kinds = []
        for attribute in KINDS:
            kind, count = kind_of(known, attribute)
            dealings = pairs.of_kinds(of_kinds, kind, count)
            total = np.bincount(dealings.customers, dealings.ever, len(bought.customers))
            kinds.append((kind, dealings, np.append(total, 1).astype(np.float32)))
        return cls(known, met, articles.of(bought, met), customers.of(bought, met), tuple(kinds))

    def table(self, keys: Ints, candidates: Candidates) -> npt.NDArray[np.float32]:
        """Features of candidates of these customers (pairs x features)."""
        table = np.empty((len(candidates.rows), len(FEATURES)), dtype=np.float32)
        for column, values in enumerate(self._columns(keys, candidates)):
            table[:, column] = values
        return table

    def _columns(self, keys: Ints, candidates: Candidates) -> Iterator[Singles]:
        who = self.known.purchases.positions(keys)[candidates.rows]
        what = candidates.articles
        yield from self._own(who, what)
        for generator in GENERATORS:
            yield candidates.scores[generator.name]
            yield candidates.ranks[generator.name]
        sells, buys = self.articles, self.customers
        for of_article in (
            sells.units_7d,
            sells.units_28d,
            sells.trend,
            sells.buyers,
            sells.repurchase_rate,
            sells.usual_gap,
            sells.price_now,
            sells.days_on_sale,
            sells.days_unsold,
        ):
            yield of_article[what]
        for of_customer in (
            buys.recency,
            buys.days_bought,
            buys.days_bought_28d,
            buys.usual_gap,
            buys.basket,
            buys.repeat_share,
        ):
            yield of_customer[who]
        price, level = sells.price[what], buys.price[who]
        yield np.log(np.divide(price, level, out=np.ones_like(price), where=(level > 0) & (price > 0)))
        for kind, dealings, total in self.kinds:
            at, met = dealings.find(who, kind[what])
            yield pairs.where_met(dealings, at, met, dealings.ever) / total[who]
            yield pairs.days_since(dealings, at, met)

    def _own(self, who: Ints, what: Ints) -> Iterator[Singles]:
        at, met = self.pairs.find(who, what)
        days = pairs.days_since(self.pairs, at, met)
        own_gap = pairs.where_met(self.pairs, at, met, self.pairs.gaps)
        gap = np.where(own_gap > 0, own_gap, np.maximum(self.articles.usual_gap[what], 1))
        yield pairs.where_met(self.pairs, at, met, self.pairs.times)
        yield days
        yield pairs.where_met(self.pairs, at, met, self.pairs.lately)
        yield pairs.where_met(self.pairs, at, met, self.pairs.ever)
        yield np.where(met, days / gap, np.float32(0))
        yield (met & (days == self.customers.recency[who])).astype(np.float32)
