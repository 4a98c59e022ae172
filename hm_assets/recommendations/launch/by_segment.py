"""Which segments a garment is for: how many of 1,000 members are expected to buy it in its first 28 days.

The buyers of similar launches, times the share of such buyers that is known beforehand, are handed to the segments by
the customers' scores. Whoever buys much buys more of any garment: `over_index` holds that, `taste_index` compares with
the segment's share of a usual launch's buyers. The interval of 80 % is that of a Poisson count whose mean varies as the
similar launches did: it holds what chance and the launch's size leave open, and not how far the scores are off.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hm_assets.profiles.fairness.privacy import segments_withheld
from hm_assets.recommendations.launch.size import HIGH, LOW
from hm_assets.segments.space import Floats, Ints
from hm_assets.segments.tables import NO_PURCHASE

NOT_PLACED = -2


def by_segment(
    scores: Floats,
    segments: Ints,
    usual: Mapping[int, float],
    members: Mapping[int, int],
    buyers: Ints,
    weights: Floats,
    known_share: float,
) -> list[dict[str, Any]]:
    """Segments by expected buyers per 1,000 members, the highest first; equal ones by id. Small ones are left out.

    Parameters
    ----------
    scores
        Of the ranked customers (n).
    segments
        Their segments, `NOT_PLACED` for none (n).
    usual
        Share of a usual launch's expected buyers by segment.
    members
        Of each segment, with a purchase; also of those whose members are not ranked.
    buyers, weights
        Of the similar launches (m): buyers of the first 28 days, and what each counts (sum 1).
    known_share
        Share of a launch's buyers that is among the ranked.
    """
    placed = {segment: count for segment, count in members.items() if segment != NO_PURCHASE and count}
    small = segments_withheld(placed)
    everybody, total = sum(placed.values()), float(scores.sum())
    rows: list[dict[str, Any]] = []
    for segment in sorted(set(placed) - small):
        share = float(scores[segments == segment].sum()) / total if total > 0 else 0.0
        mine = usual.get(segment, 0.0)
        mean = np.asarray(buyers * known_share * share, dtype=np.float64)
        low, high = (float(_mixed(mean, weights, level)) for level in (LOW, HIGH))
        expected = float((mean * weights).sum()) if len(mean) else None
        per = 1000 / placed[segment]
        rows.append(
            {
                "segment_id": segment,
                "customers": placed[segment],
                "expected_per_1000": None if expected is None else expected * per,
                "low_per_1000": None if expected is None else low * per,
                "high_per_1000": None if expected is None else high * per,
                "share_of_buyers": share,
                "over_index": share / (placed[segment] / everybody),
                "taste_index": share / mine if mine > 0 else None,
            }
        )
    rows.sort(key=lambda row: (-row["over_index"], row["segment_id"]))
    return [{**row, "rank": place} for place, row in enumerate(rows, 1)]


def _mixed(means: Floats, weights: Floats, level: float) -> int:
    """The smallest count that a mixture of Poisson counts does not exceed with this probability."""
    from scipy.stats import poisson

    if not len(means):
        return 0
    low, high = -1, int(means.max() + 10 * np.sqrt(means.max()) + 20)
    while high - low > 1:
        middle = (low + high) // 2
        if float((weights * poisson.cdf(middle, means)).sum()) >= level:
            high = middle
        else:
            low = middle
    return high
