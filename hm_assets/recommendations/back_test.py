"""What each recommender would have put on the lists of past weeks, beside what was bought."""

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.recommendations.ladder.popular import best, sold
from hm_assets.recommendations.ladder.rung import Known, Recommender, Rung
from hm_assets.recommendations.lists import LENGTH, NONE, Lists, owned, top
from hm_assets.recommendations.measures.ranking import average_precision, hits, recall
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.weeks import DAYS
from hm_assets.segments.space import Bools, Floats, Ints

BATCH = 20_000


@dataclass(frozen=True)
class Said:
    """The lists of one recommender (n x places, article keys; -1: none), which places hit, and what it took."""

    lists: Ints
    hit: Bools
    ap: Floats
    recall: Floats
    seconds: float


@dataclass(frozen=True)
class Judged:
    """A past day: who bought in the seven days after it (n), how many different articles, and what was said."""

    as_of: dt.date
    customers: Ints
    bought: Sequence[Ints]
    said: Mapping[str, Said]


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
    people, catalogue, seed, threads
        See `Known`.
    most
        With it every n-th of those who bought, at most so many.
    exclude_owned
        Whether a list leaves out what its customer bought before.
    """
    customers, bought = bought_after(everything, day)
    if most is not None and len(customers) > most:
        taken = np.unique(np.linspace(0, len(customers) - 1, most).astype(np.int64))
        customers, bought = customers[taken], [bought[i] for i in taken]
    known = Known(everything.known_on(day), people, catalogue, seed, threads)
    count = np.array([len(mine) for mine in bought])
    said = {}
    for rung in rungs:
        started = time.perf_counter()
        model = rung.fit(known)
        found = [
            keys_of(known, part, rung.fill)
            for _, part in lists_of(model, known, customers, exclude_owned=exclude_owned)
        ]
        lists = np.concatenate(found) if found else np.empty((0, LENGTH), dtype=np.int64)
        seconds = time.perf_counter() - started
        hit = hits(lists, list(bought))
        said[rung.name] = Said(lists, hit, average_precision(hit, count), recall(hit, count), seconds)
    return Judged(day, customers, bought, said)


def lists_of(
    model: Recommender,
    known: Known,
    customers: Ints,
    allowed: Bools | None = None,
    exclude_owned: bool = False,
) -> Iterator[tuple[Ints, Lists]]:
    """Lists of these customers (keys) in batches: their keys, and positions in `known.purchases.articles`."""
    positions = known.purchases.positions(customers)
    for start in range(0, len(customers), BATCH):
        keys = customers[start : start + BATCH]
        without = owned(known.purchases, positions[start : start + BATCH]) if exclude_owned else None
        yield keys, top(model.scores(keys), allowed=allowed, without=without)


def keys_of(known: Known, lists: Lists, fill: bool) -> Ints:
    """Article keys of lists (n x places), free places filled with the bestsellers of the week where asked."""
    if fill:
        lists = lists.filled(best(sold(known.purchases, DAYS)))
    return np.where(lists.articles == NONE, NONE, known.purchases.articles[lists.articles])


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
