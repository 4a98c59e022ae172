"""LIME (Ribeiro, Singh and Guestrin 2016) beside SHAP, on a few customers.

Points are drawn around the mean customer, those near the customer count more, and a line is fitted to what the model
says of them; its weights times the customer's place are what the inputs add. Kernel, width and ridge are those of the
authors' package for numbers that are not cut into classes; it had its last release in 2020 and brings an image library.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.forecasts.churn import hazards
from hm_assets.forecasts.churn.hazards import Hazards
from hm_assets.forecasts.churn.season import shifted
from hm_assets.forecasts.why.shapley import Explained, mean
from hm_assets.segments.space import Floats, Ints

EXAMPLES, SEEDS, DRAWN = 6, 5, 1_000
RIDGE = 1.0
LARGEST = 3


@dataclass(frozen=True)
class Agreement:
    """How alike the answers are: mean rank correlation, and mean number that the largest three share.

    With SHAP, and between two seeds of LIME.
    """

    correlation: float
    shared: float
    shared_between_seeds: float

    @property
    def words(self) -> str:
        """As a sentence."""
        return (
            f"LIME and SHAP: rank correlation {self.correlation:.2f}, of their largest {LARGEST} inputs they share "
            f"{self.shared:.1f}; two seeds of LIME share {self.shared_between_seeds:.1f}"
        )


def line(model: Hazards, month: dt.date, centre: Floats, spread: Floats, at: Floats, seed: int) -> Floats:
    """What each axis adds to P(order within 90 days) near a point, by a local line (axes).

    Parameters
    ----------
    model, month
        What is explained.
    centre, spread
        Mean and standard deviation of the month's customers as points (axes), which the draws have.
    at
        The customer (axes).
    seed
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((DRAWN, len(at)))
    # The customer herself comes first, as in the authors' package.
    drawn[0] = np.divide(at - centre, spread, out=np.zeros_like(at), where=spread > 0)
    hazard = np.column_stack([each.predict(centre + drawn * spread) for each in model.intervals])
    said = hazards.together(shifted(hazard, model.shifts(month)))[:, -1]
    width = 0.75 * np.sqrt(len(at))
    weights = np.sqrt(np.exp(-((drawn - drawn[0]) ** 2).sum(axis=1) / width**2))
    x = drawn - np.average(drawn, axis=0, weights=weights)
    y = said - np.average(said, weights=weights)
    slopes = np.linalg.solve(
        (x * weights[:, None]).T @ x + RIDGE * np.eye(len(at)), (x * weights[:, None]).T @ y
    )
    return np.asarray(slopes * drawn[0])


def middles(p: Floats, points: Floats) -> Ints:
    """Positions of the customers in the middle of `EXAMPLES` equal parts by P(order); ties by their points."""
    order = np.lexsort([*points.T[::-1], p])
    parts = min(EXAMPLES, len(order))
    return np.asarray(order[((2 * np.arange(parts) + 1) * len(order)) // (2 * parts)], dtype=np.int64)


def compared(found: Explained, seed: int) -> tuple[list[dict[str, Any]], Agreement | None]:
    """Rows of `forecasts/lime` without date and version, and how alike the answers are (None with one input).

    Parameters
    ----------
    found
        The customers of a month by SHAP.
    seed
        Of the first draw.
    """
    points = found.model.space.transform(found.rows)
    centre = mean(points.T)
    spread = np.sqrt(mean((points - centre).T ** 2))
    made, pairs, between = [], [], []
    for example, i in enumerate(middles(found.p, points), start=1):
        lines = np.stack(
            [line(found.model, found.month, centre, spread, points[i], seed + k) for k in range(SEEDS)]
        )
        pairs.append((found.points[:, i], lines.mean(axis=0)))
        between += [_shared(lines[a], lines[b]) for a in range(SEEDS) for b in range(a)]
        made += [
            {
                "example": example,
                "input": column,
                "p_order_90d": float(found.p[i]),
                "shap": float(found.points[j, i]),
                "lime": float(lines[:, j].mean()),
                "lime_low": float(lines[:, j].min()),
                "lime_high": float(lines[:, j].max()),
            }
            for j, column in enumerate(found.columns)
        ]
    return made, _agreement(pairs, between)


def _agreement(pairs: Sequence[tuple[Floats, Floats]], between: Sequence[float]) -> Agreement | None:
    from scipy.stats import spearmanr

    if not pairs or len(pairs[0][0]) <= LARGEST:
        return None
    correlations = [float(spearmanr(shap, lime).statistic) for shap, lime in pairs]
    return Agreement(
        float(np.mean(correlations)),
        float(np.mean([_shared(*pair) for pair in pairs])),
        float(np.mean(between)),
    )


def _shared(one: Floats, other: Floats) -> float:
    a, b = (set(np.argsort(-np.abs(each), kind="stable")[:LARGEST].tolist()) for each in (one, other))
    return float(len(a & b))
