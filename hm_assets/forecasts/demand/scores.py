"""How good each model was from earlier months: the rows of `forecasts/demand_scores`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hm_assets.forecasts.demand import models
from hm_assets.forecasts.demand.back_test import FEWEST_ORIGINS, Origin, ends, losses
from hm_assets.forecasts.demand.cube import YEAR, Cube
from hm_assets.forecasts.demand.tables import ALL
from hm_assets.segments.space import Floats

PUBLISHED = "published"
CELL = "cell"
RESAMPLES = 400
LEVEL = 0.95
CELL_MODELS = ("last_month", "seasonal_naive")


def scores(cube: Cube, found: Sequence[Origin], skipped: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows without as_of and month; `found` are `back_test.origins`, the last of which is the forecast itself.

    Parameters
    ----------
    cube
        All that is known.
    found
        What was said from each origin.
    skipped
        Months between the last whole month and the first that is forecast: the same distance is scored.
    seed
        Of the resamples of origins.
    """
    past, now = found[:-1], found[-1]
    names = cube.names()
    for h in range(skipped, now.sums.shape[1]):
        later = [then for then in past if then.at + 1 + h < len(cube.months)]
        for i, (level, segment, category) in enumerate(names):
            over = _shared(later, i, h)
            place = {
                "level": level,
                "segment": segment,
                "category": category,
                "months_ahead": h + 1 - skipped,
            }
            came = np.array([[cube.sums()[then.at + 1 + h, i]] for then in over])
            scale = np.array([[then.scale[i]] for then in over])
            for k, model in enumerate(models.MODELS):
                said = np.array([[then.said[k, i, h]] for then in over])
                row = _row(said, came, scale, seed) | {
                    "leads": bool(now.chosen[i] == k),
                    "plain": model.plain,
                }
                yield place | row | {"model": model.name}
            said = np.array([[then.sums[i, h]] for then in over])
            half = np.array([[then.half_sums[i, h]] for then in over])
            row = _row(said, came, scale, seed) | {"coverage_80": _coverage(said, half, came)}
            yield place | row | {"model": PUBLISHED, "leads": True, "plain": False}
        yield from _of_cells(cube, _shared(later, 0, h), h, h + 1 - skipped, seed)


def _shared(later: Sequence[Origin], i: int, h: int) -> Sequence[Origin]:
    """Those from which every model said something of a series, to compare them on the same; all where none is."""
    return [then for then in later if np.isfinite(then.said[:, i, h]).all()] or later


def _of_cells(cube: Cube, over: Sequence[Origin], h: int, ahead: int, seed: int) -> Iterator[dict[str, Any]]:
    place = {"level": CELL, "segment": ALL, "category": ALL, "months_ahead": ahead}
    came = np.array([cube.units[then.at + 1 + h].ravel() for then in over])
    changes = [np.abs(np.diff(cube.units[: then.at + 1], axis=0)) for then in over]
    scale = np.array([c.mean(axis=0).ravel() if len(c) else np.zeros(cube.units[0].size) for c in changes])
    for name in CELL_MODELS:
        said = np.array([_plain_cells(cube.units[: then.at + 1], name, h) for then in over])
        row = _row(said, came, scale, seed) | {"leads": False, "plain": True}
        yield place | row | {"model": name}
    said = np.array([then.cells[:, :, h].ravel() for then in over])
    half = np.array([then.half_cells[:, :, h].ravel() for then in over])
    row = _row(said, came, scale, seed) | {"coverage_80": _coverage(said, half, came)}
    yield place | row | {"model": PUBLISHED, "leads": True, "plain": False}


def _plain_cells(units: Floats, name: str, h: int) -> Floats:
    if name == "last_month":
        return np.asarray(units[-1].ravel())
    if len(units) < YEAR:
        return np.full(units[0].size, np.nan)
    return np.asarray(units[len(units) - YEAR + h % YEAR].ravel())


def _row(said: Floats, came: Floats, scale: Floats, seed: int) -> dict[str, Any]:
    """Measures of forecasts (origins x series) with what came and the scale; of origins where something was said."""
    told = np.isfinite(said).all(axis=1) if len(said) else np.zeros(0, dtype=bool)
    if not told.any():
        return {"origins": 0}
    said, came, scale = said[told], came[told], scale[told]
    off = np.abs(said - came)
    steady = np.asarray(scale > 0)
    scaled = np.divide(off, scale, out=np.full_like(off, np.nan), where=steady)
    both = said + came
    smape = np.divide(2 * off, both, out=np.zeros_like(off), where=both > 0)
    row: dict[str, Any] = {
        "origins": len(off),
        "smape": float(smape.mean()),
        "units_error": float(off.sum() / came.sum()) if came.sum() > 0 else None,
    }
    if not steady.any():
        return row
    # Mean over the series of an origin first: origins are what is drawn.
    mine = np.nanmean(scaled[steady.any(axis=1)], axis=1)
    row["mase"] = float(mine.mean())
    if len(mine) > 1:
        rng = np.random.default_rng(seed)
        drawn = mine[rng.integers(0, len(mine), (RESAMPLES, len(mine)))].mean(axis=1)
        low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        row |= {"mase_low": float(low), "mase_high": float(high)}
    return row


def _coverage(said: Floats, half: Floats, came: Floats) -> float | None:
    """Share of what came that lay within the interval of that time; None where no origin had one."""
    told = np.isfinite(half)
    if not told.any():
        return None
    low, high = ends(said[told], half[told])
    return float(((came[told] >= low - 1e-9) & (came[told] <= high + 1e-9)).mean())


def lead(cube: Cube, found: Sequence[Origin], i: int) -> str:
    """Which model leads of a series, what the plain ones reach, and whether a season can be known, in words."""
    said = _lead(cube, found, i)
    return said if len(cube.months) >= YEAR else f"{said}; less than a year is known, so no season"


def _lead(cube: Cube, found: Sequence[Origin], i: int) -> str:
    now = found[-1]
    taken = models.MODELS[now.chosen[i]]
    known = losses(i, cube.sums(), found[:-1])
    judged = np.isfinite(known).sum(axis=0)
    if judged[now.chosen[i]] < FEWEST_ORIGINS:
        return f"{taken.name}: too few earlier months to try others from"
    shared = known[np.isfinite(known[:, judged > 0]).all(axis=1)]
    if not len(shared):
        return f"{taken.name}: too few earlier months to try others from"
    mean = {m.name: float(shared[:, k].mean()) for k, m in enumerate(models.MODELS) if judged[k]}
    said = f"{taken.name}: scaled error {mean[taken.name]:.2f} from {len(shared)} earlier months"
    best = min(mean, key=lambda name: mean[name])
    if taken.plain:
        said += ", and no fitted model is better by more than chance"
    others = [f"{name} {mean[name]:.2f}" for name in ("last_month", "seasonal_naive", best) if name in mean]
    others = [one for one in dict.fromkeys(others) if not one.startswith(taken.name + " ")]
    return f"{said}; {', '.join(others)}" if others else said
