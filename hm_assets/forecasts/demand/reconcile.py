"""Forecasts of sums made to add up, and cells that add up to them.

All is trusted most: it is the least noisy. Segments and categories are scaled to it (top-down by forecast proportions,
Athanasopoulos, Ahmed and Hyndman 2009), and the cells are a known mix fitted to both by iterative proportional fitting
(Deming and Stephan 1940), which keeps its odds ratios.
"""

import numpy as np

from hm_assets.segments.space import Floats

ROUNDS = 200
CLOSE = 1e-10
# Of independence in the mix, so that a cell without sales so far can get some where its sums ask for it.
PRIOR = 1e-3


def scaled(parts: Floats, whole: float, usual: Floats) -> Floats:
    """The parts (n) times one factor, to add up to the whole.

    Where all of them are zero they take the shares of `usual` (n), or equal ones where that is zero too.
    """
    for shares in (parts, usual):
        if shares.sum() > 0:
            return np.asarray(shares * (whole / shares.sum()))
    return np.full(len(parts), whole / len(parts))


def cells(mix: Floats, rows: Floats, columns: Floats) -> Floats:
    """Cells (rows x columns) nearest to a mix with these sums of rows (n) and of columns (m), which sum up alike.

    Parameters
    ----------
    mix
        Cells of the past, of any size.
    rows, columns
        The sums; not negative.

    Raises
    ------
    ValueError
        Rows and columns do not sum up to the same.
    """
    whole = rows.sum()
    if abs(whole - columns.sum()) > 1e-6 * max(whole, 1.0):
        raise ValueError(f"rows sum up to {whole}, columns to {columns.sum()}")
    if whole <= 0:
        return np.zeros_like(mix)
    found = mix / max(mix.sum(), 1.0) + PRIOR * np.outer(rows, columns) / whole**2
    for _ in range(ROUNDS):
        found *= _factor(rows, found.sum(axis=1))[:, None]
        found *= _factor(columns, found.sum(axis=0))[None, :]
        if np.abs(found.sum(axis=1) - rows).max() <= CLOSE * whole:
            break
    return _exact(found, rows, columns)


def _exact(found: Floats, rows: Floats, columns: Floats) -> Floats:
    """Cells whose sums are these, from cells whose sums nearly are (Altschuler, Weed and Rigollet 2017).

    Where a sum needs cells that were never sold, fitting gets there by ever smaller steps.
    """
    found = found * np.minimum(_factor(rows, found.sum(axis=1)), 1.0)[:, None]
    found *= np.minimum(_factor(columns, found.sum(axis=0)), 1.0)[None, :]
    row, column = np.maximum(rows - found.sum(axis=1), 0.0), np.maximum(columns - found.sum(axis=0), 0.0)
    return np.asarray(found + np.outer(row, column) / row.sum()) if row.sum() > 0 else found


def _factor(asked: Floats, there: Floats) -> Floats:
    return np.divide(asked, there, out=np.zeros_like(asked), where=there > 0)


def reconciled(all_: float, segments: Floats, categories: Floats, mix: Floats) -> tuple[Floats, Floats]:
    """Sums (all, segments, categories) and cells (segments x categories) that add up.

    Parameters
    ----------
    all_, segments, categories
        What was forecast of each by itself.
    mix
        Cells of the past.
    """
    rows = scaled(segments, all_, mix.sum(axis=1))
    columns = scaled(categories, all_, mix.sum(axis=0))
    return np.concatenate([[all_], rows, columns]), cells(mix, rows, columns)
