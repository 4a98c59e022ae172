"""The rows of `forecasts/demand`: what is published for the months to come."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.forecasts.demand import models
from hm_assets.forecasts.demand.back_test import Origin, ends, origins
from hm_assets.forecasts.demand.cube import YEAR, Cube, cube
from hm_assets.forecasts.demand.scores import lead
from hm_assets.segments.space import Floats
from hm_assets.warehouse.calendar import add_months, months_between

AHEAD = 3
MIX = "mix"
MIX_WORDS = "mix: that of the last twelve months, fitted to the sums"
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Outlook:
    """A cube, what was said from its months, and how many months after it are skipped since no line of them counts."""

    cube: Cube
    found: list[Origin]
    skipped: int


def outlook(
    rows: Sequence[Mapping[str, Any]], whole: dt.date | None, month: dt.date, most: int
) -> Outlook | None:
    """Forecast the three months after `month`; None where not one whole month is known.

    Parameters
    ----------
    rows
        `forecasts/demand_history` up to the month.
    whole
        The last whole month up to it.
    month
        The month.
    most
        Earlier months to try from.
    """
    known = cube(rows, whole)
    if known is None:
        return None
    skipped = len(list(months_between(known.months[-1], month))) - 1
    return Outlook(known, origins(known, AHEAD + skipped, most), skipped)


def rows_of(said: Outlook) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/demand` without as_of and month."""
    known, now = said.cube, said.found[-1]
    names, series = known.names(), known.sums()
    sums = [name[1:] for name in names]
    cells = [(str(segment), category) for segment in known.segments for category in known.categories]
    flat = (now.cells.reshape(len(cells), -1), now.half_cells.reshape(len(cells), -1))
    for of_cells, places, units, half, before in (
        (False, sums, now.sums, now.half_sums, series),
        (True, cells, *flat, known.units.reshape(len(series), -1)),
    ):
        low, high = ends(units, half)
        for i, (segment, category) in enumerate(places):
            told = {
                "segment": segment,
                "category": category,
                "last_whole_month": known.months[-1],
                "model": MIX if of_cells else models.NAMES[now.chosen[i]],
                "words": MIX_WORDS if of_cells else lead(known, said.found, i),
            }
            for h in range(said.skipped, units.shape[1]):
                yield told | {
                    "months_ahead": h + 1 - said.skipped,
                    "forecast_month": add_months(known.months[-1], h + 1),
                    "units": float(units[i, h]),
                    "low": _known(low[i, h]),
                    "high": _known(high[i, h]),
                    "units_a_year_before": _a_year_before(before[:, i], h),
                }


def unaccounted(rows: Sequence[Mapping[str, Any]], all_: str) -> list[str]:
    """What of `forecasts/demand` does not add up: cells to segments and categories, and these to all."""
    units = {(row["segment"], row["category"], row["months_ahead"]): row["units"] for row in rows}
    segments = sorted({segment for segment, _, _ in units} - {all_})
    categories = sorted({category for _, category, _ in units} - {all_})
    faults = []
    for ahead in sorted({h for _, _, h in units}):
        for segment in (*segments, all_):
            faults += _fault(units, [(segment, c, ahead) for c in categories], (segment, all_, ahead))
        for category in (*categories, all_):
            faults += _fault(units, [(s, category, ahead) for s in segments], (all_, category, ahead))
    return faults


def _fault(
    units: Mapping[tuple[str, str, int], float],
    parts: Sequence[tuple[str, str, int]],
    whole: tuple[str, str, int],
) -> list[str]:
    missing = [part for part in (*parts, whole) if part not in units]
    if missing:
        return [f"{part}: no row" for part in missing]
    added = math.fsum(units[part] for part in parts)
    if abs(added - units[whole]) <= TOLERANCE * max(units[whole], 1.0):
        return []
    return [f"{whole}: {units[whole]:.3f} units, its parts are {added:.3f}"]


def _a_year_before(units: Floats, h: int) -> float | None:
    at = len(units) - YEAR + h
    return float(units[at]) if at >= 0 else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
