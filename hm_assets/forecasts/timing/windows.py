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


def window(by: Floats, ends: Sequence[int], reach: int, level: float) -> Ints:
    """First and last day of the window of each customer (n x 2), from 1 to `reach`.

    Parameters
    ----------
    by
        P(order by the end of each interval), n x intervals, ascending along a row.
    ends
        Last days of the intervals.
    reach
        One of them: the window is of those who order by then.
    level
        Per cent of these.
    """
    upto = list(ends).index(reach) + 1
    tail = (1 - level / 100) / 2
    bounds = np.array([0.0, *ends[:upto]])
    whole = np.column_stack([np.zeros(len(by)), by[:, :upto]])
    low, high = (_when(whole, bounds, share) for share in (tail, 1 - tail))
    first = np.clip(np.ceil(low + 0.5), 1, reach)
    last = np.clip(np.floor(high + 0.5), 1, reach)
    # Less than a day is the day that its middle lies in.
    middle = np.clip(np.ceil(_when(whole, bounds, 0.5)), 1, reach)
    narrow = first > last
    return np.column_stack([np.where(narrow, middle, first), np.where(narrow, middle, last)]).astype(np.int64)


def _when(by: Floats, bounds: Floats, share: float) -> Floats:
    """When (n, in days) a share of those who order at all have ordered; evenly spread within an interval."""
    target = share * by[:, -1]
    after = np.clip((by < target[:, None]).sum(axis=1), 1, len(bounds) - 1)
    rows = np.arange(len(by))
    below, above = by[rows, after - 1], by[rows, after]
    room = above - below
    part = np.divide(target - below, room, out=np.full(len(by), 0.5), where=room > 0)
    return np.asarray(bounds[after - 1] + np.clip(part, 0, 1) * (bounds[after] - bounds[after - 1]))
