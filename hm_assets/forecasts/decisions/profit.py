"""Models compared in money: the rows of `forecasts/profit`, and which model money would choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hm_assets.forecasts.churn.models import MODELS
from hm_assets.forecasts.decisions.campaign import Assumptions, Campaign
from hm_assets.forecasts.decisions.judged import Judged
from hm_assets.forecasts.decisions.maximum_profit import Ranking, expected_maximum_profit
from hm_assets.forecasts.measures.scores import LEVEL
from hm_assets.segments.space import Floats

Draws = Mapping[tuple[str, str], Floats]
"""(model, metric) -> the measure of all customers first, then of each draw of them."""


@dataclass(frozen=True)
class ByMoney:
    """The model with the largest mean emp over the judged days, and what to say of it."""

    name: str
    words: str


def regret(
    leaves: Floats, left: Floats, value: Floats, campaign: Campaign, contacted: Floats | None = None
) -> Floats:
    """What each customer costs beside knowing who leaves (n), in mean orders.

    Contacted is whom it pays by the probabilities `leaves`, or who is `contacted` (0 or 1). A stayer who is contacted
    costs incentive and contact; a leaver who is not costs what keeping them would have earned (the cost matrix of
    Elkan 2001, with costs of each customer as in Bahnsen et al. 2015).
    """
    act = campaign.profit(leaves, value) > 0 if contacted is None else contacted > 0
    earned = campaign.profit(left, value)
    return np.asarray(np.maximum(earned, 0.0) - np.where(act, earned, 0.0))


def measures(judged: Judged, assumptions: Assumptions, resamples: int, seed: int) -> Draws:
    """Every measure of every model on a judged day."""
    n = len(judged.left)
    rng = np.random.default_rng(seed)
    value = assumptions.margin * judged.spend
    campaign = assumptions.campaign(float(value.mean()) if n else 0.0)
    drawn = [np.ones(n)] + [
        np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        for _ in range(resamples if n else 0)
    ]
    left = judged.left.astype(np.float64)
    fixed = [regret(left, left, value, campaign, np.full(n, float(all_))) for all_ in (False, True)]
    plain = np.array([min(np.average(one, weights=w) for one in fixed) if n else np.nan for w in drawn])
    found = {}
    for model, leaves in judged.leaves.items():
        ranking = Ranking.of(leaves, judged.left)
        maximum = np.array([expected_maximum_profit(ranking, campaign, w) for w in drawn])
        lost = regret(leaves, left, value, campaign)
        cost = np.array([np.average(lost, weights=w) if n else np.nan for w in drawn])
        saved = 1 - np.divide(cost, plain, out=np.full(len(cost), np.nan), where=plain > 0)
        for metric, values in (
            ("emp", maximum[:, 0]),
            ("emp_fraction", maximum[:, 1]),
            ("cost", cost),
            ("savings", saved),
        ):
            found[model, metric] = values
    return found


def by_money(days: Sequence[Draws], chosen: str) -> ByMoney:
    """Which model has the largest mean emp over the judged days (`days` are not none), beside the chosen one."""
    emp = {
        model: np.mean([day[model, "emp"] for day in days], axis=0)
        for model, metric in days[0]
        if metric == "emp"
    }
    # Of equal ones the chosen one, then the first by name.
    best = max(sorted(emp, key=lambda m: (m != chosen, m)), key=lambda m: float(emp[m][0]))
    unkept = " (kept in no file)" if any(m.name == best and not m.kept for m in MODELS) else ""
    told = f"by money {best}{unkept}: expected maximum profit {emp[best][0]:.4f} mean orders per customer"
    if best == chosen or chosen not in emp:
        return ByMoney(best, f"{told}, as by the Brier score" if best == chosen else told)
    gain = emp[best] - emp[chosen]
    low, high = (
        np.quantile(gain[1:], ((1 - LEVEL) / 2, (1 + LEVEL) / 2)) if len(gain) > 1 else (-np.inf, np.inf)
    )
    clear = "more" if low > 0 else "but not clearly more"
    return ByMoney(
        best,
        f"{told}, {clear} than the chosen {chosen}: {gain[0]:+.4f} ({low:+.4f} to {high:+.4f}); {len(days)} past days",
    )


def rows(
    judged: Sequence[Judged], assumptions: Assumptions, chosen: str, resamples: int, seed: int
) -> tuple[list[dict[str, Any]], ByMoney]:
    """Rows of `forecasts/profit` of a month without the month, and the choice by money.

    Raises
    ------
    ValueError
        No past day was judged.
    """
    if not judged:
        raise ValueError("no past day has been judged")
    days = [measures(day, assumptions, resamples, seed) for day in judged]
    choice = by_money(days, chosen)
    made = []
    for day, found in zip(judged, days, strict=True):
        above = {
            (model, "emp_above_chosen"): values - found[chosen, "emp"]
            for (model, metric), values in found.items()
            if metric == "emp" and (chosen, "emp") in found
        }
        for (model, metric), values in (*found.items(), *above.items()):
            value, low, high = _interval(values)
            made.append(
                {
                    "as_of": day.as_of,
                    "model": model,
                    "metric": metric,
                    "value": value,
                    "low": low,
                    "high": high,
                    "customers": len(day.left),
                    "chosen": model == chosen,
                    "best_by_money": model == choice.name,
                    "words": choice.words,
                    "assumptions": assumptions.words,
                }
            )
    return made, choice


def _interval(values: Floats) -> tuple[float | None, float | None, float | None]:
    drawn = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or not len(drawn):
        return None if np.isnan(values[0]) else float(values[0]), None, None
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(values[0]), float(low), float(high)
