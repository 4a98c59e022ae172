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
SMALLEST_SHARE, LARGEST_SHARE = 0.05, 0.60
AXES = 3


@dataclass(frozen=True)
class Grid:
    """Cells with names as an exact tree; `parts` has the classic names that each segment was put together from."""

    model: Tree
    parts: tuple[tuple[str, ...], ...]


@guarded
def rfm_grid(data: Data, k: int, seed: int) -> Fitted:
    """The eleven names as segments, in the order of `NAMES`; some may have nobody. k and seed say nothing."""
    return Fitted(named_grid(data.points).model)


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
    cuts, cells = _cells(points)
    return Grid(_tree(cuts, cells, len(NAMES)), tuple((name,) for name in NAMES))


def merged_grid(points: Floats) -> Grid:
    """The grid with neighbouring names merged until each holds 5-60 % of the rows.

    The smallest goes to the nearest (by mean coordinates) of those with which it shares a border of cells, and with
    which it stays below 60 %; ties by the order of `NAMES`.

    Raises
    ------
    CannotFit
        As `named_grid`; or a name holds more than 60 %, so that merging cannot help.
    """
    cuts, cells = _cells(points)
    inside = tuple(np.searchsorted(cut, points[:, axis]) for axis, cut in enumerate(cuts))
    rows = np.zeros(cells.shape, dtype=np.int64)
    np.add.at(rows, inside, 1)
    positions = _positions(points, inside, cells.shape)
    groups = cells.copy()
    while len(sizes := _sizes(groups, rows)) > 1:
        smallest = min(sizes, key=lambda group: (sizes[group], group))
        if sizes[smallest] >= SMALLEST_SHARE * len(points):
            break
        near = _bordering(groups, smallest)
        fitting = [g for g in near if sizes[g] + sizes[smallest] <= LARGEST_SHARE * len(points)] or near
        centre = {group: _centre(groups == group, rows, positions) for group in (smallest, *fitting)}
        distance = {group: float(((centre[group] - centre[smallest]) ** 2).sum()) for group in fitting}
        groups[groups == smallest] = min(fitting, key=lambda group: (distance[group], group))
    if (largest := max(sizes.values()) / len(points)) > LARGEST_SHARE:
        raise CannotFit(
            f"{largest:.0%} of the customers have about the same scores: no merging of cells lies in 5-60 %"
        )
    members = {group: tuple(NAMES[i] for i in np.unique(cells[groups == group])) for group in sizes}
    order = sorted(sizes, key=lambda group: NAMES.index(members[group][0]))
    renumbered = np.searchsorted(np.array(sorted(order)), groups)
    place = np.array([order.index(group) for group in sorted(order)])
    return Grid(_tree(cuts, place[renumbered], len(order)), tuple(members[group] for group in order))


def _cells(points: Floats) -> tuple[list[Floats], Ints]:
    """The cut-points of the three axes, and the name (its place in `NAMES`) of each cell between them."""
    need(points, 2)
    if points.shape[1] < AXES:
        raise CannotFit("an RFM grid needs recency, frequency and money as its first three axes")
    (recency, far), (frequency, often), (money, much) = (quintiles(points[:, axis]) for axis in range(AXES))
    # The fewer days ago, the better.
    names = [NAMES.index(name_of(6 - int(r), int(f), int(m))) for r, f, m in product(far, often, much)]
    return [recency, frequency, money], np.array(names).reshape(len(far), len(often), len(much))


def _tree(cuts: list[Floats], segments: Ints, k: int) -> Tree:
    """The tree of a grid of cells; where all cells agree, it asks no further."""
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


def _positions(points: Floats, inside: tuple[Ints, ...], shape: tuple[int, ...]) -> Floats:
    """Where each cell is: the mean of the rows in its interval, axis by axis, so that empty cells are somewhere too."""
    means = [
        np.bincount(place, points[:, axis], shape[axis]) / np.bincount(place, minlength=shape[axis])
        for axis, place in enumerate(inside)
    ]
    return np.stack(np.meshgrid(*means, indexing="ij"), axis=-1)


def _sizes(groups: Ints, rows: Ints) -> dict[int, int]:
    return {int(group): int(rows[groups == group].sum()) for group in np.unique(groups)}


def _centre(members: Ints, rows: Ints, positions: Floats) -> Floats:
    weights = rows[members] if rows[members].any() else None
    return np.asarray(np.average(positions[members], axis=0, weights=weights))


def _bordering(groups: Ints, group: int) -> list[int]:
    """The other groups that share a face of a cell with one."""
    found: set[int] = set()
    for axis in range(groups.ndim):
        one, other = np.moveaxis(groups, axis, 0)[:-1], np.moveaxis(groups, axis, 0)[1:]
        found |= set(other[one == group].tolist()) | set(one[other == group].tolist())
    return sorted(found - {group})
