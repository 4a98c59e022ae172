"""Segment ids that depend on the members and not on the run.

A first model numbers its segments from the highest spend down. A later one is matched to the model before it
(Hungarian assignment on the centres, Kuhn 1955), so that a refit does not hand one segment's playbook to another.
"""

import itertools

import numpy as np

from hm_assets.segments.space import FEATURES, Floats


def ordered(centres: Floats) -> Floats:
    """Centres (k x features, any coordinates) from the highest spend down, then most recent, then most frequent."""
    recency, frequency, spend = (
        centres[:, FEATURES.index(name)] for name in ("recency_days", "purchase_days", "spend")
    )
    return centres[np.lexsort((-frequency, recency, -spend))]


def matched_ids(points: Floats, previous: Floats, previous_ids: list[int], last_id: int) -> list[int]:
    """Ids for new centres: the previous one's where it would put a centre in that segment, else a number never used.

    Two new centres that fall into one previous segment cannot both be it: the nearer one is, the other is new. So
    is a centre whose segment is merely the last one left: it would inherit the playbook of other people.

    Parameters
    ----------
    points, previous
        Centres of the new model (`ordered`) and the previous one, k x features in the previous one's coordinates.
    previous_ids
        Ids of the previous centres.
    last_id
        The highest id that any model before has used, so that a retired segment's number stays retired.
    """
    from scipy.optimize import linear_sum_assignment

    distances = np.linalg.norm(points[:, None, :] - previous[None, :, :], axis=2)
    own = distances == distances.min(axis=1, keepdims=True)
    # More than all distances together: a pair outside its segment never pays.
    rows, columns = linear_sum_assignment(np.where(own, distances, 1 + distances.sum()))
    taken = {row: previous_ids[column] for row, column in zip(rows, columns, strict=True) if own[row, column]}
    new = itertools.count(last_id + 1)
    return [taken[row] if row in taken else next(new) for row in range(len(points))]
