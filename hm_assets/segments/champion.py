"""The champion: a space, a model and the ids of its segments, kept as JSON; and placing customers with it on the engine."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from hm_assets.segments import canonical, models
from hm_assets.segments.models import Model
from hm_assets.segments.space import Space
from hm_assets.segments.tables import NO_PURCHASE


@dataclass(frozen=True)
class Champion:
    """A model that assigns customers: `ids[i]` is the segment that its i-th cost belongs to, in rising order.

    `last_id` is the highest id that it or a champion before it has used: numbers are never used twice.
    """

    algorithm: str
    space: Space
    model: Model
    ids: tuple[int, ...]
    last_id: int
    trained_as_of: dt.date
    seed: int

    @property
    def version(self) -> str:
        """The month of the training day, and a hash of all that decides an assignment and whether it is restated."""
        decides = [self.space.as_json(), self.model.as_json(), self.ids, self.trained_as_of.isoformat()]
        return f"{self.trained_as_of:%Y-%m}-{hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:12]}"

    def as_json(self) -> dict[str, Any]:
        """As plain values; floats keep all their digits."""
        return {
            "algorithm": self.algorithm,
            "version": self.version,
            "trained_as_of": self.trained_as_of.isoformat(),
            "seed": self.seed,
            "ids": list(self.ids),
            "last_id": self.last_id,
            "space": self.space.as_json(),
            "model": self.model.as_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Champion":
        """The inverse of `as_json`."""
        return cls(
            value["algorithm"],
            Space.from_json(value["space"]),
            models.from_json(value["model"]),
            tuple(value["ids"]),
            value["last_id"],
            dt.date.fromisoformat(value["trained_as_of"]),
            value["seed"],
        )

    def assign(self, customers: ibis.Table) -> ibis.Table:
        """Where each customer belongs.

        Parameters
        ----------
        customers
            `inputs.customers_as_of` with at least the columns of the space.

        Returns
        -------
        ibis.Table
            `customer_key`, `as_of`, `month`, `segment_id`, `confidence`, `runner_up` (null with one segment).
        """
        costed = with_costs(customers, self.space, self.model)
        names = [cost_name(i) for i in range(self.model.k)]
        own = ibis.least(*(costed[name] for name in names))
        placed = costed.mutate(segment_id=_first(costed, names, own, self.ids), own=own)
        if len(names) == 1:
            return placed.select(*KEPT, "segment_id", confidence=1.0, runner_up=ibis.null("int32"))
        others = placed.mutate(
            **{
                name: ibis.ifelse(placed.segment_id == number, float("inf"), placed[name])
                for name, number in zip(names, self.ids, strict=True)
            }
        )
        others = others.mutate(second=ibis.least(*(others[name] for name in names)))
        if self.model.probabilities:
            # The others' probabilities relative to the own one; those of the own column are exp(-inf) = 0.
            relative = [(others.own - others[name]).exp() for name in names]
            sure = 1 / (sum(relative[1:], relative[0]) + 1)
        else:
            both = others.own + others.second
            sure = ibis.ifelse(both > 0, others.second / both, 0.5)
        return others.select(
            *KEPT, "segment_id", confidence=sure, runner_up=_first(others, names, others.second, self.ids)
        )


KEPT = ("customer_key", "as_of", "month")


def cost_name(position: int) -> str:
    """The column of a segment's cost."""
    return f"cost_{position}"


def with_costs(customers: ibis.Table, space: Space, model: Model, *more: str) -> ibis.Table:
    """Key, dates, the columns `more` and a cost per segment of the model, in its order."""
    axes = {f"axis_{i}": value for i, value in enumerate(space.expressions(customers))}
    # Two selections: a model names an axis many times, and its formula should be there once.
    points = customers.select(*KEPT, *more, **axes)
    costs = model.expressions([points[name] for name in axes])
    return points.select(*KEPT, *more, **{cost_name(i): cost for i, cost in enumerate(costs)})


def crowned(
    algorithm: str,
    space: Space,
    model: Model,
    customers: ibis.Table,
    trained_as_of: dt.date,
    seed: int,
    previous: "Champion | None",
    earlier: ibis.Table | None = None,
) -> Champion:
    """A model with canonical ids: by its members' spend, or those of the previous champion where the members are the same.

    Parameters
    ----------
    algorithm, space, model, trained_as_of, seed
        What was fitted.
    customers
        Customers of the training month: `inputs.customers_as_of` with the columns of the space and `canonical.RANKED_BY`.
    previous
        The champion before.
    earlier
        The same customers with the columns of the previous champion's space; needed with `previous`.
    """
    costed = with_costs(customers, space, model, *canonical.RANKED_BY)
    names = [cost_name(i) for i in range(model.k)]
    own = ibis.least(*(costed[name] for name in names))
    placed = costed.select(
        "customer_key", *canonical.RANKED_BY, place=_first(costed, names, own, tuple(range(model.k)))
    )
    facts = placed.group_by("place").agg(
        **{name: placed[name].cast("float64").mean() for name in canonical.RANKED_BY},
        first_key=placed.customer_key.min(),
    )
    order = canonical.ordered(facts.to_pyarrow().to_pylist(), model.k)
    if previous is None or earlier is None:
        return Champion(
            algorithm,
            space,
            model.reordered(order),
            tuple(range(1, model.k + 1)),
            model.k,
            trained_as_of,
            seed,
        )
    before = previous.assign(earlier).select("customer_key", "segment_id")
    both = placed.join(before, "customer_key").group_by("place", "segment_id").agg(n=ibis._.count())
    overlap = np.zeros((model.k, len(previous.ids)), dtype=np.int64)
    for row in both.to_pyarrow().to_pylist():
        overlap[order.index(row["place"]), previous.ids.index(row["segment_id"])] = row["n"]
    ids = canonical.matched_ids(overlap, list(previous.ids), previous.last_id)
    by_id = sorted(range(model.k), key=lambda i: ids[i])
    return Champion(
        algorithm,
        space,
        model.reordered([order[i] for i in by_id]),
        tuple(ids[i] for i in by_id),
        max(previous.last_id, *ids),
        trained_as_of,
        seed,
    )


def with_the_rest(
    assigned: ibis.Table, customers: ibis.Table, as_of: dt.date, month: dt.date, champion: Champion
) -> ibis.Table:
    """The assignments of a month (columns of `segments/assignments`), customers without a purchase included."""
    rest = customers.anti_join(assigned, "customer_key").select(
        "customer_key",
        as_of=ibis.literal(as_of, "date"),
        month=ibis.literal(month, "date"),
        segment_id=ibis.literal(NO_PURCHASE, "int32"),
        confidence=ibis.null("float64"),
        runner_up=ibis.null("int32"),
    )
    columns = {name: kind for name, kind in rest.schema().items()}
    typed = assigned.select(**{name: assigned[name].cast(kind) for name, kind in columns.items()})
    return typed.union(rest).mutate(
        model_version=ibis.literal(champion.version), restated=ibis.literal(as_of < champion.trained_as_of)
    )


def _first(costed: ibis.Table, names: Sequence[str], smallest: ibis.Value, numbers: Sequence[int]) -> ibis.Value:
    """The number of the first cost that is the smallest."""
    return ibis.cases(*((costed[name] == smallest, n) for name, n in zip(names, numbers, strict=True)))
