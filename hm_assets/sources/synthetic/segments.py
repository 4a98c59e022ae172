"""The planted population: six behavioural segments, and the ways their differences fade.

A customer is a point in five dimensions (``LATENTS``, natural logs): recency, tenure, days between orders,
lines per order, price level. A segment is a mean and spreads there. ``blend`` b (0 easy, 1 noise) moves each
mean the share b of the way to the common mean and adds to each customer a draw whose covariance is exactly
what the means have lost, ``1 - (1 - b)**2`` of the covariance between segments: mean and covariance of the
whole stay what they were, whatever b. At b = 1 there is one Gaussian with the moments of the mixture and no
segment at all: the noise switch.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from hm_assets.sources.synthetic.arrays import Array

LATENTS: Final = ("recency", "tenure", "cadence", "basket", "price_level")


@dataclass(frozen=True)
class Segment:
    """Medians (days, lines, relative price) and spreads (standard deviations of the logs) of one segment.

    ``tastes`` multiply the category, ``groups`` the customer-group and ``colours`` the colour-family base
    measures (taxonomy order); ``season`` is the exponent on the seasonal curve (3: buys in season and sales).
    """

    name: str
    share: float
    medians: tuple[float, float, float, float, float]
    spreads: tuple[float, float, float, float, float]
    tastes: tuple[float, ...]
    groups: tuple[float, ...]
    colours: tuple[float, ...]
    season: float = 1.0
    sensitivity: float = 0.5


_TASTES: Final = {
    "loyal": ((1.0, 1.0, 1.7, 0.9, 1.1, 0.9, 1.3, 0.8, 0.9), (1.35, 0.5, 1, 0.6, 1)),
    "regular": ((1.5, 1.2, 0.6, 0.8, 0.8, 0.6, 1.0, 1.1, 1.0), (1.0, 0.9, 1.4, 1.4, 1)),
    "seasonal": ((0.7, 0.7, 1.4, 0.6, 0.9, 3.2, 0.9, 0.6, 0.8), (0.9, 1.4, 1, 0.8, 1)),
    "new": ((0.9, 1.1, 0.9, 1.2, 2.0, 0.8, 1.5, 0.9, 0.8), (0.7, 2.2, 1, 0.5, 1.2)),
    "lapsing": ((0.8, 1.7, 0.9, 0.9, 0.9, 0.8, 1.0, 1.0, 1.0), (0.8, 0.9, 1.9, 1.5, 1)),
    "one_off": ((0.9, 0.7, 1.0, 2.3, 0.8, 0.9, 0.6, 2.0, 1.7), (1.2, 0.8, 0.8, 1.0, 1)),
}
_COLOURS: Final = {
    "loyal": (1.0, 0.8, 1.2, 1.0, 0.8, 1.3, 1.6, 1.1, 1.0, 1.4),
    "regular": (1.0, 1.7, 1.0, 0.6, 1.3, 0.9, 0.9, 1.1, 0.8, 0.6),
    "seasonal": (0.6, 1.0, 1.3, 1.7, 0.7, 1.3, 1.0, 1.1, 2.2, 1.0),
    "new": (1.2, 0.8, 1.0, 2.0, 0.8, 1.1, 0.8, 0.8, 1.0, 1.6),
    "lapsing": (1.5, 1.3, 0.8, 0.5, 1.4, 0.9, 0.8, 1.2, 0.6, 0.6),
    "one_off": (1.7, 0.7, 1.4, 0.8, 1.0, 0.8, 1.1, 0.7, 0.7, 0.9),
}


def _segment(
    name: str,
    share: float,
    medians: tuple[float, float, float, float, float],
    spreads: tuple[float, float, float, float, float],
    *,
    season: float = 1.0,
    sensitivity: float = 0.5,
) -> Segment:
    tastes, groups = _TASTES[name]
    return Segment(name, share, medians, spreads, tastes, groups, _COLOURS[name], season, sensitivity)


# Customers leave, and come only once, all the time: when none of them left or came together, the past tells what comes.
# Those who stay are nearly as regular in the past as the last day shows them.
#                         recency tenure cadence basket price
_SEPARABLE: Final = (
    _segment("loyal", 0.14, (8, 1500, 18, 3.3, 1.20), (0.45, 0.1, 0.18, 0.15, 0.08), sensitivity=0.25),
    _segment("regular", 0.24, (18, 1300, 38, 2.6, 1.00), (0.40, 0.1, 0.20, 0.18, 0.08), sensitivity=0.5),
    _segment(
        "seasonal",
        0.22,
        (50, 1200, 76, 2.4, 0.95),
        (0.22, 0.1, 0.16, 0.20, 0.08),
        season=1.3,
        sensitivity=0.9,
    ),
    _segment("new", 0.12, (14, 60, 30, 2.2, 0.95), (0.40, 0.25, 0.25, 0.18, 0.08), sensitivity=0.5),
    _segment("lapsing", 0.14, (270, 1400, 22, 2.6, 1.05), (0.30, 0.1, 0.18, 0.18, 0.08), sensitivity=0.6),
    _segment(
        "one_off",
        0.14,
        (320, 30, 1500, 1.8, 0.85),
        (0.50, 0.1, 0.20, 0.22, 0.10),
        season=1.5,
        sensitivity=1.1,
    ),
)
_PUBLISHED: Final = (
    _segment("loyal", 0.14, (12, 1100, 31, 2.6, 1.12), (0.40, 0.5, 0.34, 0.36, 0.10), sensitivity=0.25),
    _segment("regular", 0.27, (42, 850, 90, 2.4, 1.00), (0.40, 0.6, 0.36, 0.38, 0.10), sensitivity=0.5),
    _segment(
        "seasonal",
        0.22,
        (150, 800, 240, 2.5, 0.97),
        (0.30, 0.5, 0.36, 0.38, 0.10),
        season=3.0,
        sensitivity=0.9,
    ),
    _segment("new", 0.08, (26, 100, 65, 2.3, 0.95), (0.50, 0.4, 0.45, 0.38, 0.10), sensitivity=0.5),
    _segment("lapsing", 0.14, (340, 900, 105, 2.3, 1.02), (0.20, 0.4, 0.45, 0.38, 0.10), sensitivity=0.6),
    _segment(
        "one_off",
        0.15,
        (430, 430, 1000, 2.2, 0.90),
        (0.30, 0.2, 0.40, 0.38, 0.12),
        season=1.5,
        sensitivity=1.1,
    ),
)


def population(profile: Literal["separable", "published", "survey"]) -> tuple[Segment, ...]:
    """Return the segments of a profile of the H&M shape; shares sum to 1."""
    return _PUBLISHED if profile == "published" else _SEPARABLE


def assign(segments: tuple[Segment, ...], buyers: int, rng: np.random.Generator) -> Array:
    """Deal the buyers to the segments in exactly the planted shares (largest remainder), in random order."""
    exact = np.array([segment.share for segment in segments]) * buyers
    counts = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - counts), kind="stable")[: buyers - int(counts.sum())]
    counts[rest] += 1
    return rng.permutation(np.repeat(np.arange(len(segments), dtype=np.int8), counts))


def latents(
    segments: tuple[Segment, ...],
    segment: Array,
    blend: float,
    cadence_factor: float,
    rng: np.random.Generator,
) -> Array:
    """Draw the latents of each customer, (n, 5), natural logs of days, lines and relative price."""
    share = np.array([item.share for item in segments])
    mean = np.log(np.array([item.medians for item in segments]))
    mean[:, LATENTS.index("cadence")] += np.log(cadence_factor)
    spread = np.array([item.spreads for item in segments])
    common = share @ mean
    between = (mean - common).T @ (share[:, None] * (mean - common))
    within = share @ spread**2
    moved = common + (1 - blend) * (mean - common)
    own = np.sqrt((1 - blend) * spread**2 + blend * within)
    out = rng.standard_normal((len(segment), len(LATENTS)))
    out *= own[segment]
    out += moved[segment]
    lost = 1 - (1 - blend) ** 2
    if lost > 0:
        values, vectors = np.linalg.eigh(between * lost)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        out += rng.standard_normal((len(segment), len(LATENTS))) @ root.T
    return np.asarray(out)


def blended(table: Array, share: Array, blend: float) -> Array:
    """Move the rows of a (segments, k) table the share ``blend`` of the way to their common mean."""
    return np.asarray((1 - blend) * table + blend * (share @ table)[None, :])
