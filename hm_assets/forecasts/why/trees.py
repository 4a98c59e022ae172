"""TreeSHAP of LightGBM for a million customers: each tree is asked once for each cell that its thresholds cut.

A tree of 15 leaves has 14 thresholds, so it tells at most 2^14 kinds of customers apart, mostly a thousand. LightGBM
gives the SHAP values of one customer of each kind (Lundberg et al. 2020, with the paths of the training data), and each
customer gets those of her kind: what asking for each would give but for the last digits, fifty times sooner.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.segments.space import Floats

Cells = npt.NDArray[np.int32]
# Customers at a time: what a tree adds up then stays in the processor's cache.
BATCH = 1 << 15


@dataclass(frozen=True)
class Tree:
    """One tree: its thresholds by axis, ascending."""

    thresholds: Mapping[int, Floats]

    @property
    def cells(self) -> int:
        """How many kinds of customers its thresholds tell apart."""
        return int(np.prod([len(cuts) + 1 for cuts in self.thresholds.values()], dtype=np.int64))

    def points(self, axes: int) -> Floats:
        """A point in each cell (cells x axes), in the order of their numbers."""
        # Not the thresholds themselves: LightGBM reads what is as near to 0 as some of them are as 0.
        sides = [
            np.concatenate([[cuts[0] - 1], (cuts[:-1] + cuts[1:]) / 2, [cuts[-1] + 1]])
            for cuts in self.thresholds.values()
        ]
        found = np.zeros((self.cells, axes))
        grid = np.meshgrid(*sides, indexing="ij")
        for axis, values in zip(self.thresholds, grid, strict=True):
            found[:, axis] = values.ravel()
        return found


@dataclass(frozen=True)
class Answered:
    """What a tree adds in each of its cells: by axis the step of each place, and the SHAP values of the cells."""

    steps: Mapping[int, Cells]
    added: Mapping[int, Floats]


def contributions(booster: Any, x: Floats, threads: int = 1) -> tuple[Floats, float]:
    """SHAP values of the log odds of n customers.

    Parameters
    ----------
    booster
        A `lightgbm.Booster` for two classes, without categories and without missing values.
    x
        Points (n x axes).
    threads
        Of LightGBM; they change no digit.

    Returns
    -------
    (axes x n, float)
        What each axis adds, and what they are added to: the mean of what it learned from.
    """
    trees = list(_trees(booster.dump_model()))
    rows, axes = x.shape
    cuts = {
        axis: np.unique(np.concatenate([t.thresholds[axis] for t in trees if axis in t.thresholds]))
        for axis in sorted({axis for tree in trees for axis in tree.thresholds})
    }
    answers, base = [], 0.0
    for i, tree in enumerate(trees):
        said = booster.predict(
            tree.points(axes), pred_contrib=True, start_iteration=i, num_iteration=1, num_threads=threads
        )
        base += float(said[0, -1])
        answers.append(_answered(tree, cuts, said))
    found = np.zeros((axes, rows))
    for start in range(0, rows, BATCH):
        part = slice(start, start + BATCH)
        places = {axis: np.searchsorted(every, x[part, axis], side="left") for axis, every in cuts.items()}
        mine = np.zeros((axes, len(x[part])))
        for answer in answers:
            cell = np.zeros(mine.shape[1], dtype=np.int32)
            for axis, steps in answer.steps.items():
                cell += steps[places[axis]]
            for axis, added in answer.added.items():
                mine[axis] += added[cell]
        found[:, part] = mine
    return found, base


def _answered(tree: Tree, cuts: Mapping[int, Floats], said: Floats) -> Answered:
    """The number of a cell is the sum of the steps of its places among all thresholds of each axis."""
    steps, stride = {}, tree.cells
    for axis, own in tree.thresholds.items():
        stride //= len(own) + 1
        below = np.append(0, np.cumsum(np.isin(cuts[axis], own)))
        steps[axis] = (below * stride).astype(np.int32)
    return Answered(steps, {axis: np.ascontiguousarray(said[:, axis]) for axis in tree.thresholds})


def _trees(model: Mapping[str, Any]) -> Iterator[Tree]:
    for info in model["tree_info"]:
        thresholds: dict[int, set[float]] = {}
        nodes = [info["tree_structure"]]
        while nodes:
            node = nodes.pop()
            if "split_feature" in node:
                thresholds.setdefault(node["split_feature"], set()).add(float(node["threshold"]))
                nodes += [node["left_child"], node["right_child"]]
        yield Tree({axis: np.array(sorted(thresholds[axis])) for axis in sorted(thresholds)})
