"""Whom a threshold or a budget contacts today: the rows of `forecasts/thresholds` and `forecasts/budgets`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.features.customer_days import exact_sum
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.decisions.campaign import Assumptions, Campaign
from hm_assets.forecasts.decisions.judged import Judged
from hm_assets.profiles.statistics.intervals import share
from hm_assets.segments.space import Floats, numbers

LEAVES, ORDERS = "leaves", "orders"
VALUE, SPEND = "value_12m", "spend_365d"
BUDGET_PERCENT = (5, 10, 20, 50)
FEW, MANY = 0.1, 0.9


@dataclass(frozen=True)
class Reachable:
    """The month's customers: P(no order within 90 days) and value in mean orders (each n), and where it comes from."""

    leaves: Floats
    value: Floats
    value_from: str


def reachable(customers: ibis.Table, features: ibis.Table, assumptions: Assumptions) -> Reachable | None:
    """Customers of one month with a probability; None where none has one, or nothing was ever paid.

    Parameters
    ----------
    customers
        `forecasts/customers` of the month. Its `value_12m` is the value where it is there and known; else the spend of
        the last 365 days is.
    features
        `features/customer_features` of the month.
    assumptions
        Whose margin a value is counted with.
    """
    totals = features.aggregate(spend=exact_sum(features.spend), orders=features.orders.sum())
    (total,) = totals.to_pyarrow().to_pylist()
    known = customers.filter(customers[f"p_order_{LONGEST}d"].notnull())
    asked = [name for name in (VALUE,) if name in customers.columns]
    rows: pa.Table = (
        known.select("customer_key", f"p_order_{LONGEST}d", *asked)
        .inner_join(features.select("customer_key", SPEND), "customer_key")
        # Not by the keys: a mean of the values has the same digits whatever they are.
        .order_by([f"p_order_{LONGEST}d", SPEND, *asked, "customer_key"])
        .to_pyarrow()
    )
    if not len(rows) or not total["orders"] or not total["spend"] > 0:
        return None
    told = numbers(rows, VALUE) if asked else np.full(len(rows), np.nan)
    value = np.where(np.isnan(told), numbers(rows, SPEND), told)
    source = VALUE if asked and not np.isnan(told).all() else SPEND
    mean_order = total["spend"] / total["orders"]
    leaves = 1 - numbers(rows, f"p_order_{LONGEST}d")
    return Reachable(leaves, assumptions.margin * value / mean_order, source)


def thresholds(
    now: Reachable, judged: Judged | None, model: str | None, assumptions: Assumptions
) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/thresholds` without dates: every whole per cent of both audiences.

    Parameters
    ----------
    now
        The customers.
    judged, model
        The latest judged day and the chosen model, for the true shares; None where there is none.
    assumptions
        Of the campaign.
    """
    campaign = assumptions.campaign(float(now.value.mean()))
    assumed = {
        "contact": campaign.contact,
        "incentive": campaign.incentive,
        "kept_share": campaign.acceptance,
        "kept_share_low": campaign.acceptance_at(FEW),
        "kept_share_high": campaign.acceptance_at(MANY),
    }
    for audience in (LEAVES, ORDERS):
        p = now.leaves if audience == LEAVES else 1 - now.leaves
        # Of equally likely ones those of more value first.
        order = np.lexsort((-now.value, -p))
        p = p[order]
        hits = np.cumsum(p)
        money = {}
        if audience == LEAVES:
            money = _money(now.leaves[order], now.value[order], campaign)
            money["value_at_risk"] = np.cumsum(p * now.value[order])
        past = _true(judged, model, audience) if judged and model and model in judged.leaves else None
        for percent in range(1, 101):
            count = _count(len(p), percent)
            row = {
                "audience": audience,
                "top_percent": percent,
                "threshold": float(p[count - 1]),
                "customers": count,
                "expected_hits": float(hits[count - 1]),
                "judged_as_of": judged.as_of if judged and past is not None else None,
                "value_from": now.value_from,
                "assumptions": assumptions.words,
                **assumed,
                **{name: float(total[count - 1]) for name, total in money.items()},
            }
            yield row | ({} if past is None else _shares(past, percent))


def budgets(now: Reachable, assumptions: Assumptions) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/budgets` without dates: each budget spent on each ranking."""
    campaign = assumptions.campaign(float(now.value.mean()))
    cost = campaign.cost(now.leaves)
    everybody = float(cost.sum())
    all_money = _money(now.leaves, now.value, campaign)
    rankings = {"value_at_risk": now.value * now.leaves, "value": now.value, "p_leave": now.leaves}
    for percent in BUDGET_PERCENT:
        budget = everybody * percent / 100
        said = {
            "budget_percent": percent,
            "budget": budget,
            "value_from": now.value_from,
            "assumptions": assumptions.words,
        }
        for ranking, worth in rankings.items():
            order = np.lexsort((-now.value, -now.leaves, -worth))
            spent = np.cumsum(cost[order])
            count = int(np.searchsorted(spent, budget * (1 + 1e-12), side="right"))
            money = _money(now.leaves[order[:count]], now.value[order[:count]], campaign)
            spent_on = {name: float(total[-1]) if count else 0.0 for name, total in money.items()}
            yield {**said, "ranking": ranking, "customers": count, **spent_on}
        part = {name: float(total[-1]) * percent / 100 for name, total in all_money.items()}
        yield {**said, "ranking": "random", "customers": round(len(cost) * percent / 100), **part}


def _money(leaves: Floats, value: Floats, campaign: Campaign) -> dict[str, Floats]:
    """Cost and profit of contacting the first, the first two, and so on of n customers."""
    few, many = campaign.acceptance_at(FEW), campaign.acceptance_at(MANY)
    # A kept customer of less value than the incentive is a loss, so more of them may be worse.
    cases = [campaign.profit(leaves, value, gamma) for gamma in (few, many)]
    sums = [np.cumsum(case) for case in cases]
    return {
        "cost": np.cumsum(campaign.cost(leaves)),
        "profit": np.cumsum(campaign.profit(leaves, value)),
        "profit_low": np.minimum(*sums),
        "profit_high": np.maximum(*sums),
    }


def _true(judged: Judged, model: str, audience: str) -> Floats:
    """Who did so, the likeliest first; equally likely ones come in any order, so each counts with their mean."""
    leaves = judged.leaves[model]
    p, happened = (leaves, judged.left) if audience == LEAVES else (1 - leaves, ~judged.left)
    _, group = np.unique(-p, return_inverse=True)
    mean = np.bincount(group, happened) / np.bincount(group)
    return np.asarray(mean[np.sort(group)])


def _count(n: int, percent: int) -> int:
    """How many customers are so many per cent of n, rounded up."""
    return -(-n * percent // 100)


def _shares(happened: Floats, percent: int) -> dict[str, Any]:
    count, total = _count(len(happened), percent), round(float(happened.sum()))
    hits = round(float(happened[:count].sum()))
    precision = share(hits, count)
    recall = share(hits, total) if total else (None, None, None)
    ends = ("", "_low", "_high")
    return {f"precision{end}": v for end, v in zip(ends, precision, strict=True)} | {
        f"recall{end}": v for end, v in zip(ends, recall, strict=True)
    }
