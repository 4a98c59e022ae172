"""The RFM grid with neighbouring names merged until no segment is a crumb: for where nothing finer is found."""

import numpy as np

from hm_assets.segments.algorithms.grid import NAMES, Grid, cells_of, tree_of_cells
from hm_assets.segments.algorithms.guard import need, value_order
from hm_assets.segments.fitting import LARGEST_SHARE, SMALLEST_SHARE, CannotFit, Data, Fitted
from hm_assets.segments.models import Tree
from hm_assets.segments.space import Floats, Ints

EVERYBODY = "Everybody"


def merged_rfm_grid(data: Data, k: int, seed: int) -> Fitted:
    """The merged grid as segments with the names they were put together from; k and seed say nothing.

    It always fits: where no merging lies within 5-60 %, as with one customer or many alike, everybody is one segment.

    Raises
    ------
    CannotFit
        There is no customer, or a value is not finite.
    """
    need(data.points, 1)
    try:
        grid = merged_grid(data.points)
    except CannotFit:
        nowhere = np.array([-1])
        return Fitted(Tree(nowhere, np.zeros(1), nowhere, nowhere, np.ones((1, 1))), names=(EVERYBODY,))
    return Fitted(grid.model, names=tuple(" + ".join(names) for names in grid.parts))


def merged_grid(points: Floats) -> Grid:
    """The grid of the eleven names, merged until each part holds 5-60 % of the rows.

    The smallest goes to the nearest (by mean coordinates) of those with which it shares a border of cells, and with
    which it stays below 60 %; ties by the order of `NAMES`, as are the parts and the names in them.

    Parameters
    ----------
    points
        n x axes, the first three of them recency, frequency and money.

    Raises
    ------
    CannotFit
        As `named_grid`; or one name holds more than 60 %, where merging cannot help.
    """
    cuts, names = cells_of(points)
    points = points[value_order(points)]
    inside = tuple(np.searchsorted(cut, points[:, axis]) for axis, cut in enumerate(cuts))
    rows = np.zeros(names.shape, dtype=np.int64)
    np.add.at(rows, inside, 1)
    groups = _merged(names, rows, _positions(points, inside, names.shape))
    if (largest := max(_sizes(groups, rows).values()) / len(points)) > LARGEST_SHARE:
        raise CannotFit(
            f"{largest:.0%} of the customers have about the same scores: no merging of cells lies in 5-60 %"
        )
    members = {int(group): np.unique(names[groups == group]).tolist() for group in np.unique(groups)}
    order = sorted(members, key=members.__getitem__)
    place = np.zeros(len(NAMES), dtype=np.int64)
    place[order] = np.arange(len(order))
    parts = tuple(tuple(NAMES[i] for i in members[group]) for group in order)
    return Grid(tree_of_cells(cuts, place[groups], len(order)), parts)


def _merged(names: Ints, rows: Ints, positions: Floats) -> Ints:
    """Which group each cell is in, a group being called by one of its names."""
    groups, everybody = names.copy(), int(rows.sum())
    while len(sizes := _sizes(groups, rows)) > 1:
        smallest = min(sizes, key=lambda group: (sizes[group], group))
        if sizes[smallest] >= SMALLEST_SHARE * everybody:
            break
        near = _bordering(groups, smallest)
        fitting = [g for g in near if sizes[g] + sizes[smallest] <= LARGEST_SHARE * everybody] or near
        centre = {group: _centre(groups == group, rows, positions) for group in (smallest, *fitting)}
        distance = {group: float(((centre[group] - centre[smallest]) ** 2).sum()) for group in fitting}
        groups[groups == smallest] = min(fitting, key=lambda group: (distance[group], group))
    return groups


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
