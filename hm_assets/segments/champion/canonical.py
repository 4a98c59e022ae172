"""Segment ids that depend on the members and not on the run.

A first model numbers its segments from the highest spend down. A later one is matched to the model before it by the
customers that both place (Hungarian assignment on the overlap, Kuhn 1955), so that a refit does not hand one segment's
playbook to another. Customers can be compared across spaces and algorithms; centres cannot.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from hm_assets.segments.space import Floats, Ints


def ordered(spend: Floats, recency_days: Floats, purchase_days: Floats, first_key: Ints) -> list[int]:
    """The order of k segments: the highest mean spend first, then the most recent, the most frequent, the first key.

    Parameters
    ----------
    spend, recency_days, purchase_days
        Mean over the members of each segment (k).
    first_key
        The smallest customer key in each segment (k); no two segments share one.

    Returns
    -------
    list of int
        Positions, for `Model.reordered`.

    Raises
    ------
    ValueError
        A segment without members, whose means are not finite.
    """
    means = np.stack([spend, recency_days, purchase_days])
    if not np.isfinite(means).all():
        empty = int(np.flatnonzero(~np.isfinite(means).all(axis=0))[0])
        raise ValueError(
            f"segment {empty} has no members whose means could order it; leave empty segments out"
        )
    return [int(place) for place in np.lexsort((first_key, -purchase_days, recency_days, -spend))]


def matched_ids(overlap: Ints, previous_ids: Sequence[int], last_id: int) -> list[int]:
    """Ids of new segments: an old one's where it went on in this segment, else a number never used.

    A new segment goes on from an old one if most of its own customers were there and most of the old one's are here:
    each is the other's largest share. That holds whenever half of the old segment moved together into a segment whose
    largest group it became. So two new segments that fall into one old one cannot both be it, and a segment that is
    merely left over does not inherit the playbook of other people. Of equal shares those first in order are matched.

    Parameters
    ----------
    overlap
        Customers in both, new segments (`ordered`) x previous ones.
    previous_ids
        Ids of the previous segments.
    last_id
        The highest id that any model before has used, so that a retired segment's number stays retired.

    Raises
    ------
    ValueError
        The overlap has not one column per previous id, or an id lies above `last_id`.
    """
    from scipy.optimize import linear_sum_assignment

    if overlap.shape[1] != len(previous_ids) or max(previous_ids, default=last_id) > last_id:
        raise ValueError(
            f"an overlap with {overlap.shape[1]} previous segments does not fit their ids "
            f"{list(previous_ids)} up to {last_id}"
        )
    shared = overlap.astype(np.int64)
    taken: dict[int, int] = {}
    if shared.size:
        largest_of_new = shared == shared.max(axis=1, keepdims=True)
        largest_of_old = shared == shared.max(axis=0, keepdims=True)
        goes_on = largest_of_new & largest_of_old & (shared > 0)
        rows, columns = linear_sum_assignment(np.where(goes_on, shared, 0), maximize=True)
        taken = {
            int(row): previous_ids[column]
            for row, column in zip(rows, columns, strict=True)
            if goes_on[row, column]
        }
    new = itertools.count(last_id + 1)
    return [taken[row] if row in taken else next(new) for row in range(len(shared))]
