"""What each model of value would have said on past days, beside what was spent: the rows of the scoreboard."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn.back_test import judged_months, reach
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.measures.scores import Measured
from hm_assets.forecasts.measures.value_scores import measured, tenths
from hm_assets.forecasts.value import season
from hm_assets.forecasts.value.buying import Buying
from hm_assets.forecasts.value.forecast import Forecast, History, fitted
from hm_assets.forecasts.value.models import CATALOGUE, Model
from hm_assets.forecasts.value.spending import VALUE_HORIZONS, by_month, column, examples, over
from hm_assets.segments.space import Floats, numbers
from hm_assets.warehouse import beside

LOG_LOSS = "order_log_loss"
"""Minus the mean log-likelihood of who orders within 90 days and who does not: judges P(active)."""


@dataclass(frozen=True)
class Said:
    """A model's values of n customers with their limits."""

    value: Floats
    low: Floats
    high: Floats
    extrapolated: bool


@dataclass(frozen=True)
class Judged:
    """A past day: who was judged (n), and what each model said within each horizon whose days are over."""

    as_of: dt.date
    month: dt.date
    rows: pa.Table
    said: Mapping[tuple[str, int], Said]
    p_order: Mapping[str, Floats]
    learned: int

    def spent(self, horizon: int) -> Floats:
        """True spend within so many days (n)."""
        return numbers(self.rows, column(horizon))


def run(
    features: ibis.Table,
    days: ibis.Table,
    effort: Effort,
    seed: int,
    threads: int,
    months: Sequence[dt.date] | None = None,
    catalogue: tuple[Model, ...] = CATALOGUE,
    workers: int = 1,
) -> list[Judged]:
    """Every model on the latest past days that can be judged (or on these months), the latest first.

    Besides the latest days, the latest one that has 365 days after it is judged: only there is a year of value.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`; what they end with is the last that is known.
    effort
        How many days and customers.
    seed, threads
        Of the models.
    months
        Instead of the latest ones; each with 90 days after it.
    catalogue
        The models.
    workers
        Processes that share the days.

    Raises
    ------
    ValueError
        One of `months` has no 90 days after it.
    """
    dates, first_day, last_day = reach(features, days)
    chosen = (
        list(months) if months is not None else judged_months(dates, first_day, last_day, effort.cut_offs)
    )
    if months is None and chosen:
        chosen += [month for month in _with_a_year(dates, first_day, last_day) if month not in chosen]
    for month in chosen:
        if dates[month] + dt.timedelta(days=LONGEST) > last_day:
            raise ValueError(
                f"{month:%Y-%m}: the {LONGEST} days after {dates[month]} are not over on {last_day}"
            )
    if not chosen:
        return []
    past = [month for month in dates if month <= max(chosen)]
    rows = examples(features, days, past, first_day, last_day, effort.learned_customers)
    judged = examples(features, days, chosen, first_day, last_day, effort.judged_customers)
    whole = History(rows, {month: dates[month] for month in past}, first_day, {})
    spent = season.totals(days, first_day, last_day)
    here = by_month(judged)
    histories = ((month, whole.until(month, season.effects(spent, month))) for month in chosen)
    asked = (
        (history, judged.filter(pa.array(here[month])), month)
        for month, history in histories
        if history.teaches(month)
    )
    work = partial(_predicted, seed=seed, threads=threads, catalogue=catalogue)
    return list(beside.each(work, asked, workers))


def _predicted(
    asked: tuple[History, pa.Table, dt.date], seed: int, threads: int, catalogue: tuple[Model, ...]
) -> Judged:
    return predicted(*asked, seed, threads, catalogue)


def _with_a_year(dates: Mapping[dt.date, dt.date], first_day: dt.date, last_day: dt.date) -> list[dt.date]:
    told = {m: day for m, day in dates.items() if day + dt.timedelta(days=VALUE_HORIZONS[-1]) <= last_day}
    return judged_months(told, first_day, last_day, 1)


def predicted(
    history: History,
    rows: pa.Table,
    month: dt.date,
    seed: int,
    threads: int,
    catalogue: tuple[Model, ...] = CATALOGUE,
) -> Judged:
    """Fit every model for one past day on what was known then, and let it say what is spent.

    Parameters
    ----------
    history
        As it was known on the day (`History.until`).
    rows
        `spending.examples` of the month, with what came later.
    month, seed, threads, catalogue
        See `forecast.fitted`.
    """
    forecasts = fitted(history, month, catalogue, seed, threads)
    horizons = [h for h in VALUE_HORIZONS if over(rows, h).all()]
    said = {
        (name, h): _said(forecast, rows, month, h) for name, forecast in forecasts.items() for h in horizons
    }
    buyings = {name: one.spender for name, one in forecasts.items() if isinstance(one.spender, Buying)}
    p_order = {name: one.p_order(rows) for name, one in buyings.items()}
    learned = history.learned_rows(month).num_rows
    return Judged(history.dates[month], month, rows, said, p_order, learned)


def _said(forecast: Forecast, rows: pa.Table, month: dt.date, horizon: int) -> Said:
    value = forecast.value(rows, month, horizon)
    low, high = forecast.interval(value, horizon)
    return Said(value, low, high, forecast.extrapolated and horizon != LONGEST)


def log_loss(p: Floats, happened: Floats) -> float:
    """Minus the mean log-likelihood of outcomes (n, 0 or 1) under probabilities (n)."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-(happened * np.log(p) + (1 - happened) * np.log(1 - p)).mean())


def scores(judged: Judged, resamples: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/value_scoreboard` of one past day, without the choice."""
    baseline = {model.name: model.baseline for model in CATALOGUE}
    for (name, horizon), said in judged.said.items():
        told = {
            "as_of": judged.as_of,
            "model": name,
            "horizon_days": horizon,
            "customers": judged.rows.num_rows,
            "learned_rows": judged.learned,
            "baseline": baseline.get(name, False),
            "extrapolated": said.extrapolated,
        }
        # The same draws of customers for every model.
        found = measured(said.value, said.low, said.high, judged.spent(horizon), resamples, seed)
        if horizon == LONGEST and name in judged.p_order and judged.rows.num_rows:
            ordered = (judged.spent(LONGEST) > 0).astype(np.float64)
            found[LOG_LOSS] = Measured(log_loss(judged.p_order[name], ordered), None, None)
        for metric, value in found.items():
            yield {**told, "tenth": 0, "metric": metric, **asdict(value)}
        for tenth, (customers, *means) in enumerate(tenths(said.value, judged.spent(horizon)), start=1):
            mine = {**told, "tenth": tenth, "customers": customers}
            for metric, mean in zip(("predicted", "spent"), means, strict=True):
                yield {**mine, "metric": metric, "value": mean}
