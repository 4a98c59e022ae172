"""The box of customers that fits a segment best: a range of values in each of at most three columns.

A beam search for the best F1 that sets a bound more at a time (the boxes of PRIM, Friedman and Fisher 1999), or one of
those it has anew, among thresholds that people write: whole days and counts, else two digits that count. So nothing is
rounded after it was found.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.segments.rules.rule import Condition
from hm_assets.segments.space import Ints, numbers

MOST_CONDITIONS = 3
BEAM = 4
# What a bound more must bring in F1 to be worth reading.
PRICE = 0.01
IN_DAYS = frozenset(column.name for column in CUSTOMER_FEATURES.columns if column.unit == "days")

Bools = npt.NDArray[np.bool_]
Box = tuple[tuple[int, int, int], ...]
"""(column, above, up to) by column: positions in the column's thresholds, -1 and their number for an open side."""


@dataclass(frozen=True)
class _Axis:
    """A column in steps: a value at most thresholds[i] but above thresholds[i - 1] has code i; empty ones the last."""

    name: str
    single: bool
    thresholds: list[float]
    codes: Ints


def best_box(columns: pa.Table, wanted: Bools) -> tuple[Condition, ...]:
    """The conditions that select the wanted of n customers best, none if nothing tells them from the others.

    Parameters
    ----------
    columns
        n rows of numeric columns; of equally good boxes the one in the first columns wins.
    wanted
        Who is in the segment (n).
    """
    axes = [_axis(columns, name, wanted) for name in columns.column_names]
    return tuple(_condition(axes[at], above, up_to) for at, above, up_to in _search(axes, wanted))


def _axis(columns: pa.Table, name: str, wanted: Bools) -> _Axis:
    values = numbers(columns, name)
    type_ = columns.schema.field(name).type
    whole = pa.types.is_integer(type_) or name in IN_DAYS
    known, own = values[np.isfinite(values)], values[np.isfinite(values) & wanted]
    thresholds: list[float] = []
    if len(known):
        # Cuts of all customers, and those that the segment's own range asks for.
        at = np.concatenate(
            [
                np.quantile(known, np.arange(0.025, 1.0, 0.025)),
                np.quantile(own, (0.01, *np.arange(0.05, 1.0, 0.05), 0.99)) if len(own) else [],
            ]
        )
        # Adding 0 turns -0 into 0.
        written = {0.0 + (float(np.floor(x)) if whole else float(f"{x:.2g}")) for x in at.tolist()}
        thresholds = sorted(x for x in written if known.min() <= x < known.max())
    codes = np.searchsorted(thresholds, values, side="left")
    codes[np.isnan(values)] = len(thresholds) + 1
    return _Axis(name, pa.types.is_float32(type_), thresholds, codes)


def _condition(axis: _Axis, above: int, up_to: int) -> Condition:
    return Condition(
        axis.name,
        axis.thresholds[above] if above >= 0 else None,
        axis.thresholds[up_to] if up_to < len(axis.thresholds) else None,
        axis.single,
    )


def _search(axes: list[_Axis], wanted: Bools) -> Box:
    """The box with the best F1 less the price of its bounds; of equals the first by columns and thresholds."""
    members = int(wanted.sum())
    best: tuple[float, Box] = (-2 * members / (len(wanted) + members), ())  # everybody
    beam: list[Box] = [()]
    for _ in range(2 * MOST_CONDITIONS):
        starts = dict.fromkeys(start for box in beam for start in _loosened(axes, box))
        losses = {box: loss for start in starts for loss, box in _steps(axes, wanted, start)}
        ranked = sorted((loss + PRICE * _bounds(axes, box), box) for box, loss in losses.items())[:BEAM]
        best = min([best, *ranked])
        beam = [box for _, box in ranked]
    return best[1]


def _bounds(axes: list[_Axis], box: Box) -> int:
    return sum((above >= 0) + (up_to < len(axes[at].thresholds)) for at, above, up_to in box)


def _loosened(axes: list[_Axis], box: Box) -> Iterator[Box]:
    """The box, and the box without each of its bounds: what was best for a start need not be best in the end."""
    yield box
    for place, (at, above, up_to) in enumerate(box):
        before, after = box[:place], box[place + 1 :]
        many = len(axes[at].thresholds)
        if above >= 0:
            yield (*before, *([(at, -1, up_to)] if up_to < many else []), *after)
        if up_to < many:
            yield (*before, *([(at, above, many)] if above >= 0 else []), *after)


def _steps(axes: list[_Axis], wanted: Bools, start: Box) -> Iterator[tuple[float, Box]]:
    """From a box, the best tighter bound of each column on either side, with minus its F1 (of whole counts: exact)."""
    members, inside = wanted.sum(), _inside(axes, start)
    bounds = {at: (above, up_to) for at, above, up_to in start}
    for at, axis in enumerate(axes):
        many = len(axis.thresholds)
        above, up_to = bounds.get(at, (-1, many))
        tighter = slice(above + 1, up_to)
        if above + 1 >= up_to or (at not in bounds and len(bounds) == MOST_CONDITIONS):
            continue
        # Empty values have the last code, and meet neither side.
        selected = np.cumsum(np.bincount(axis.codes[inside], minlength=many + 2)[: many + 1])
        hits = np.cumsum(np.bincount(axis.codes[inside & wanted], minlength=many + 2)[: many + 1])
        at_most = 2 * hits[tighter] / np.maximum(selected[tighter] + members, 1)
        more = 2 * (hits[-1] - hits[tighter]) / np.maximum(selected[-1] - selected[tighter] + members, 1)
        to, from_ = int(at_most.argmax()), int(more.argmax())
        yield -float(at_most[to]), _with(bounds, at, (above, above + 1 + to))
        yield -float(more[from_]), _with(bounds, at, (above + 1 + from_, up_to))


def _with(bounds: dict[int, tuple[int, int]], at: int, bound: tuple[int, int]) -> Box:
    return tuple(sorted((axis, *sides) for axis, sides in (bounds | {at: bound}).items()))


def _inside(axes: list[_Axis], box: Box) -> Bools:
    found = np.ones(len(axes[0].codes), dtype=bool)
    for at, above, up_to in box:
        found &= (axes[at].codes > above) & (axes[at].codes <= up_to)
    return found
