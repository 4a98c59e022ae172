"""Rubin's rules: one estimate and interval from the estimates of several completed data sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """A pooled estimate, its standard error and interval; arrays where several quantities were pooled at once."""

    estimate: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    degrees_of_freedom: Floats
    missing_share: Floats
    """Share of the variance that is due to what is missing (lambda), 0 to 1."""


def pool(
    estimates: ArrayLike,
    variances: ArrayLike,
    confidence: float = 0.95,
    complete_degrees_of_freedom: float = np.inf,
) -> Pooled:
    """Pool by Rubin (1987), with the degrees of freedom of Barnard and Rubin (1999).

    Parameters
    ----------
    estimates
        Shape (draws, ...): the estimate in each completed data set.
    variances
        Squared standard errors, the same shape (or one that broadcasts). With 0 the result is the interval of an
        unknown value over its draws.
    confidence
        Of the interval.
    complete_degrees_of_freedom
        Those of the estimate if nothing were missing, e.g. rows - 1 for a mean.

    Raises
    ------
    ValueError
        There are fewer than two draws: one completed set carries no uncertainty of its own.
    """
    from scipy import stats

    values = np.asarray(estimates, dtype=np.float64)
    draws = len(values)
    if draws < 2:
        raise ValueError(f"pooling needs at least 2 completed data sets, got {draws}; raise `draws`")
    within = np.broadcast_to(np.asarray(variances, dtype=np.float64), values.shape).mean(axis=0)
    between = values.var(axis=0, ddof=1)
    estimate, total = values.mean(axis=0), within + (1 + 1 / draws) * between
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, (1 + 1 / draws) * between / total, 0.0)
        old = (draws - 1) / share**2
        if np.isinf(complete_degrees_of_freedom):
            freedom = old
        else:
            complete = complete_degrees_of_freedom
            observed = (complete + 1) / (complete + 3) * complete * (1 - share)
            # With a share of 1 nothing was observed, so there is no sample size to correct for.
            freedom = np.where(observed > 0, 1 / (1 / old + 1 / observed), old)
    error = np.sqrt(total)
    reach = stats.t.ppf((1 + confidence) / 2, freedom) * error
    return Pooled(estimate, error, estimate - reach, estimate + reach, np.asarray(freedom), share)
