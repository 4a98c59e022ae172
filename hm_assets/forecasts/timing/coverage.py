"""How good windows were: how many orders they held, how wide they were, and both in one score.

The interval score (Gneiting and Raftery 2007) is the width plus, for an order outside, its distance times
2 / (1 - level): true quantiles have the lowest, so it ranks windows of different coverage. All three are means over
customers, with a bootstrap interval over customers.
"""

from collections.abc import Mapping

import numpy as np

from hm_assets.forecasts.measures.scores import LEVEL, Measured
from hm_assets.segments.space import Floats, Ints

METRICS = ("coverage", "mean_width_days", "interval_score")


def of_each(waited: Floats, windows: Ints, level: float) -> Floats:
    """`METRICS` of each customer (n x 3).

    Parameters
    ----------
    waited
        Days to the order (n).
    windows
        First and last day (n x 2).
    level
        Per cent.
    """
    low, high = windows[:, 0], windows[:, 1]
    width = high - low + 1.0
    outside = np.maximum(low - waited, 0) + np.maximum(waited - high, 0)
    return np.column_stack([outside == 0, width, width + 2 / (1 - level / 100) * outside])


def measured(
    by_name: Mapping[tuple[str, int], Floats], resamples: int, seed: int
) -> dict[tuple[str, int, str], Measured]:
    """Means of `of_each` by name, level and metric, with 95 % intervals from the same draws of customers for all."""
    if not by_name:
        return {}
    values = np.concatenate(list(by_name.values()), axis=1)
    names = [(*name, metric) for name in by_name for metric in METRICS]
    n = len(values)
    if not n:
        return {name: Measured(None, None, None) for name in names}
    rng = np.random.default_rng(seed)
    drawn = np.array([values[rng.integers(0, n, n)].mean(axis=0) for _ in range(resamples)])
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    mean = values.mean(axis=0)
    return {name: Measured(float(mean[i]), float(low[i]), float(high[i])) for i, name in enumerate(names)}
