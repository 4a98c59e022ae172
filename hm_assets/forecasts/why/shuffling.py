"""Permutation importance: what a model loses on a past day when an input is shuffled among customers (Breiman 2001)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn import back_test, hazards
from hm_assets.forecasts.churn.hazards import Hazards
from hm_assets.forecasts.churn.models import Known, named
from hm_assets.forecasts.cutoffs import split
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.measures.scores import LEVEL, Judged, Measured, auc
from hm_assets.forecasts.outcomes import known_on
from hm_assets.segments.space import Bools, Floats
from hm_assets.warehouse import beside

SHUFFLES = 5
# Customers that are shuffled, at most: every input and every theme is shuffled several times.
MOST = 10_000


@dataclass(frozen=True)
class Past:
    """A model fitted for a past day on what was known then, and whom it is judged on (rows with their outcome)."""

    as_of: dt.date
    month: dt.date
    model: Hazards
    rows: pa.Table


def latest(
    features: ibis.Table, days: ibis.Table, name: str, effort: Effort, seed: int, threads: int
) -> Past | None:
    """The algorithm of that name on the latest past day that can be judged; None where there is no such day.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`; what they end with is the last that is known.
    name
        Of the algorithm, a model of inputs.
    effort
        How many customers.
    seed, threads
        Of the fit.
    """
    dates, first_day, last_day = back_test.reach(features, days)
    months = back_test.judged_months(dates, first_day, last_day, 1)
    if not months:
        return None
    known = split(dates, months[0], first_day)
    past = examples(features, days, list(known.learned), first_day, known.as_of, effort.learned_customers)
    rows = examples(features, days, months, first_day, last_day, min(effort.judged_customers, MOST))
    model = named(name).fit(Known(past, known_on(rows, known.as_of), seed, threads))
    return Past(known.as_of, months[0], cast(Hazards, model), rows)


def losses(
    past: Past, groups: Mapping[str, Sequence[str]], resamples: int, seed: int, workers: int = 1
) -> dict[str, dict[str, Measured]]:
    """What shuffling each group of inputs together costs: `brier` (its rise) and `auc` (its fall), at 90 days.

    The value is the mean of the shufflings; each draw of customers of the interval is measured on one of them in turn.

    Parameters
    ----------
    past
        See `latest`.
    groups
        Name -> columns that are shuffled as one.
    resamples, seed
        Of the shufflings and the intervals.
    workers
        Processes that share the groups.
    """
    happened = hazards.ordered(past.rows)[:, -1]
    n = len(happened)
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(n) for _ in range(SHUFFLES)]
    drawn = [np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64) for _ in range(resamples)]
    p = past.model.predict(past.rows, past.month)[:, -1]
    usual = _Scored.of(p, happened, drawn)
    lost = partial(_lost, past=past, happened=happened, orders=orders, drawn=drawn, usual=usual)
    shares = [{name: groups[name] for name in list(groups)[share::workers]} for share in range(workers)]
    found = {
        name: measured for share in beside.each(lost, shares, workers) for name, measured in share.items()
    }
    return {name: found[name] for name in groups}


def _lost(
    groups: Mapping[str, Sequence[str]],
    past: Past,
    happened: Bools,
    orders: Sequence[np.ndarray],
    drawn: Sequence[Floats],
    usual: "_Scored",
) -> dict[str, dict[str, Measured]]:
    found = {}
    for name, columns in groups.items():
        shuffled = [
            _Scored.of(past.model.predict(_shuffled(past.rows, columns, order), past.month)[:, -1], happened)
            for order in orders
        ]
        found[name] = {
            "brier": _measured(
                [each.brier(None) - usual.brier(None) for each in shuffled],
                [shuffled[i % SHUFFLES].brier(w) - usual.briers[i] for i, w in enumerate(drawn)],
            ),
            "auc": _measured(
                [usual.auc(None) - each.auc(None) for each in shuffled],
                [usual.aucs[i] - shuffled[i % SHUFFLES].auc(w) for i, w in enumerate(drawn)],
            ),
        }
    return found


@dataclass(frozen=True)
class _Scored:
    """Predictions in their order, to be measured on any draw of customers; with the figures of some draws."""

    judged: Judged
    order: np.ndarray
    squares: Floats
    briers: Sequence[float] = ()
    aucs: Sequence[float] = ()

    @classmethod
    def of(cls, p: Floats, happened: Bools, drawn: Sequence[Floats] = ()) -> "_Scored":
        plain = cls(Judged.of(p, happened), np.argsort(p, kind="stable"), (p - happened) ** 2)
        return cls(
            plain.judged,
            plain.order,
            plain.squares,
            [plain.brier(w) for w in drawn],
            [plain.auc(w) for w in drawn],
        )

    def brier(self, weights: Floats | None) -> float:
        return float(np.average(self.squares, weights=weights)) if len(self.squares) else float("nan")

    def auc(self, weights: Floats | None) -> float:
        return auc(self.judged, np.ones(len(self.order)) if weights is None else weights[self.order])


def _shuffled(rows: pa.Table, columns: Sequence[str], order: np.ndarray) -> pa.Table:
    for column in columns:
        place = rows.column_names.index(column)
        rows = rows.set_column(place, rows.schema.field(column), rows[column].take(pa.array(order)))
    return rows


def _measured(values: Sequence[float], drawn: Sequence[float]) -> Measured:
    """The mean of values, and the limits that hold 95 % of the draws; None where it is not defined."""
    value, known = float(np.mean(values)), np.array([each for each in drawn if not np.isnan(each)])
    if np.isnan(value) or not len(known):
        return Measured(None if np.isnan(value) else value, None, None)
    low, high = np.quantile(known, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Measured(value, float(low), float(high))
