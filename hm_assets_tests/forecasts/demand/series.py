"""Cubes and rows of history with a known truth."""

import datetime as dt

import numpy as np

from hm_assets.forecasts.demand.cube import Cube
from hm_assets.warehouse.calendar import add_months

FIRST = dt.date(2018, 3, 1)


def cube_of(units: np.ndarray) -> Cube:
    """Of units (months x segments x categories)."""
    months = tuple(add_months(FIRST, i) for i in range(len(units)))
    return Cube(months, tuple(range(1, units.shape[1] + 1)), tuple("ABCDEFGH"[: units.shape[2]]), units)


def seasonal(months: int, seed: int = 0, scale: float = 200.0, growth: float = 0.0) -> np.ndarray:
    """Poisson units of two segments in three categories with a strong yearly season."""
    rng = np.random.default_rng(seed)
    t = np.arange(months)
    level = scale * (1 + 0.8 * np.sin(2 * np.pi * t / 12)) * np.exp(growth * t)
    share = np.array([[0.5, 0.2, 0.1], [0.1, 0.06, 0.04]])
    return rng.poisson(level[:, None, None] * share).astype(float)


def rows_of(units: np.ndarray, first: dt.date = FIRST, version: str = "v1") -> list[dict]:
    """The rows of `forecasts/demand_history`."""
    return [
        {
            "month": add_months(first, int(m)),
            "segment_id": int(s) + 1,
            "category": "ABCDEFGH"[c],
            "units": int(units[m, s, c]),
            "spend": 0.0,
            "segments_version": version,
        }
        for m, s, c in zip(*np.nonzero(units), strict=True)
    ]
