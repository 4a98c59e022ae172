"""Little's test that values are missing completely at random (MCAR).

Little, R. J. A. (1988), "A test of missing completely at random for multivariate data with missing values", Journal of
the American Statistical Association 83 (404), 1198-1202. Mean and covariance come from the EM algorithm under a normal
model (Little and Rubin 2002, section 11.2); the statistic is the sum over patterns of

    n_j (mean_j - mu_j)' Sigma_jj^-1 (mean_j - mu_j)

with the values that pattern j knows, chi-squared under MCAR. A pattern enters by its size, mean and cross-products, so
the work depends on the number of patterns and not on the number of rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-8  # of a mean or covariance, in standard deviations
MOST_ROUNDS = 1000
SINGULAR = 1e-7  # an eigenvalue of a correlation matrix below this is none


@dataclass(frozen=True)
class Pattern:
    """The rows that know the same columns: which, how many, their mean and their cross-products about it."""

    known: npt.NDArray[np.intp]
    rows: float
    mean: Floats
    scatter: Floats


@dataclass(frozen=True)
class Little:
    """The outcome of the test.

    `p_value` is None where no degree of freedom is left (nothing unknown). `distance` is how far the rows with unknown
    values lie from all others, in standard deviations (root mean square Mahalanobis distance of the patterns' means,
    less what chance alone gives); None where no row has any. `mean` is the EM estimate, NaN for a column without
    values.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float | None
    patterns: int
    distance: float | None
    mean: Floats
    converged: bool


def mcar_test(values: Floats, weights: Floats | None = None) -> Little:
    """Little's test on rows with NaN where a value is unknown; a row counts as often as its weight says.

    A covariance that has no inverse (a constant column, one that follows from others) gets its Moore-Penrose inverse,
    and ranks take the place of counts of columns in the degrees of freedom. A column without any value has no mean
    to compare and is left out.

    Parameters
    ----------
    values
        Rows by columns.
    weights
        How many rows each row stands for; 1 each where left out.
    """
    from scipy import stats

    values = np.asarray(values, dtype=np.float64)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    counted = weights > 0
    values, weights = values[counted], weights[counted]
    mean = np.full(values.shape[1], np.nan)
    used = ~np.isnan(values).all(axis=0) if len(values) else np.zeros(values.shape[1], dtype=bool)
    if not used.any():
        return Little(0.0, 0, None, int(len(values) > 0), None, mean, True)
    centre, scale = _centre_and_scale(values[:, used], weights)
    groups = patterns((values[:, used] - centre) / scale, weights)
    mu, sigma, converged = em(groups)
    mean[used] = centre + scale * mu

    statistic, freedom = 0.0, -_inverse(sigma)[1]
    for group in groups:
        inverse, rank = _inverse(sigma[np.ix_(group.known, group.known)])
        apart = group.mean - mu[group.known]
        statistic += group.rows * float(apart @ inverse @ apart)
        freedom += rank
    freedom = max(freedom, 0)
    gaps = sum(group.rows for group in groups if len(group.known) < used.sum())
    return Little(
        statistic=statistic if freedom else 0.0,
        degrees_of_freedom=freedom,
        p_value=float(stats.chi2.sf(statistic, freedom)) if freedom else None,
        patterns=len(groups),
        distance=float(np.sqrt(max(0.0, statistic - freedom) / gaps)) if gaps and freedom else None,
        mean=mean,
        converged=converged,
    )


def patterns(values: Floats, weights: Floats) -> list[Pattern]:
    """The rows summed up by which columns they know, in the order of those."""
    shown, which = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    found = []
    for number, row in enumerate(shown):
        mine, known = which.ravel() == number, np.flatnonzero(row)
        own, weight = values[np.ix_(mine, known)], weights[mine]
        mean = np.average(own, axis=0, weights=weight) if len(known) else np.empty(0)
        scatter = (own - mean).T @ ((own - mean) * weight[:, None])
        found.append(Pattern(known, float(weight.sum()), mean, scatter))
    return found


def em(groups: list[Pattern]) -> tuple[Floats, Floats, bool]:
    """Maximum-likelihood mean and covariance (divided by n) of standardised values, and whether they settled."""
    columns = 1 + max(int(group.known.max(initial=-1)) for group in groups)
    rows = sum(group.rows for group in groups)
    mu, sigma = np.zeros(columns), np.eye(columns)
    for _ in range(MOST_ROUNDS):
        parts = [_expected(group, mu, sigma) for group in groups]
        new_mu, new_sigma = np.zeros_like(mu), np.zeros_like(sigma)
        for group, (mean, _) in zip(groups, parts, strict=True):
            new_mu += group.rows * mean / rows
        for group, (mean, scatter) in zip(groups, parts, strict=True):
            new_sigma += scatter + group.rows * np.outer(mean - new_mu, mean - new_mu)
        new_sigma /= rows
        change = max(np.abs(new_mu - mu).max(), np.abs(new_sigma - sigma).max())
        mu, sigma = new_mu, new_sigma
        if change < TOLERANCE:
            return mu, sigma, True
    return mu, sigma, False


def _expected(group: Pattern, mu: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """The pattern's mean and scatter with the unknown values as the known ones let expect them."""
    known = group.known
    unknown = np.setdiff1d(np.arange(len(mu)), known)
    inverse, _ = _inverse(sigma[np.ix_(known, known)])
    slope = sigma[np.ix_(unknown, known)] @ inverse
    left_over = sigma[np.ix_(unknown, unknown)] - slope @ sigma[np.ix_(known, unknown)]
    mean, scatter = np.empty(len(mu)), np.empty_like(sigma)
    mean[known] = group.mean
    mean[unknown] = mu[unknown] + slope @ (group.mean - mu[known])
    scatter[np.ix_(known, known)] = group.scatter
    scatter[np.ix_(unknown, known)] = slope @ group.scatter
    scatter[np.ix_(known, unknown)] = scatter[np.ix_(unknown, known)].T
    scatter[np.ix_(unknown, unknown)] = group.rows * left_over + slope @ group.scatter @ slope.T
    return mean, scatter


def _inverse(sigma: Floats) -> tuple[Floats, int]:
    """The Moore-Penrose inverse of a covariance of standardised values, and its rank."""
    values, vectors = np.linalg.eigh(sigma)
    kept = values > SINGULAR
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T, int(kept.sum())


def _centre_and_scale(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what each column knows; 1 where it is constant."""
    known = ~np.isnan(values)
    rows = weights @ known
    centre = weights @ np.where(known, values, 0.0) / rows
    scale = np.sqrt(weights @ np.where(known, values - centre, 0.0) ** 2 / rows)
    return centre, np.where(scale > 1e-12 * np.maximum(1.0, np.abs(centre)), scale, 1.0)
