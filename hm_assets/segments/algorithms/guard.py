"""What every algorithm is owed before it sees a row: rows that it can learn from, in one order, and one thread."""

import warnings
from dataclasses import replace
from functools import wraps

import numpy as np

from hm_assets.segments.fitting import CannotFit, Data, Fit, Fitted
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.threads import one_thread

FIRST_LOOK = 1_000


def guarded(fit: Fit) -> Fit:
    """The same algorithm, whose result depends on the set of rows, k and the seed only.

    Rows are handed over sorted by value, so that neither the order of the table nor the customers' ids decide a
    start or a tie. One thread, since several add up floats in the order in which they finish. Warnings that an
    iteration did not converge are silenced: the fits say it in their facts.

    Raises
    ------
    CannotFit
        There is no row, a value is not finite, or there are fewer different rows than k (two, where the algorithm
        is given 0 and finds k itself).
    """

    @wraps(fit)
    def guarded_fit(data: Data, k: int, seed: int) -> Fitted:
        from sklearn import config_context
        from sklearn.exceptions import ConvergenceWarning

        need(data.points, k or 2)
        order = value_order(data.points, data.later)
        # Looking again takes scikit-learn longer than a small fit: `need` has seen that the points are finite.
        seen = config_context(assume_finite=True, skip_parameter_validation=True)
        with one_thread(), seen, warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = fit(data.take(order), k, seed)
        if found.own is None:
            return found
        own = np.empty_like(found.own)
        own[order] = found.own
        return replace(found, own=own)

    return guarded_fit


def need(points: Floats, k: int) -> None:
    """Refuse points (n x axes) that cannot become k segments."""
    if not len(points):
        raise CannotFit("there is no customer to learn from")
    if not np.isfinite(points).all():
        row, axis = np.argwhere(~np.isfinite(points))[0]
        raise CannotFit(f"row {row} has the value {points[row, axis]} on axis {axis}: it must be finite")
    # Nearly always the first rows answer; sorting a million of them is for those that do not.
    if len(np.unique(points[:FIRST_LOOK], axis=0)) < k and (n := len(np.unique(points, axis=0))) < k:
        customers = "all customers are alike" if n == 1 else f"there are only {n} different customers"
        raise CannotFit(f"{customers}: that is not enough for {k} segments")


def value_order(points: Floats, later: Floats | None = None) -> Ints:
    """The order of rows by value, first axis first; equal rows by what they did later."""
    keys = [*points.T[::-1]]
    return np.lexsort(keys if later is None else [later, *keys])
