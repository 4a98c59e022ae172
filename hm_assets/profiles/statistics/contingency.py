"""Do shares differ: chi-square of a table of counts, Cramer's V without its bias, and the cells that stand out."""

import numpy as np

from hm_assets.profiles.statistics.intervals import Floats
from hm_assets.profiles.statistics.moments import Test
from hm_assets.segments.fitting import CannotFit

LEVEL = 0.95


def chi_square(table: Floats) -> Test:
    """Pearson's test of independence of rows and columns (counts), without Yates' correction.

    Raises
    ------
    CannotFit
        Fewer than two rows or columns that hold anything.
    """
    from scipy.stats import chi2_contingency

    found = chi2_contingency(_filled(table), correction=False)
    return Test(float(found.statistic), float(found.dof), float(found.pvalue))


def cramers_v(table: Floats) -> float:
    """Cramer's V with Bergsma's correction (2013): about 0 for independent rows and columns, 1 at most.

    Raises
    ------
    CannotFit
        See `chi_square`.
    """
    filled = _filled(table)
    return float(np.sqrt(max(0.0, _unbiased(filled))))


def v_interval(table: Floats, seed: int, resamples: int) -> tuple[float, float]:
    """The 95 % interval of `cramers_v`, by a bootstrap of the table's counts.

    V squared is resampled without clipping, and 0 stands for what falls below it.

    Raises
    ------
    CannotFit
        See `chi_square`.
    """
    filled = _filled(table)
    n = int(filled.sum())
    shares = (filled / filled.sum()).ravel()
    draws = np.random.default_rng(seed).multinomial(n, shares, size=resamples).astype(np.float64)
    truth = _raw(filled)
    deviations = [_unbiased(draw.reshape(filled.shape)) - truth for draw in draws]
    low, high = np.quantile(deviations, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    middle = _unbiased(filled)
    ends = np.sqrt(np.clip([middle + low, middle + high], 0.0, 1.0))
    return float(ends[0]), float(ends[1])


def adjusted_residuals(table: Floats) -> Floats:
    """Haberman's (1973): by how many standard errors a cell lies above what independence expects; NaN if it must.

    A cell must hold what it holds where its row or column is everything or nothing.
    """
    rows, columns, n = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True), table.sum()
    expected = rows * columns / n
    variance = expected * (1 - rows / n) * (1 - columns / n)
    free = variance > 0
    return np.where(free, (table - expected) / np.sqrt(np.where(free, variance, 1.0)), np.nan)


def _filled(table: Floats) -> Floats:
    filled = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(filled.shape) < 2:
        raise CannotFit("a table needs two rows and two columns that hold anybody")
    return np.asarray(filled, dtype=np.float64)


def _statistic(table: Floats) -> float:
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    # An empty row or column of a resample expects nothing and holds nothing.
    return float(
        np.divide((table - expected) ** 2, expected, out=np.zeros_like(table), where=expected > 0).sum()
    )


def _raw(table: Floats) -> float:
    """V squared, uncorrected."""
    return float(_statistic(table) / table.sum() / (min(table.shape) - 1))


def _unbiased(table: Floats) -> float:
    """V squared, corrected; below 0 where there is less than chance would make."""
    rows, columns = table.shape
    below = float(table.sum()) - 1
    if below <= 0:
        return 0.0
    phi = _statistic(table) / float(table.sum()) - (rows - 1) * (columns - 1) / below
    least = min(rows - (rows - 1) ** 2 / below, columns - (columns - 1) ** 2 / below) - 1
    return float(phi / least) if least > 0 else 0.0
