"""A made-up month as the page of the forecasts reads it: three segments, one past day with every score."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.decisions.audiences import Reachable, budgets, thresholds
from hm_assets.forecasts.page.month import Outlook
from hm_assets.forecasts.why.shapley import Explained
from hm_assets.profiles.page.month import Month
from hm_assets_tests.forecasts.decisions.days import USUAL, judged
from hm_assets_tests.forecasts.why import models

AS_OF, MONTH, DAY = dt.date(2020, 9, 22), dt.date(2020, 9, 1), dt.date(2020, 5, 31)
NAMES = {1: "Champions: recent", 2: "Regulars: frequent", 3: "Dormant: lapsed"}
SIZES = {1: 200, 2: 300, 3: 500}
SHARES = {1: 0.9, 2: 0.6, 3: 0.2}
EVERYBODY = 0.46
PATHS = (
    *("segments", "segment_scores", "early_warning", "early_warning_scores", "timing_scoreboard", "churn_rules"),
    *("value_scoreboard", "scoreboard", "importance", "segment_reasons", "thresholds", "profit", "budgets"),
    *("demand", "demand_scores", "customers"),
)  # fmt: skip
VERSIONS = {f"forecasts/{name}": f"v-{name}" for name in PATHS} | {"features/customer_days": "v-days"}


def names(called: dict[int, str] | None = None) -> Month:
    return Month(
        profiles=[
            {
                "segment_id": i,
                "segment_name": name,
                "as_of": AS_OF,
                "kind": "size",
                "fact": fact,
                "value": value,
            }
            for i, name in (called or NAMES).items()
            for fact, value in (("customers", SIZES[i]), ("share_of_spend_365d", 0.5 / i))
        ]
    )


def measure(segment: object, name: str, value: float | None, unit: str = "share", customers: int = 0) -> dict:
    bounds = (
        (None, None) if value is None else (0.9 * value, min(1.1 * value, 1.0 if unit == "share" else 9e9))
    )
    return {
        **{"as_of": AS_OF, "segment": str(segment), "measure": name, "value": value, "unit": unit},
        **{"low": bounds[0], "high": bounds[1], "customers": customers or 1000},
    }


def segments() -> list[dict]:
    found = []
    for segment, p in [*SHARES.items(), (ALL, EVERYBODY)]:
        n = SIZES.get(segment, 1000)  # type: ignore[call-overload]
        for name, value, unit in (
            *((f"ordering_{h}d", p * h / 90, "share") for h in (30, 60, 90)),
            ("leaving_90d", 1 - p, "share"),
            *((v, p * f, "price index") for v, f in (("value_90d", 0.1), ("value_12m", 0.4))),
            *((f"{v}_sum", p * f * n, "price index") for v, f in (("value_90d", 0.1), ("value_12m", 0.4))),
            ("past_cadence", {1: 0.02, 2: 0.4, 3: 0.9}.get(segment, 0.574), "share"),  # type: ignore[call-overload]
            ("value_12m_of_new", 0.2, "price index"),
        ):
            few = 12 if (segment, name) == (3, "value_12m_of_new") else n
            found.append(measure(segment, name, value, unit, few))
    return found


def score(model: str, metric: str, value: float, horizon: int = 90, **more: Any) -> dict:
    baseline = model in ("base_rate", "recency", "naive")
    return {
        **{"as_of": DAY, "model": model, "horizon_days": horizon, "metric": metric, "value": value},
        **{"low": 0.95 * value, "high": 1.05 * value, "customers": 900, "base_rate": 0.5},
        **{"base_rate_year_before": 0.6, "baseline": baseline, "tenth": 0, "why": "it was best", **more},
        "chosen": model in ("logistic", "lightgbm_tweedie"),
    }


def demand() -> list[dict]:
    places = [(s, c) for s in (*map(str, NAMES), ALL) for c in ("Tops", "unknown", ALL)]
    return [
        {
            **{"as_of": AS_OF, "segment": s, "category": c, "months_ahead": h, "model": "seasonal_naive"},
            **{"forecast_month": dt.date(2020, 9 + h, 1), "last_whole_month": dt.date(2020, 8, 1)},
            **{"units": 100.0 * h, "low": 80.0 * h, "high": 120.0 * h, "units_a_year_before": 200.0 * h},
        }
        for s, c in places
        for h in (1, 2, 3)
    ]


@cache
def explained() -> Explained:
    from hm_assets.forecasts.why.shapley import explain

    return explain(models.fitted("logistic").model, models.customers("logistic"), models.MONTH)


@cache
def audiences() -> tuple[list[dict], list[dict]]:
    import numpy as np

    rng = np.random.default_rng(0)
    now = Reachable(rng.beta(2, 2, 1000), rng.gamma(1.0, 6.0, 1000), "value_12m")
    shares = [f"{name}{end}" for name in ("precision", "recall") for end in ("", "_low", "_high")]
    empty = dict.fromkeys(["value_at_risk", "cost", "profit", "profit_low", "profit_high", *shares])
    return [empty | row for row in thresholds(now, judged(), "good", USUAL)], list(budgets(now, USUAL))


def full(**changes: Any) -> Outlook:
    """A month in which everything is known."""
    rules = [
        {
            **{"as_of": day, "rule": rule, "metric": metric, "customers": 900},
            **{"value": value, "low": value - 0.02, "high": value + 0.02},
        }
        for day, rule, metric, value in (
            *((AS_OF, rule, "share", v) for rule, v in (("past_cadence", 0.3), ("past_90_days", 0.25))),
            *((DAY, rule, m, v) for rule in ("past_cadence", "past_90_days")
              for m, v in (("share", 0.3), ("precision", 0.8), ("recall", 0.7), ("quiet_share", 0.4))),
        )
    ]  # fmt: skip
    warned = [
        {"by": by, "group": group, "customers": many, "at_stake": stake, "suggestion": do, "value_from": "value_12m"}
        for by, group, many, stake, do in (
            (ALL, ALL, 60, 3.5, None),
            ("segment_id", "2", 40, 2.5, None),
            ("segment_id", "3", None, None, None),
            ("reason", "overdue", 40, 2.5, "Remind them."),
            ("reason", "falling", None, None, "Ask them."),
        )
    ]  # fmt: skip
    picks = [
        {
            **{"as_of": DAY, "pick": pick, "listed": 50, "customers": 800, "before_90_days": 0.5},
            **{"left": left, "left_low": left - 0.05, "left_high": left + 0.05, "lift": left / 0.4},
        }
        for pick, left in (("early_warning", 0.9), ("random", 0.4), ("ninety_days", 0.7))
    ]
    board = [
        score(model, metric, value)
        for model, values in (
            ("base_rate", (0.5, 0.25, 0.02, 0.5, 0.4)),
            ("recency", (0.7, 0.2, 0.03, 0.6, 0.6)),
            ("logistic", (0.8, 0.15, 0.025, 0.7, 0.7)),
        )
        for metric, value in zip(
            ("auc", "brier", "ece", "average_precision", "f1_weighted"), values, strict=True
        )
    ]
    value = [
        score(model, metric, v, horizon)
        for model, ratio in (("naive", 1.02), ("lightgbm_tweedie", 1.3))
        for horizon in (90, 365)
        for metric, v in (("mae", 0.1), ("spearman", 0.5), ("total_ratio", ratio), ("coverage_80", 0.7))
    ]
    windows = [
        {
            **{"segment": s, "customers": n, "next_order_low_50": 5.0, "next_order_high_50": 10.0 + n / 100},
            **{"next_order_low_80": 2.0, "next_order_high_80": 40.0},
        }
        for s, n in [*((str(i), n) for i, n in SIZES.items()), (ALL, 1000)]
    ]
    importance = [
        {
            **{"level": level, "name": name, "mean_points": size, "mean_points_low": size - 0.01},
            **{"mean_points_high": size + 0.01, "auc_loss": 0.1, "judged_as_of": DAY},
        }
        for level, name, size in (
            ("theme", "last order", 0.2),
            ("theme", "spend", 0.05),
            ("input", "recency_days", 0.15),
        )
    ]
    reasons = [
        {
            **{"as_of": AS_OF, "segment": str(s), "rank": rank, "theme": theme, "effect": effect},
            **{"share": share, "moved": round(share * SIZES.get(s, 1000)), "customers": SIZES.get(s, 1000)},
        }
        for s in (*SIZES, ALL)
        for rank, theme, effect, share in ((1, "last order", "lowers", 0.95), (2, "spend", "raises", 0.05))
    ]  # fmt: skip
    marks, spent = audiences()
    rows: dict[str, Any] = {
        "segments": segments(),
        "segment_scores": [
            {
                **{"as_of": DAY, "segment": ALL, "horizon_days": 90, "customers": 900, "expected": 0.5},
                **{"low": 0.45, "high": 0.55, "ordered": 0.52, "inside": True},
            }
        ],
        "warning_scores": picks,
        "timing": [
            {
                **{"as_of": DAY, "method": "waiting", "level": level, "of_whom": "all", "metric": "coverage"},
                **{"value": held, "low": held - 0.02, "high": held + 0.02, "customers": 500},
            }
            for level, held in ((50, 0.52), (80, 0.9))
        ],
        "rules": rules,
        "value_scores": value,
        "scoreboard": [*board, score("logistic", "mean_error", -0.02)],
        "importance": importance,
        "reasons": reasons,
        "thresholds": [row | {"as_of": AS_OF} for row in marks],
        "profit": [
            score(model, "emp", v) | {"best_by_money": v == 0.4, "words": "by money logistic"}
            for model, v in (("recency", 0.3), ("logistic", 0.4))
        ],
        "budgets": spent,
        "demand": demand(),
        "demand_scores": [
            {
                **{"level": "all", "segment": ALL, "category": ALL, "months_ahead": 1, "model": model, "mase": mase},
                **{"coverage_80": 0.8 if model == "published" else None, "origins": 6},
            }
            for model, mase in (("published", 1.2), ("seasonal_naive", 0.9))
        ],
        "periods": [
            {
                **{"period": period, "start": DAY, "end": AS_OF, "customers": 800, "spend_known": spent_then},
                **{"spend_new": 5.0, "ordered_30d": 200, "ordered_60d": 300, "ordered_90d": 400},
            }
            for period, spent_then in (("before", 40.0), ("year_before", 50.0))
        ],
        "windows": windows,
        "warned": warned,
        "explained": explained(),
    }  # fmt: skip
    return Outlook(names(), **(rows | changes))


def unknown() -> Outlook:
    """The same without a model: rows where the tables have some, their values empty."""
    empty: Sequence[dict] = [row | {"value": None, "low": None, "high": None} for row in segments()]
    return Outlook(names(), segments=empty)
