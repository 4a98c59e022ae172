"""The champion: a space, centres and their ids, kept as JSON; and scoring customers with it on the engine."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from hm_assets.segments import canonical
from hm_assets.segments.space import Floats, Space
from hm_assets.segments.tables import NO_PURCHASE


@dataclass(frozen=True)
class Champion:
    """A model that assigns customers: segment `ids[i]` has its centre at `centres[i]` (in the space's coordinates).

    `last_id` is the highest id that it or a champion before it has used: numbers are never used twice.
    """

    algorithm: str
    space: Space
    centres: Floats
    ids: tuple[int, ...]
    last_id: int
    trained_as_of: dt.date
    seed: int

    @classmethod
    def named(
        cls,
        algorithm: str,
        space: Space,
        centres: Floats,
        trained_as_of: dt.date,
        seed: int,
        previous: "Champion | None",
    ) -> "Champion":
        """Give the centres their ids: by spend, or those of the previous champion where they match."""
        centres = canonical.ordered(centres)
        if previous is None:
            ids, last_id = list(range(1, len(centres) + 1)), len(centres)
        else:
            points = previous.space.transform(space.values(centres))
            ids = canonical.matched_ids(points, previous.centres, list(previous.ids), previous.last_id)
            last_id = max(previous.last_id, *ids)
        order = np.argsort(ids)
        return cls(algorithm, space, centres[order], tuple(sorted(ids)), last_id, trained_as_of, seed)

    @property
    def version(self) -> str:
        """The month of the training day, and a hash of all that decides an assignment and whether it is restated."""
        decides = [
            self.space.as_json(),
            self.centres.tolist(),
            list(self.ids),
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
            "space": self.space.as_json(),
            "ids": list(self.ids),
            "last_id": self.last_id,
            "centres": self.centres.tolist(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Champion":
        """The inverse of `as_json`."""
        return cls(
            value["algorithm"],
            Space.from_json(value["space"]),
            np.array(value["centres"], dtype=np.float64),
            tuple(value["ids"]),
            value.get("last_id", max(value["ids"])),  # the first champions that were written have none
            dt.date.fromisoformat(value["trained_as_of"]),
            value["seed"],
        )

    def assign(self, features: ibis.Table) -> ibis.Table:
        """`customer_key`, `as_of`, `month`, `segment_id`, `confidence`, `runner_up` for each row of features."""
        point = self.space.expressions(features)
        placed = features.select(
            "customer_key",
            "as_of",
            "month",
            **{
                f"d{segment}": _distance(point, centre)
                for segment, centre in zip(self.ids, self.centres, strict=True)
            },
        )
        nearest = _nearest(placed, self.ids)
        placed = placed.mutate(segment_id=nearest, own=ibis.least(*(placed[f"d{i}"] for i in self.ids)))
        if len(self.ids) == 1:
            return placed.select(
                "customer_key", "as_of", "month", "segment_id", confidence=1.0, runner_up=None
            )
        others = placed.mutate(
            **{f"d{i}": ibis.ifelse(placed.segment_id == i, float("inf"), placed[f"d{i}"]) for i in self.ids}
        )
        second = ibis.least(*(others[f"d{i}"] for i in self.ids))
        both = others.own + second
        return others.select(
            "customer_key",
            "as_of",
            "month",
            "segment_id",
            confidence=ibis.ifelse(both > 0, second / both, 0.5),
            runner_up=_nearest(others, self.ids),
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


def _distance(point: list[ibis.Value], centre: Floats) -> ibis.Value:
    squares = [(x - float(c)) * (x - float(c)) for x, c in zip(point, centre, strict=True)]
    total = squares[0]
    for square in squares[1:]:
        total = total + square
    return total.sqrt()


def _nearest(placed: ibis.Table, ids: tuple[int, ...]) -> ibis.Value:
    """The id with the smallest distance; of equal ones the smallest id."""
    smallest = ibis.least(*(placed[f"d{i}"] for i in ids))
    return ibis.cases(*((placed[f"d{i}"] == smallest, i) for i in ids))
