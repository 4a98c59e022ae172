"""What a customer did with one article, or with one kind of article."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hm_assets.recommendations.ladder.own import weights
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.ranker.best import Singles
from hm_assets.recommendations.ranker.facts import NEVER
from hm_assets.segments.space import Bools, Ints

SHORT, LONG = 14, 180
"""Half-lives in days; between them lies that of the generator of own articles."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of customer and thing that have met, ascending (n).

    Attributes
    ----------
    keys
        Customer position x width + thing.
    width
        Things.
    times
        Days on which it was bought.
    last, first
        Days since.
    lately, ever
        Purchases, each counting half after 14 and after 180 days.
    """

    keys: Ints
    width: int
    times: Singles
    last: Singles
    first: Singles
    lately: Singles
    ever: Singles

    def find(self, customers: Ints, things: Ints) -> tuple[Ints, Bools]:
        """Where these pairs stand, and which of them do; a customer of -1 never met anything."""
        asked = customers * self.width + things
        if not len(self.keys):
            return np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=bool)
        at = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        return at, (self.keys[at] == asked) & (customers >= 0)

    @property
    def customers(self) -> Ints:
        """Positions of the customers (n)."""
        return self.keys // max(self.width, 1)

    @cached_property
    def gaps(self) -> Singles:
        """Mean days between purchases of the pair; 0 where it was bought once (n)."""
        spans = (self.first - self.last) / np.maximum(self.times - 1, 1)
        return spans.astype(np.float32)


def of_articles(bought: Purchases) -> Pairs:
    """With each article."""
    keys = bought.customer.astype(np.int64) * len(bought.articles) + bought.article
    # Rows are in this order already, the latest day first.
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return _summed(bought, keys, starts, len(bought.articles))


def of_kinds(bought: Purchases, kind: Ints, kinds: int) -> Pairs:
    """With each kind of article (`kind`: articles), a purchase of two of its articles counting twice."""
    keys = bought.customer.astype(np.int64) * kinds + kind[bought.article]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    return _summed(bought, keys, np.flatnonzero(np.diff(keys, prepend=-1)), kinds, order)


def _summed(bought: Purchases, keys: Ints, starts: Ints, width: int, order: Ints | None = None) -> Pairs:
    ago = bought.ago if order is None else bought.ago[order]
    if not len(keys):
        none = np.zeros(0, dtype=np.float32)
        return Pairs(keys, width, none, none, none, none, none)

    def decayed(half_life: float) -> Singles:
        worth = weights(bought, half_life)
        return np.add.reduceat(worth if order is None else worth[order], starts).astype(np.float32)

    return Pairs(
        keys[starts],
        width,
        np.diff(starts, append=len(keys)).astype(np.float32),
        np.minimum.reduceat(ago, starts).astype(np.float32),
        np.maximum.reduceat(ago, starts).astype(np.float32),
        decayed(SHORT),
        decayed(LONG),
    )


def where_met(pairs: Pairs, at: Ints, met: Bools, column: Singles, otherwise: float = 0.0) -> Singles:
    """A column of the pairs that were found, something else for the rest."""
    if not len(pairs.keys):
        return np.full(len(at), otherwise, dtype=np.float32)
    return np.where(met, column[at], np.float32(otherwise))


def days_since(pairs: Pairs, at: Ints, met: Bools) -> Singles:
    """Days since each was last bought."""
    return where_met(pairs, at, met, pairs.last, NEVER)
