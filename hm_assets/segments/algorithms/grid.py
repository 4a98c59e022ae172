"""The classic RFM grid: quintile scores of recency, frequency and money, and eleven names for their 125 cells.

The names are those that marketing tools share (Putler, Optimove and others). Their published rules overlap; here each
cell has one name, by the recency score and the mean of the other two scores, a half rounded up.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from hm_assets.segments.algorithms.guard import guarded, need
from hm_assets.segments.algorithms.propagation import tree_of_leaves
from hm_assets.segments.fitting import CannotFit, Data, Fitted
from hm_assets.segments.models import Tree
from hm_assets.segments.space import Floats, Ints

NAMES = (
    "Champions",
    "Loyal Customers",
    "Potential Loyalists",
    "New Customers",
    "Promising",
    "Need Attention",
    "About To Sleep",
    "At Risk",
    "Cannot Lose Them",
    "Hibernating",
    "Lost",
)
# By recency score (5 is the most recent), then by the mean of frequency and money scores, 1 to 5.
BY_SCORES = {
    5: ("New Customers", "Potential Loyalists", "Potential Loyalists", "Champions", "Champions"),
    4: ("Promising", "Potential Loyalists", "Potential Loyalists", "Loyal Customers", "Loyal Customers"),
    3: ("About To Sleep", "About To Sleep", "Need Attention", "Loyal Customers", "Loyal Customers"),
    2: ("Hibernating", "Hibernating", "At Risk", "At Risk", "Cannot Lose Them"),
    1: ("Lost", "Lost", "At Risk", "At Risk", "Cannot Lose Them"),
}
AXES = 3


@dataclass(frozen=True)
class Grid:
    """Cells with names as an exact tree; `parts` has the classic names that each segment was put together from."""

    model: Tree
    parts: tuple[tuple[str, ...], ...]


@guarded
def rfm_grid(data: Data, k: int, seed: int) -> Fitted:
    """The eleven names as segments, in the order of `NAMES`; some may have nobody. k and seed say nothing."""
    return Fitted(named_grid(data.points).model, names=NAMES)


def name_of(recency: int, frequency: int, money: int) -> str:
    """The one name of a cell, by its scores from 1 to 5; 5 is the best, so the most recent."""
    return BY_SCORES[recency][(frequency + money + 1) // 2 - 1]


def quintiles(values: Floats) -> tuple[Floats, Ints]:
    """Up to four cut-points (ascending) and the score, 1 to 5, of each interval between them.

    A cut-point lies midway between two neighbouring values, where the share below is nearest to 20, 40, 60, 80 %:
    equal values have equal scores, and a last digit moves nobody. With many equal values several cut-points fall
    together, and nobody has the scores between them. If all values are equal, all score 3.
    """
    different, rows = np.unique(values, return_counts=True)
    if len(different) == 1:
        return np.empty(0), np.array([3])
    below = np.cumsum(rows)[:-1]
    nearest = [int(np.abs(5 * below - part * len(values)).argmin()) for part in (1, 2, 3, 4)]
    places = sorted(set(nearest))
    scores = [1] + [1 + sum(place <= last for place in nearest) for last in places]
    return (different[:-1] + different[1:])[places] / 2, np.array(scores)


def named_grid(points: Floats) -> Grid:
    """The grid with all eleven names, from points whose first axes are recency, frequency and money.

    Raises
    ------
    CannotFit
        There are fewer than two different customers, or fewer than three axes.
    """
    cuts, cells = cells_of(points)
    return Grid(tree_of_cells(cuts, cells, len(NAMES)), tuple((name,) for name in NAMES))


def cells_of(points: Floats) -> tuple[list[Floats], Ints]:
    """The cut-points of the three axes, and the name (its place in `NAMES`) of each cell between them.

    Cells lie as the axes do: the first has the fewest days ago, the least often and the least money.
    """
    need(points, 2)
    if points.shape[1] < AXES:
        raise CannotFit("an RFM grid needs recency, frequency and money as its first three axes")
    (recency, far), (frequency, often), (money, much) = (quintiles(points[:, axis]) for axis in range(AXES))
    # The fewer days ago, the better.
    names = [NAMES.index(name_of(6 - int(r), int(f), int(m))) for r, f, m in product(far, often, much)]
    return [recency, frequency, money], np.array(names).reshape(len(far), len(often), len(much))


def tree_of_cells(cuts: list[Floats], segments: Ints, k: int) -> Tree:
    """The tree of a grid of cells, each in one of k segments; where all cells agree, it asks no further."""
    nodes: list[tuple[int, float, int, int, int]] = []

    def grow(cuts: list[Floats], cells: Ints) -> int:
        place = len(nodes)
        nodes.append((-1, 0.0, -1, -1, int(cells.flat[0])))
        if (cells == cells.flat[0]).all():
            return place
        axis = next(axis for axis in range(AXES) if np.diff(cells, axis=axis).any())
        middle = cells.shape[axis] // 2
        lower, upper = np.split(cells, [middle], axis)
        left = grow([*cuts[:axis], cuts[axis][: middle - 1], *cuts[axis + 1 :]], lower)
        right = grow([*cuts[:axis], cuts[axis][middle:], *cuts[axis + 1 :]], upper)
        nodes[place] = (axis, float(cuts[axis][middle - 1]), left, right, -1)
        return place

    grow(cuts, segments)
    axes, thresholds, left, right, leaves = zip(*nodes, strict=True)
    return tree_of_leaves(
        np.array(axes), np.array(thresholds), np.array(left), np.array(right), np.array(leaves), k
    )
