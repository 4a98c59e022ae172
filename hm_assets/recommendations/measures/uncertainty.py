"""How sure a score is: over the customers of a week, and over weeks.

Customers of a week share its weather, its sales and its range, so a bootstrap over them is blind to what another week
would have said. Over weeks the week is the unit: its customers are a cluster of which only the sum counts.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.segments.space import Floats

LEVEL = 0.95


@dataclass(frozen=True)
class Measured:
    """A value, the limits of its 95 % interval, and the standard deviation of the weekly values; None: not known."""

    value: float | None
    low: float | None = None
    high: float | None = None
    between_weeks: float | None = None


def draws(values: Floats, resamples: int, seed: int) -> Floats:
    """Means of columns over customers drawn with replacement (resamples x columns).

    Parameters
    ----------
    values
        Customers x columns; NaN where a column is not defined for a customer. One draw serves all columns, so the
        difference of two columns of the result is that of paired customers.
    resamples, seed
        Of the bootstrap.
    """
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    rng, n = np.random.default_rng(seed), len(values)
    found = np.full((resamples, values.shape[1]), np.nan)
    for row in found if n else ():
        drawn = rng.integers(0, n, n)
        count = known[drawn].sum(axis=0)
        np.divide(filled[drawn].sum(axis=0), count, out=row, where=count > 0)
    return found


def interval(drawn: Floats) -> tuple[float | None, float | None]:
    """The 95 % percentile interval of draws; None where none is defined."""
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return None, None
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def over_weeks(sums: Floats, counts: Floats) -> Measured:
    """Mean over all weeks with the week as the unit.

    The value is sum / count over all weeks; its variance that of a ratio over clusters (Cochran 1977, section 6.3), its
    limits Student's t with weeks - 1 degrees of freedom. With equally many customers in all weeks this is the t
    interval of the weekly means.

    Parameters
    ----------
    sums, counts
        Of each week: the sum of the measure over its customers, and how many they are; weeks of nobody do not count.
    """
    from scipy import stats

    sums, counts = sums[counts > 0], counts[counts > 0]
    weeks = len(counts)
    if not weeks:
        return Measured(None)
    value = float(sums.sum() / counts.sum())
    if weeks < 2:
        return Measured(value)
    rest = sums - value * counts
    error = np.sqrt(weeks / (weeks - 1) * (rest**2).sum()) / counts.sum()
    reach = float(stats.t.ppf((1 + LEVEL) / 2, weeks - 1) * error)
    return Measured(value, value - reach, value + reach, float(np.std(sums / counts, ddof=1)))
