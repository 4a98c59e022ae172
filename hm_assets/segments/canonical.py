"""Segment ids that depend on the members and not on the run.

A first model numbers its segments from the highest spend down. A later one is matched to the model before it
(Hungarian assignment on the centres, Kuhn 1955), so that a refit does not hand one segment's playbook to another.
"""

import numpy as np

from hm_assets.segments.space import FEATURES, Floats


def first_ids(logs: Floats) -> list[int]:
    """Ids 1..k for k centres (k x features in logs of natural units), highest spend first, then most recent."""
    spend, recency = logs[:, FEATURES.index("spend")], logs[:, FEATURES.index("recency_days")]
    ids = np.empty(len(logs), dtype=int)
    ids[np.lexsort((recency, -spend))] = np.arange(1, len(logs) + 1)
    return [int(segment) for segment in ids]


def matched_ids(logs: Floats, previous_logs: Floats, previous_ids: list[int], spread: Floats) -> list[int]:
    """Ids for new centres: those of the nearest previous ones, and unused numbers for what is new.

    Parameters
    ----------
    logs, previous_logs
        Centres of the new and the previous model, k x features in logs of natural units.
    previous_ids
        Ids of the previous centres.
    spread
        Standard deviation of each feature, so that they weigh alike.
    """
    from scipy.optimize import linear_sum_assignment

    cost = np.linalg.norm((logs[:, None, :] - previous_logs[None, :, :]) / spread, axis=2)
    rows, columns = linear_sum_assignment(cost)
    taken = {int(row): previous_ids[int(column)] for row, column in zip(rows, columns, strict=True)}
    fresh = iter(range(max(previous_ids) + 1, max(previous_ids) + 1 + len(logs)))
    return [taken[row] if row in taken else next(fresh) for row in range(len(logs))]
