"""The ranker as a recommender: fitted for a day, or kept from an earlier one."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hm_assets.recommendations.ladder.rung import Known, Rung
from hm_assets.recommendations.ranker.model import Model, learn
from hm_assets.recommendations.ranker.plan import NEW, NEXT, PLANS, Plan, Task
from hm_assets.recommendations.ranker.ready import Ready
from hm_assets.segments.space import Ints

BATCH = 5_000
"""Customers whose candidates are in memory at once: about half a million pairs."""
Ahead = Mapping[dt.date, Mapping[str, Model]]
"""Models that were learned ahead, by day and task."""


@dataclass(frozen=True)
class Ranker:
    """Candidates of a day in the order of a model."""

    ready: Ready
    model: Model
    task: Task

    def scores(self, keys: Ints) -> Any:
        """See `Recommender`; a stranger has what sells."""
        from scipy import sparse

        if self.model.text is None:
            return self.ready.stand_in(keys, self.task)
        width = len(self.ready.known.purchases.articles)
        parts = []
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            found = self.ready.candidates(batch, self.task)
            said = self.model.predict(self.ready.table(batch, found), self.ready.known.threads)
            parts.append(sparse.csr_array((said, (found.rows, found.articles)), shape=(len(batch), width)))
        return sparse.vstack(parts, format="csr") if parts else sparse.csr_array((0, width))


def fitting(
    task: Task = NEXT,
    plan: Plan = PLANS["full"],
    shuffled: bool = False,
    ahead: Mapping[dt.date, Model] | None = None,
) -> Callable[[Known], Ranker]:
    """A fit that learns anew from the weeks before the day, unless it was learned ahead for that day.

    From shuffled labels for a check of the judge.
    """

    def fit(known: Known) -> Ranker:
        model = (ahead or {}).get(known.purchases.as_of)
        return Ranker(Ready(known), model or learn(known, plan, [task], shuffled)[task.name], task)

    return fit


def kept(artifact: Mapping[str, Any], task: Task = NEXT) -> Callable[[Known], Ranker]:
    """A fit that learns nothing: the model of the artifact `recommendations/ranker`, used on another day."""
    model = Model.from_json(artifact["models"][task.name])

    def fit(known: Known) -> Ranker:
        return Ranker(Ready(known), model, task)

    return fit


def rungs(plan: Plan = PLANS["full"], ahead: Ahead | None = None) -> tuple[Rung, Rung]:
    """Both rankers as they are judged: what comes next, and what is new to a customer."""
    following, new = (
        # A rung is sent to processes: only with what it needs.
        fitting(task, plan, ahead={day: models[task.name] for day, models in (ahead or {}).items()})
        for task in (NEXT, NEW)
    )
    return Rung(NEXT.name, following), Rung(NEW.name, new, fill=False)
