"""The best entries of each row of a sparse matrix, in a total order, in few passes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.segments.space import Ints

Singles = npt.NDArray[np.float32]


def best_of_rows(scores: Any, count: int) -> tuple[Ints, Ints, Singles, Ints]:
    """Rows, columns, values and places (from 0) of the best entries above 0 of each row, at most so many.

    Parameters
    ----------
    scores
        Sparse CSR, each entry once. Of equal values, as float32, the lower column comes first.
    count
        Per row.
    """
    scores = scores.tocsr()
    data = scores.data.astype(np.float32)
    kept = data >= np.repeat(_least(data, scores.indptr, count), np.diff(scores.indptr))
    rows = np.repeat(np.arange(scores.shape[0], dtype=np.int64), np.diff(scores.indptr))[kept]
    columns, data = scores.indices[kept].astype(np.int64), data[kept]
    # float32 in its bits grows with its value where it is above 0, so one integer holds row and falling value.
    falling = np.int64(0x7FFFFFFF) - data.view(np.int32)
    order = np.lexsort((columns, (rows << 32) | falling))
    places = np.arange(len(rows)) - np.searchsorted(rows, np.arange(scores.shape[0]))[rows]
    order = order[places < count]
    return rows[order], columns[order], data[order], places[places < count]


def _least(data: Singles, ends: Ints, count: int) -> Singles:
    """Value that an entry of each row needs to be among its best: only few are left to be put in order."""
    least = np.full(len(ends) - 1, np.finfo(np.float32).smallest_subnormal, dtype=np.float32)
    for row in np.flatnonzero(np.diff(ends) > count):
        values = data[ends[row] : ends[row + 1]]
        least[row] = max(least[row], np.partition(values, len(values) - count)[len(values) - count])
    return least
