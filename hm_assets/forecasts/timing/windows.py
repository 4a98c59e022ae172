"""From a distribution of waiting times to windows of days: between which days does who orders again order?

A window is a central interval of P(next order by day t | she orders within the reach): who never comes back has no day,
so none could be right for her; how likely it is that she comes back is P(order). An order of day d is spread evenly
over (d - 1, d], and a day belongs to a window if its middle does, so that windows of whole days promise neither more
nor less than their level, on average.
"""

from collections.abc import Sequence

import numpy as np

from hm_assets.segments.space import Floats, Ints

LEVELS = (50, 80)
"""How many of a hundred who order again do so within their window."""


def windows(by: Floats, ends: Sequence[int], reach: int) -> dict[int, Ints]:
    """First and last day of the windows of each customer (n x 2) by level, from 1 to `reach`, each within the next.

    Parameters
    ----------
    by
        P(order by the end of each interval), n x intervals, ascending along a row.
    ends
        Last days of the intervals.
    reach
        One of them: the windows are of those who order by then.
    """
    upto = list(ends).index(reach) + 1
    bounds = np.array([0.0, *ends[:upto]])
    whole = np.column_stack([np.zeros(len(by)), by[:, :upto]])
    found: dict[int, Ints] = {}
    for level in LEVELS:
        tail = (1 - level / 100) / 2
        first = np.clip(np.ceil(_when(whole, bounds, tail) + 0.5), 1, reach)
        last = np.floor(_when(whole, bounds, 1 - tail) + 0.5)
        # Before the first day nothing can be left out: then all that is too much is left out at the end.
        last = np.where(first == 1, np.floor(_when(whole, bounds, level / 100) + 0.5), last)
        # Less than a day is a day.
        one = np.column_stack([first, np.clip(last, first, reach)]).astype(np.int64)
        for inner in found.values():
            one = np.column_stack([np.minimum(one[:, 0], inner[:, 0]), np.maximum(one[:, 1], inner[:, 1])])
        found[level] = one
    return found


def _when(by: Floats, bounds: Floats, share: float) -> Floats:
    """When (n, in days) a share of those who order at all has ordered; evenly spread within an interval."""
    target = share * by[:, -1]
    after = np.clip((by < target[:, None]).sum(axis=1), 1, len(bounds) - 1)
    rows = np.arange(len(by))
    below, above = by[rows, after - 1], by[rows, after]
    room = above - below
    part = np.divide(target - below, room, out=np.full(len(by), 0.5), where=room > 0)
    return np.asarray(bounds[after - 1] + np.clip(part, 0, 1) * (bounds[after] - bounds[after - 1]))
