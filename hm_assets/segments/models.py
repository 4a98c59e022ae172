"""What a clustering leaves behind: a model that places anybody, in numpy and on the engine, and is kept as JSON.

Every algorithm ends in one of four: centres (whose is the nearest), Gaussians (which is the likeliest), a tree (which
leaf), word counts (a multinomial for each segment). Each gives a point a *cost* per segment; the smallest wins, of
equal ones the first. How sure that is follows from the costs: distances are compared with the runner-up's (0.5 on the
border, 1 at the centre), negative logarithms of probabilities become the probability of the segment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, ClassVar, Protocol

import ibis
import numpy as np

from hm_assets.segments.space import Floats, Ints


class Model(Protocol):
    """Places points in k segments."""

    kind: ClassVar[str]
    probabilities: ClassVar[bool]
    """Whether exp(-cost) is proportional to the probability of the segment; else a cost is a distance."""

    @property
    def k(self) -> int:
        """Number of segments."""

    def costs(self, points: Floats) -> Floats:
        """n points x axes to n x k costs."""

    def expressions(self, point: Sequence[ibis.Value]) -> list[ibis.Value]:
        """The same for the engine: one expression per segment."""

    def reordered(self, order: Sequence[int]) -> "Model":
        """The same model with its segments in another order."""

    def as_json(self) -> dict[str, Any]:
        """As plain values, with its `kind`."""


@dataclass(frozen=True)
class Centres:
    """Segments around centres (k x axes), with Euclidean distance.

    With `weights` (axes) the squared difference along each axis counts that much.
    """

    centres: Floats
    weights: Floats | None = None
    kind: ClassVar[str] = "centres"
    probabilities: ClassVar[bool] = False

    @property
    def k(self) -> int:
        """See `Model.k`."""
        return len(self.centres)

    def costs(self, points: Floats) -> Floats:
        """See `Model.costs`."""
        weights = 1.0 if self.weights is None else self.weights
        return np.stack([np.sqrt(((points - c) ** 2 * weights).sum(axis=1)) for c in self.centres], axis=1)

    def expressions(self, point: Sequence[ibis.Value]) -> list[ibis.Value]:
        """See `Model.expressions`."""
        weights = [1.0] * len(point) if self.weights is None else self.weights.tolist()

        def distance(centre: Floats) -> ibis.Value:
            parts = zip(point, centre.tolist(), weights, strict=True)
            return reduce(add, ((x - c) * (x - c) * w for x, c, w in parts)).sqrt()

        return [distance(centre) for centre in self.centres]

    def reordered(self, order: Sequence[int]) -> "Centres":
        """See `Model.reordered`."""
        return Centres(self.centres[list(order)], self.weights)

    def as_json(self) -> dict[str, Any]:
        """See `Model.as_json`."""
        found = {"kind": self.kind, "centres": self.centres.tolist()}
        return found if self.weights is None else found | {"weights": self.weights.tolist()}


@dataclass(frozen=True)
class Gaussians:
    """A mixture of Gaussians: weights (k), means (k x d) and upper Cholesky factors of the precisions (k x d x d)."""

    weights: Floats
    means: Floats
    precisions: Floats
    kind: ClassVar[str] = "gaussians"
    probabilities: ClassVar[bool] = True

    @property
    def k(self) -> int:
        """See `Model.k`."""
        return len(self.weights)

    def _constants(self) -> Floats:
        log_determinants = np.log(np.diagonal(self.precisions, axis1=1, axis2=2)).sum(axis=1)
        return np.asarray(-np.log(self.weights) - log_determinants)

    def costs(self, points: Floats) -> Floats:
        """See `Model.costs`."""
        found = [
            constant + 0.5 * (((points - mean) @ precision) ** 2).sum(axis=1)
            for constant, mean, precision in zip(self._constants(), self.means, self.precisions, strict=True)
        ]
        return np.stack(found, axis=1)

    def expressions(self, point: Sequence[ibis.Value]) -> list[ibis.Value]:
        """See `Model.expressions`."""

        def cost(constant: float, mean: Floats, precision: Floats) -> ibis.Value:
            centred = [x - m for x, m in zip(point, mean.tolist(), strict=True)]
            rotated = [
                reduce(add, (c * w for c, w in zip(centred, column.tolist(), strict=True) if w))
                for column in precision.T
            ]
            return reduce(add, (x * x for x in rotated)) * 0.5 + constant

        return [
            cost(float(constant), mean, precision)
            for constant, mean, precision in zip(self._constants(), self.means, self.precisions, strict=True)
        ]

    def reordered(self, order: Sequence[int]) -> "Gaussians":
        """See `Model.reordered`."""
        return Gaussians(*(part[list(order)] for part in (self.weights, self.means, self.precisions)))

    def as_json(self) -> dict[str, Any]:
        """See `Model.as_json`."""
        parts = {"weights": self.weights, "means": self.means, "precisions": self.precisions}
        return {"kind": self.kind} | {name: part.tolist() for name, part in parts.items()}


@dataclass(frozen=True)
class Tree:
    """A decision tree as flat lists: node i asks whether axis `axes[i]` is at most `thresholds[i]`; -1 marks a leaf.

    `memberships` (nodes x k) says how likely each segment is in a node.
    """

    axes: Ints
    thresholds: Floats
    left: Ints
    right: Ints
    memberships: Floats
    kind: ClassVar[str] = "tree"
    probabilities: ClassVar[bool] = True

    @property
    def k(self) -> int:
        """See `Model.k`."""
        return int(self.memberships.shape[1])

    def leaves(self, points: Floats) -> Ints:
        """The leaf that each point falls into."""
        node = np.zeros(len(points), dtype=np.int64)
        while True:
            inner = np.flatnonzero(self.left[node] >= 0)
            if not len(inner):
                return node
            at = node[inner]
            lower = points[inner, self.axes[at]] <= self.thresholds[at]
            node[inner] = np.where(lower, self.left[at], self.right[at])

    def costs(self, points: Floats) -> Floats:
        """See `Model.costs`."""
        return np.asarray(-np.log(self.memberships)[self.leaves(points)])

    def expressions(self, point: Sequence[ibis.Value]) -> list[ibis.Value]:
        """See `Model.expressions`."""
        logs = -np.log(self.memberships)

        def cost(node: int, segment: int) -> ibis.Value:
            if self.left[node] < 0:
                return ibis.literal(float(logs[node, segment]))
            return ibis.ifelse(
                point[int(self.axes[node])] <= float(self.thresholds[node]),
                cost(int(self.left[node]), segment),
                cost(int(self.right[node]), segment),
            )

        return [cost(0, segment) for segment in range(self.k)]

    def reordered(self, order: Sequence[int]) -> "Tree":
        """See `Model.reordered`."""
        return Tree(self.axes, self.thresholds, self.left, self.right, self.memberships[:, list(order)])

    def as_json(self) -> dict[str, Any]:
        """See `Model.as_json`."""
        parts = {
            "axes": self.axes,
            "thresholds": self.thresholds,
            "left": self.left,
            "right": self.right,
            "memberships": self.memberships,
        }
        return {"kind": self.kind} | {name: part.tolist() for name, part in parts.items()}


@dataclass(frozen=True)
class Counts:
    """A multinomial for each segment: how often it occurs (`weights`, k) and how it chooses (`shares`, k x axes)."""

    weights: Floats
    shares: Floats
    kind: ClassVar[str] = "counts"
    probabilities: ClassVar[bool] = True

    @property
    def k(self) -> int:
        """See `Model.k`."""
        return len(self.weights)

    def costs(self, points: Floats) -> Floats:
        """See `Model.costs`."""
        return np.asarray(-np.log(self.weights) - points @ np.log(self.shares).T)

    def expressions(self, point: Sequence[ibis.Value]) -> list[ibis.Value]:
        """See `Model.expressions`."""
        return [
            reduce(add, (x * -w for x, w in zip(point, logs.tolist(), strict=True))) - float(np.log(weight))
            for weight, logs in zip(self.weights, np.log(self.shares), strict=True)
        ]

    def reordered(self, order: Sequence[int]) -> "Counts":
        """See `Model.reordered`."""
        return Counts(self.weights[list(order)], self.shares[list(order)])

    def as_json(self) -> dict[str, Any]:
        """See `Model.as_json`."""
        return {"kind": self.kind, "weights": self.weights.tolist(), "shares": self.shares.tolist()}


def from_json(value: Mapping[str, Any]) -> Model:
    """The model that `as_json` wrote."""
    kinds: dict[str, Any] = {kind.kind: kind for kind in (Centres, Gaussians, Tree, Counts)}
    integers = ("axes", "left", "right")
    parts = {
        name: np.array(part, dtype=np.int64 if name in integers else np.float64)
        for name, part in value.items()
        if name != "kind"
    }
    found: Model = kinds[value["kind"]](**parts)
    return found


def nearest(model: Model, points: Floats) -> Ints:
    """The segment (0 to k - 1) of each point; of equally near ones the first."""
    return np.asarray(model.costs(points).argmin(axis=1))


def confidence(model: Model, costs: Floats) -> Floats:
    """How sure the segment with the smallest cost is, 0-1, from n x k costs."""
    if model.k == 1:
        return np.ones(len(costs))
    if model.probabilities:
        return np.asarray(1 / np.exp(costs.min(axis=1, keepdims=True) - costs).sum(axis=1))
    own, second = np.sort(costs, axis=1)[:, :2].T
    both = own + second
    return np.asarray(np.divide(second, both, out=np.full(len(costs), 0.5), where=both > 0))
