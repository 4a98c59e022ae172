"""Forecasts of a cube from its last month and from earlier ones with what was known then; intervals and the choice.

From every origin each model goes on with each series; the one to take is chosen by errors that had turned out by then,
the choices are reconciled and the cells follow. So what is scored as `published` is the whole procedure, choice
included. How far it was off from earlier origins, for the same series or cell at the same distance, is the interval
(split conformal prediction, Vovk 2005). Errors are taken on square roots, where the noise of a count is alike whatever
its size (Anscombe 1948), and are never held for less than that noise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hm_assets.forecasts.demand import models
from hm_assets.forecasts.demand.cube import YEAR, Cube
from hm_assets.forecasts.demand.reconcile import reconciled
from hm_assets.segments.space import Floats, Ints
from hm_assets.warehouse.threads import one_thread

MOST_ORIGINS = {"quick": 8, "full": 12}
# Origins that a model's errors must be known from to be taken, and that an interval needs.
FEWEST_ORIGINS = 4
LEVEL = 0.80
ANSCOMBE = 3 / 8
# The square root of a Poisson count has a standard deviation of a half; 80 % lie within 1.28 of them.
NOISE = 1.2816 / 2


@dataclass(frozen=True)
class Origin:
    """What was said at the end of the month with position `at`.

    Attributes
    ----------
    said
        By every model of every series (models x series x steps); NaN where it cannot.
    scale
        Mean change from month to month up to then (series): what an error is held against (MASE).
    chosen
        Position of the model taken (series).
    sums, cells
        Reconciled (series x steps; segments x categories x steps).
    half_sums, half_cells
        Half of their 80 % intervals on square roots; NaN with too little past.
    """

    at: int
    said: Floats
    scale: Floats
    chosen: Ints
    sums: Floats
    cells: Floats
    half_sums: Floats
    half_cells: Floats


def ends(units: Floats, half: Floats) -> tuple[Floats, Floats]:
    """Lower and upper ends around forecasts, of the same shape as these."""
    root = np.sqrt(units + ANSCOMBE)
    low = np.maximum(root - half, math.sqrt(ANSCOMBE)) ** 2 - ANSCOMBE
    return np.maximum(np.minimum(low, units), 0.0), np.maximum((root + half) ** 2 - ANSCOMBE, units)


def origins(cube: Cube, steps: int, most: int) -> list[Origin]:
    """From up to `most` earlier months, oldest first, and at last from the last one.

    Parameters
    ----------
    cube
        All that is known.
    steps
        How many months after an origin are forecast.
    most
        Earlier months, the latest ones.
    """
    series = cube.sums()
    found: list[Origin] = []
    last = len(cube.months) - 1
    with one_thread():
        for at in range(max(0, last - most), last + 1):
            found.append(_origin(cube.units[: at + 1], series[: at + 1], steps, found))
    return found


def _origin(units: Floats, series: Floats, steps: int, past: Sequence[Origin]) -> Origin:
    said = np.stack([models.go_on(series[:, i], steps) for i in range(series.shape[1])], axis=1)
    change = np.abs(np.diff(series, axis=0))
    scale = change.mean(axis=0) if len(change) else np.zeros(series.shape[1])
    # Customers move on from segment to segment, so that a segment of a year ago had other people at another stage.
    usual = ["last_month" if 0 < i <= units.shape[1] else "seasonal_naive" for i in range(series.shape[1])]
    chosen = np.array([choice(i, said, series, past, usual[i]) for i in range(series.shape[1])])
    base = said[chosen, np.arange(series.shape[1])]
    mix = units[-YEAR:].sum(axis=0)
    k = 1 + units.shape[1]
    parts = [reconciled(base[0, h], base[1:k, h], base[k:, h], mix) for h in range(steps)]
    together, cells = np.stack([p[0] for p in parts], axis=-1), np.stack([p[1] for p in parts], axis=-1)
    off_sums = [_off(then.sums, series[then.at + 1 :]) for then in past]
    off_cells = [_off(then.cells, units[then.at + 1 :]) for then in past]
    return Origin(
        len(units) - 1,
        said,
        scale,
        chosen,
        together,
        cells,
        half_widths(together, off_sums),
        half_widths(cells, off_cells),
    )


def losses(i: int, series: Floats, past: Sequence[Origin]) -> Floats:
    """Absolute scaled errors of every model of a series, mean over the steps that have turned out (origins x models).

    NaN where a model could say nothing, or the series had never changed.
    """
    found = np.full((len(past), len(models.MODELS)), np.nan)
    for row, then in zip(found, past, strict=True):
        came = series[then.at + 1 : then.at + 1 + then.said.shape[2], i]
        if len(came) and then.scale[i] > 0:
            row[:] = np.abs(then.said[:, i, : len(came)] - came).mean(axis=1) / then.scale[i]
    return found


def choice(i: int, said: Floats, series: Floats, past: Sequence[Origin], usual: str) -> int:
    """The usual one, else the simplest, of the models within one standard error of the best (Breiman et al. 1984).

    By origins that all of them know. Models without enough origins are left out. Nothing takes the place of the usual
    one before that has been judged itself; where it can say nothing yet, the last month stands in for it.
    """
    first = models.NAMES.index(usual)
    able = np.isfinite(said[:, i, 0])
    known = losses(i, series, past)
    able &= np.isfinite(known).sum(axis=0) >= FEWEST_ORIGINS
    shared = known[np.isfinite(known[:, able]).all(axis=1)]
    if np.isfinite(said[first, i, 0]) and not able[first]:
        return first
    if not able.any() or not len(shared):
        return 0
    mean = np.where(able, shared.mean(axis=0), np.inf)
    best = int(mean.argmin())
    beyond = shared - shared[:, [best]]
    error = beyond.std(axis=0) / math.sqrt(len(shared))
    order = sorted(range(len(mean)), key=lambda k: (k != first, k))
    return next(k for k in order if able[k] and mean[k] - mean[best] <= error[k])


def _off(said: Floats, came: Floats) -> Floats:
    """Absolute errors on square roots (as `said`, whose last axis are steps); NaN where nothing came yet."""
    off = np.full(said.shape, np.nan)
    for h in range(min(said.shape[-1], len(came))):
        off[..., h] = np.abs(np.sqrt(came[h] + ANSCOMBE) - np.sqrt(said[..., h] + ANSCOMBE))
    return off


def half_widths(said: Floats, off: Sequence[Floats]) -> Floats:
    """Quantile of the errors from earlier origins, at least that of a count's own noise (as `said`)."""
    half = np.full(said.shape, np.nan)
    for h in range(said.shape[-1]):
        known = [errors[..., h] for errors in off if np.isfinite(errors[..., h]).all()]
        if len(known) >= FEWEST_ORIGINS:
            # One more than there are: the next error is as likely to fall between any two of the past ones.
            rank = min(math.ceil((len(known) + 1) * LEVEL), len(known)) - 1
            half[..., h] = np.maximum(np.sort(np.stack(known), axis=0)[rank], NOISE)
    return half
