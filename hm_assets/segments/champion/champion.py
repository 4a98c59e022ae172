"""The champion: a space, a model and the ids of its segments, kept as JSON; and placing customers on the engine."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import ibis

from hm_assets.segments import models
from hm_assets.segments.champion.subsegments import Parts
from hm_assets.segments.models import Model
from hm_assets.segments.space import Space
from hm_assets.segments.tables import NO_PURCHASE


@dataclass(frozen=True)
class Champion:
    """A model that assigns customers: `ids[i]` is the segment that its i-th cost belongs to, in rising order.

    Attributes
    ----------
    algorithm, space, model, trained_as_of, seed
        What was fitted, on which day's customers.
    ids
        Segment ids in the order of the model's costs.
    last_id
        The highest id that it or a champion before it has used: numbers are never used twice.
    parts
        Segment id -> its parts, for segments that are split one level down.
    decision
        How it came to be the champion, in words: `headline`, `reasons`, `override` (a person's choice, or null).
    """

    algorithm: str
    space: Space
    model: Model
    ids: tuple[int, ...]
    last_id: int
    trained_as_of: dt.date
    seed: int
    parts: Mapping[int, Parts] = field(default_factory=dict)
    decision: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The month of the training day, and a hash of all that decides an assignment and whether it is restated."""
        decides = [
            self.space.as_json(),
            self.model.as_json(),
            self.ids,
            self._parts(),
            self.trained_as_of.isoformat(),
        ]
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
            "parts": self._parts(),
            "decision": dict(self.decision),
        }

    def _parts(self) -> dict[str, Any]:
        return {str(number): parts.as_json() for number, parts in sorted(self.parts.items())}

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
            {int(number): Parts.from_json(parts) for number, parts in value["parts"].items()},
            value["decision"],
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
            `customer_key`, `as_of`, `month`, `segment_id`, `confidence`, `runner_up` (null with one segment) and
            `sub_segment` (null where the segment has no parts).
        """
        costed = with_costs(customers, self.space, self.model)
        names = cost_names(self.model)
        own = ibis.least(*(costed[name] for name in names))
        placed = costed.mutate(segment_id=first(costed, names, own, self.ids), own=own)
        others = placed.mutate(
            **{
                name: ibis.ifelse(placed.segment_id == number, float("inf"), placed[name])
                for name, number in zip(names, self.ids, strict=True)
            }
        )
        others = others.mutate(second=ibis.least(*(others[name] for name in names)))
        return others.select(
            *KEPT,
            "segment_id",
            confidence=self._confidence(others, names),
            runner_up=first(others, names, others.second, self.ids) if len(names) > 1 else ibis.null("int32"),
            sub_segment=self._sub_segment(others),
        )

    def _confidence(self, others: ibis.Table, names: Sequence[str]) -> ibis.Value:
        """See `models.confidence`; the own cost is infinite among those of the others."""
        if len(names) == 1:
            return ibis.literal(1.0)
        if self.model.probabilities:
            return 1 / (reduce(add, ((others.own - others[name]).exp() for name in names)) + 1)
        both = others.own + others.second
        return ibis.ifelse(both > 0, others.second / both, 0.5)

    def _sub_segment(self, placed: ibis.Table) -> ibis.Value:
        point = [placed[axis_name(i)] for i in range(len(self.space.coordinates))]
        branches = []
        for number, parts in sorted(self.parts.items()):
            costs = parts.expressions(point)
            nearest = ibis.least(*costs)
            part = ibis.cases(*((cost == nearest, i) for i, cost in enumerate(costs, start=1)))
            branches.append((placed.segment_id == number, part.cast("int32")))
        return ibis.cases(*branches) if branches else ibis.null("int32")


KEPT = ("customer_key", "as_of", "month")


def axis_name(position: int) -> str:
    """The column of a coordinate."""
    return f"axis_{position}"


def cost_names(model: Model) -> list[str]:
    """The columns of the costs."""
    return [f"cost_{i}" for i in range(model.k)]


def with_costs(customers: ibis.Table, space: Space, model: Model, *more: str) -> ibis.Table:
    """Key, dates, the columns `more`, the coordinates, and a cost per segment of the model, in its order."""
    axes = {axis_name(i): value for i, value in enumerate(space.expressions(customers))}
    # Two selections: a model names an axis many times, and its formula should be there once.
    points = customers.select(*KEPT, *more, **axes)
    costs = model.expressions([points[name] for name in axes])
    return points.mutate(**dict(zip(cost_names(model), costs, strict=True)))


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
        sub_segment=ibis.null("int32"),
    )
    columns = {name: kind for name, kind in rest.schema().items()}
    typed = assigned.select(**{name: assigned[name].cast(kind) for name, kind in columns.items()})
    return typed.union(rest).mutate(
        model_version=ibis.literal(champion.version), restated=ibis.literal(as_of < champion.trained_as_of)
    )


def first(
    costed: ibis.Table, names: Sequence[str], smallest: ibis.Value, numbers: Sequence[int]
) -> ibis.Value:
    """The number of the first cost that is the smallest."""
    return ibis.cases(*((costed[name] == smallest, n) for name, n in zip(names, numbers, strict=True)))
