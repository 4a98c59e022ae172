"""What the ranker learns from: candidates of past weeks, and which of them were bought in the seven days after."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.recommendations.back_test import bought_after
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.ranker.plan import Plan, Task
from hm_assets.recommendations.ranker.ready import Ready
from hm_assets.recommendations.weeks import cut_offs
from hm_assets.segments.space import Bools, Ints


@dataclass(frozen=True)
class Lesson:
    """Candidates of one past day, of customers who bought one of them (n).

    Attributes
    ----------
    day
        Nothing later is in a candidate or a feature.
    features
        n x `FEATURES`.
    bought
        Whether it was bought in the seven days after (n).
    groups
        Candidates of each customer, in order.
    """

    day: dt.date
    features: npt.NDArray[np.float32]
    bought: Bools
    groups: Ints


def days_of(purchases: Purchases, as_of: dt.date, plan: Plan) -> list[dt.date]:
    """The past days learned from on a day, the latest first: their seven days after are over on it."""
    if not len(purchases.ago):
        return []
    first = purchases.as_of - dt.timedelta(days=int(purchases.ago.max()))
    return cut_offs(first, as_of, plan.weeks)


def teaching(known: Known) -> Known:
    """What lessons are made of: purchases and the catalogue.

    People and content are as of the day that is learned for, which a past day must not see: nothing is left of them.
    """
    return replace(known, people=pa.table({}), content=None)


def lessons_of(
    day: dt.date, known: Known, plan: Plan, tasks: Sequence[Task], shuffled: bool = False
) -> dict[str, Lesson]:
    """One lesson per task of a past day; none where nobody bought in the seven days after it.

    Parameters
    ----------
    day
        See `days_of`. Its lessons are the same on whichever later day they are learned from.
    known
        See `teaching`; up to any day on which the seven days are over.
    plan, tasks
        How much, and what.
    shuffled
        Whether it is left to chance which candidates count as bought, as many as were.
    """
    customers, bought = bought_after(known.purchases, day)
    taken = np.unique(np.linspace(0, len(customers) - 1, plan.customers).astype(np.int64))
    if len(customers) > plan.customers:
        customers, bought = customers[taken], [bought[i] for i in taken]
    if not len(customers):
        return {}
    ready = Ready(replace(known, purchases=known.purchases.known_on(day)), customers)
    return {
        task.name: _lesson(ready, task, customers, bought, day, plan.negatives, known.seed, shuffled)
        for task in tasks
    }


def _lesson(
    ready: Ready,
    task: Task,
    customers: Ints,
    bought: Sequence[Ints],
    day: dt.date,
    negatives: int,
    seed: int,
    shuffled: bool,
) -> Lesson:
    candidates = ready.candidates(customers, task)
    truth = was_bought(ready, candidates.rows, candidates.articles, bought)
    rng = np.random.default_rng([seed, day.toordinal()])
    if shuffled:
        truth = truth[np.lexsort((rng.random(len(truth)), candidates.rows))]
    hits = np.bincount(candidates.rows, truth, len(customers))
    # Of each customer the positive candidates come first, the others in a random order.
    order = np.lexsort((rng.random(len(truth)), ~truth, candidates.rows))
    place = np.arange(len(order)) - np.searchsorted(candidates.rows, candidates.rows)
    rows = candidates.rows[order]
    kept = np.sort(order[(place < hits[rows] + negatives) & (hits[rows] > 0)])
    groups = np.bincount(candidates.rows[kept], minlength=len(customers))
    return Lesson(day, ready.table(customers, candidates)[kept], truth[kept], groups[groups > 0])


def was_bought(ready: Ready, rows: Ints, articles: Ints, bought: Sequence[Ints]) -> Bools:
    """Which candidates were bought: `rows` point into `bought`, the articles (keys) of each customer."""
    width = len(ready.known.purchases.articles)
    who = np.repeat(np.arange(len(bought)), [len(mine) for mine in bought])
    what = ready.known.purchases.article_positions(np.concatenate(bought))
    return np.isin(rows * width + articles, (who * width + what)[what >= 0])
