"""What each recommender would have put on the lists of past weeks, beside what was bought."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.recommendations.ladder.popular import best, same_for, sold
from hm_assets.recommendations.ladder.rung import Content, Known, Rung
from hm_assets.recommendations.lists import LENGTH, NONE, Lists, owned, top
from hm_assets.recommendations.measures.ranking import average_precision, hits, recall
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.stock import in_stock
from hm_assets.recommendations.weeks import DAYS
from hm_assets.segments.space import Bools, Floats, Ints

AS_IS, OWNED_LEFT_OUT, IN_STOCK = "as_is", "owned_left_out", "in_stock"
FILL = 2 * LENGTH
"""Of so many bestsellers, enough are not in a list yet."""
CANDIDATES = 60
"""Of so many of the best, a list is re-ranked for variety."""


@dataclass(frozen=True)
class Said:
    """The lists of one recommender (n x places, article keys; -1: none), which places hit, and what it took.

    `others` are the lists of other settings; `candidates` (article keys) more than a list holds, of the first few
    customers. Both are empty unless they were asked for.
    """

    lists: Ints
    hit: Bools
    ap: Floats
    recall: Floats
    seconds: float
    others: Mapping[str, Ints] = field(default_factory=dict)
    candidates: Lists | None = None


@dataclass(frozen=True)
class Judged:
    """A past day: who bought in the seven days after it (n), how many different articles, and what was said.

    `known` is what was known on it.
    """

    as_of: dt.date
    customers: Ints
    bought: Sequence[Ints]
    said: Mapping[str, Said]
    known: Purchases


def judge(
    everything: Purchases,
    day: dt.date,
    rungs: Sequence[Rung],
    people: pa.Table,
    catalogue: pa.Table,
    seed: int,
    threads: int,
    most: int | None = None,
    exclude_owned: bool = False,
    others: Sequence[str] = (),
    content: Content | None = None,
    reranked: int = 0,
) -> Judged:
    """Every recommender on one day.

    Parameters
    ----------
    everything
        Purchases up to at least seven days after the day.
    day
        The last day that they know.
    rungs
        The recommenders.
    people, catalogue, seed, threads, content
        See `Known`.
    most
        With it every n-th of those who bought, at most so many.
    exclude_owned
        Whether a list leaves out what its customer bought before.
    others
        Settings to make lists in besides: `OWNED_LEFT_OUT`, `IN_STOCK`.
    reranked
        Of so many customers, all candidates are kept.
    """
    customers, bought = bought_after(everything, day)
    if most is not None and len(customers) > most:
        taken = np.unique(np.linspace(0, len(customers) - 1, most).astype(np.int64))
        customers, bought = customers[taken], [bought[i] for i in taken]
    known = Known(everything.known_on(day), people, catalogue, seed, threads, content)
    count = np.array([len(mine) for mine in bought], dtype=np.int64)
    first = OWNED_LEFT_OUT if exclude_owned else AS_IS
    settings = {name: setting(known.purchases, customers, name) for name in dict.fromkeys((first, *others))}
    said = {}
    # Where nobody is judged, nothing has to be fitted.
    for rung in rungs if len(customers) else ():
        started = time.perf_counter()
        scores = rung.fit(known).scores(customers)
        lists = settings[first].lists(scores, rung.fill)
        seconds = time.perf_counter() - started
        hit = hits(lists, bought)
        said[rung.name] = Said(
            lists,
            hit,
            average_precision(hit, count),
            recall(hit, count),
            seconds,
            {name: settings[name].lists(scores, rung.fill) for name in others},
            settings[first].candidates(scores[:reranked], rung.fill) if reranked else None,
        )
    return Judged(day, customers, bought, said, known.purchases)


@dataclass(frozen=True)
class Setting:
    """What lists of some customers (n) may hold, and the bestsellers that fill them, of those it may."""

    known: Purchases
    fill: Ints
    allowed: Bools | None = None
    without: Any = None

    def lists(self, scores: Any, fill: bool) -> Ints:
        """Article keys of the lists (n x 12; -1: none) that these scores give, filled or not."""
        return self.keys(self._top(scores, LENGTH, fill).articles)

    def candidates(self, scores: Any, fill: bool) -> Lists:
        """More than a list holds of the first customers, as article keys."""
        found = self._top(scores, CANDIDATES, fill)
        return Lists(self.keys(found.articles), found.scores)

    def keys(self, articles: Ints) -> Ints:
        """Article keys of positions; -1: none."""
        return np.where(articles == NONE, NONE, np.append(self.known.articles, NONE)[articles])

    def _top(self, scores: Any, length: int, fill: bool) -> Lists:
        n = scores.shape[0]
        without = None if self.without is None else self.without[:n]
        found = top(scores, length, self.allowed, without)
        if not fill:
            return found
        both = np.hstack([found.articles, self.fill[:n]])
        return _different(both, np.hstack([found.scores, np.zeros((n, self.fill.shape[1]))]), length)


def setting(known: Purchases, customers: Ints, name: str) -> Setting:
    """One of `AS_IS`, `OWNED_LEFT_OUT`, `IN_STOCK` for these customers (keys) on the day of `known`."""
    week = sold(known, DAYS)
    if name == OWNED_LEFT_OUT:
        without = owned(known, known.positions(customers))
        fill = top(same_for(len(customers), week), FILL, without=without).articles
        return Setting(known, fill, without=without)
    if name == IN_STOCK:
        stock = in_stock(known)
        # As the lists of customers are filled: with what sold most in the window that the stock took.
        return Setting(known, np.tile(stock.bestsellers[:FILL], (len(customers), 1)), stock.allowed)
    if name == AS_IS:
        return Setting(known, np.tile(best(week, FILL), (len(customers), 1)))
    raise ValueError(f"{name!r} is no setting of lists; there are {AS_IS}, {OWNED_LEFT_OUT}, {IN_STOCK}")


def bought_after(everything: Purchases, day: dt.date) -> tuple[Ints, list[Ints]]:
    """Who bought in the seven days after a day (keys, ascending), and the different articles of each (keys)."""
    later = (everything.as_of - day).days
    if later < DAYS:
        raise ValueError(f"the {DAYS} days after {day} are not over on {everything.as_of}")
    week = (everything.ago < later) & (everything.ago >= later - DAYS)
    customer, article = everything.customer[week], everything.article[week]
    pairs = np.unique(np.stack([customer, article], axis=1), axis=0)
    who, starts = np.unique(pairs[:, 0], return_index=True)
    found: list[Any] = np.split(everything.articles[pairs[:, 1]], starts[1:]) if len(who) else []
    return everything.customers[who], found


def new_to(known: Purchases, customers: Ints, bought: Sequence[Ints]) -> list[Bools]:
    """Of what each of these customers (keys) bought (article keys): whether they had never bought it before."""
    counts = [len(mine) for mine in bought]
    who = np.repeat(known.positions(customers), counts)
    what = known.article_positions(np.concatenate([np.zeros(0, dtype=np.int64), *bought]))
    width = max(len(known.articles), 1)
    # Rows are in the order of customer and article.
    pairs = known.customer.astype(np.int64) * width + known.article
    wanted = who * width + what
    place = np.minimum(np.searchsorted(pairs, wanted), max(len(pairs) - 1, 0))
    old = (
        (who >= 0) & (what >= 0) & (pairs[place] == wanted) if len(pairs) else np.zeros(len(who), dtype=bool)
    )
    return np.split(~old, np.cumsum(counts)[:-1]) if counts else []


def _different(articles: Ints, scores: Floats, length: int) -> Lists:
    """The first `length` different articles of each row (positions; -1: none), with their scores."""
    order = np.argsort(articles, axis=1, kind="stable")
    ordered = np.take_along_axis(articles, order, axis=1)
    again = np.zeros(articles.shape, dtype=bool)
    np.put_along_axis(again, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    usable = ~again & (articles != NONE)
    place = np.cumsum(usable, axis=1) - 1
    rows, columns = np.nonzero(usable & (place < length))
    found = Lists(np.full((len(articles), length), NONE, dtype=np.int64), np.zeros((len(articles), length)))
    found.articles[rows, place[rows, columns]] = articles[rows, columns]
    found.scores[rows, place[rows, columns]] = scores[rows, columns]
    return found
