"""What became of those whom the early warning would have named on past days, beside plain ways to pick as many."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from hm_assets.forecasts.by_segment.early_warning import asked, listed
from hm_assets.forecasts.by_segment.past import PastDay
from hm_assets.forecasts.churn.hazards import ordered
from hm_assets.segments.space import Bools, Floats, numbers

QUARTER = 90
LEVEL = 0.95
EARLY, RANDOM, NINETY = "early_warning", "random", "ninety_days"


def scores(past: Iterable[PastDay], resamples: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/early_warning_scores` without the month.

    Parameters
    ----------
    past
        Past days.
    resamples, seed
        Of customers: how often each one counts is drawn, the lists stay.
    """
    for day in past:
        pool = asked(day.people)
        left = ~ordered(day.people)[:, -1]
        spend, recency = numbers(day.people, "spend_365d"), numbers(day.people, "recency_days")
        found = listed(day.people)
        n = len(found.people)
        late = np.flatnonzero(pool & (recency >= QUARTER))
        highest = late[np.argsort(-spend[late], kind="stable")][:n]
        weights = {
            EARLY: _marked(found.people, len(pool)),
            RANDOM: pool.astype(np.float64),
            NINETY: _marked(highest, len(pool)),
        }
        rng = np.random.default_rng(seed)
        drawn = [rng.poisson(1.0, len(pool)).astype(np.float64) for _ in range(resamples)]
        for pick, chosen in weights.items():
            size = n if pick == RANDOM else int(chosen.sum())
            row = {"as_of": day.as_of, "pick": pick, "listed": size, "customers": int(pool.sum())}
            yield row | (_judged(chosen, pool, left, spend, recency, drawn) if size else {})


def _marked(positions: Any, n: int) -> Floats:
    marks = np.zeros(n)
    marks[positions] = 1.0
    return marks


def _judged(
    chosen: Floats, pool: Bools, left: Bools, spend: Floats, recency: Floats, drawn: list[Floats]
) -> dict[str, Any]:
    gone, lost = left.astype(np.float64), np.where(left, spend, 0.0)

    def mean(values: Floats, weights: Floats) -> float:
        whole = weights.sum()
        return float((values * weights).sum() / whole) if whole > 0 else float("nan")

    def lift(weights: Floats) -> float:
        of_all = mean(gone, weights * pool)
        return mean(gone, weights * chosen) / of_all if of_all > 0 else float("nan")

    def share(weights: Floats) -> float:
        return mean(gone, weights * chosen)

    def lost_spend(weights: Floats) -> float:
        return mean(lost, weights * chosen)

    measured = {"left": share, "lift": lift, "lost_spend": lost_spend}
    row: dict[str, Any] = {"before_90_days": mean((recency < QUARTER).astype(np.float64), chosen)}
    for name, measure in measured.items():
        value, others = measure(np.ones(len(pool))), np.array([measure(weights) for weights in drawn])
        others = others[~np.isnan(others)]
        row[name] = None if np.isnan(value) else value
        if row[name] is not None and len(others):
            low, high = np.quantile(others, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
            row |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return row
