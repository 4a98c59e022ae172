"""What each model would have said on past days, beside what happened: the scoreboard's rows, and the model to take."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.churn import hazards
from hm_assets.forecasts.churn.hazards import Forecaster
from hm_assets.forecasts.churn.models import MODELS, RECENCY, Known, Model, installed
from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST, Split, split
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.measures.scores import THRESHOLDED, best_threshold, measured
from hm_assets.forecasts.outcomes import known_on
from hm_assets.segments.lab import back_test as lab
from hm_assets.segments.space import Floats
from hm_assets.warehouse import beside
from hm_assets.warehouse.calendar import add_months, as_of_dates


@dataclass(frozen=True)
class Predicted:
    """A past day: who was judged (n), and what each model said (n x horizons).

    Attributes
    ----------
    learned
        Customers of past days that the models learned from.
    thresholds
        Of each model for each horizon: the probability from which an order is expected, chosen on the latest past day
        that it learned from.
    year_before
        The share that ordered within each horizon after the same month of the year before, where that is known.
    """

    as_of: dt.date
    month: dt.date
    rows: pa.Table
    p: Mapping[str, Floats]
    learned: int
    thresholds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    year_before: Sequence[float | None] = (None,) * len(HORIZONS)

    def losses(self, name: str) -> Floats:
        """Squared errors of a model, mean over horizons (n)."""
        return np.asarray(((self.p[name] - hazards.ordered(self.rows)) ** 2).mean(axis=1))


def run(
    features: ibis.Table,
    days: ibis.Table,
    effort: Effort,
    seed: int,
    threads: int,
    months: Sequence[dt.date] | None = None,
    workers: int = 1,
) -> list[Predicted]:
    """Every model on the latest past days that can be judged (or on these months), the latest first.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`; what they end with is the last that is known.
    effort
        How many days and customers.
    seed, threads
        Of the classifiers.
    months
        Instead of the latest ones.
    workers
        Processes that share the days.

    Raises
    ------
    ValueError
        One of `months` has no 90 days after it.
    """
    dates, first_day, last_day = reach(features, days)
    chosen = judged_months(dates, first_day, last_day, effort.cut_offs) if months is None else months
    for month in chosen:
        if dates[month] + dt.timedelta(days=LONGEST) > last_day:
            raise ValueError(
                f"{month:%Y-%m}: the {LONGEST} days after {dates[month]} are not over on {last_day}"
            )
    splits = {month: split(dates, month, first_day) for month in chosen}
    learned = sorted({month for known in splits.values() for month in known.learned})
    if not learned:
        return []
    # One look at the tables for all days; each day then forgets what came after it.
    past = examples(features, days, learned, first_day, last_day, effort.learned_customers)
    judged = examples(features, days, chosen, first_day, last_day, effort.judged_customers)
    asked = (
        (_of_months(past, known.learned), _of(judged, month), month, known) for month, known in splits.items()
    )
    return list(beside.each(partial(_predicted, seed=seed, threads=threads), asked, workers))


def _predicted(asked: tuple[pa.Table, pa.Table, dt.date, Split], seed: int, threads: int) -> Predicted:
    return predicted(*asked, seed, threads)


def reach(features: ibis.Table, days: ibis.Table) -> tuple[dict[dt.date, dt.date], dt.date, dt.date]:
    """As-of day of each month with customers, and the first and last day with a line."""
    months = features.select("month").distinct().to_pyarrow()["month"].to_pylist()
    (ends,) = days.aggregate(first=days.t_dat.min(), last=days.t_dat.max()).to_pyarrow().to_pylist()
    none = dt.date.min
    return as_of_dates(features, months), ends["first"] or none, ends["last"] or none


def judged_months(
    dates: Mapping[dt.date, dt.date], first_day: dt.date, last_day: dt.date, most: int
) -> list[dt.date]:
    """The latest months with 90 days after them and past days to learn from, three months apart, latest first."""
    return [m for m in lab.cut_offs(dates, last_day, most) if split(dates, m, first_day).teaches]


def predicted(
    past: pa.Table,
    judged: pa.Table,
    month: dt.date,
    known: Split,
    seed: int,
    threads: int,
    models: Sequence[Model] | None = None,
) -> Predicted:
    """Fit every model for one past day on what was known then, and let it say what comes.

    Parameters
    ----------
    past, judged
        `inputs.examples` of at least the months that may be learned from, and of at least `month`.
    month, known
        The judged month; its day, and what may be learned from.
    seed, threads
        Of the fits.
    models
        All that are installed, if not given.
    """
    then, rows = known_on(_of_months(past, known.learned), known.as_of), _of(judged, month)
    day = Known(then, known_on(rows, known.as_of), seed, threads)
    said, thresholds = {}, {}
    for model in installed() if models is None else models:
        fitted = day.fitted(model)
        said[model.name] = fitted.predict(rows, month)
        thresholds[model.name] = [_threshold(fitted, then, k) for k in range(len(HORIZONS))]
    before = [_share(_of(then, add_months(month, -12)), k) for k in range(len(HORIZONS))]
    return Predicted(known.as_of, month, rows, said, then.num_rows, thresholds, before)


def _of_months(rows: pa.Table, months: Iterable[dt.date]) -> pa.Table:
    return rows.filter(pc.is_in(rows["month"], value_set=pa.array(list(months), pa.date32())))


def _of(rows: pa.Table, month: dt.date) -> pa.Table:
    return rows.filter(pc.equal(rows["month"], pa.scalar(month, pa.date32())))


def _threshold(fitted: Forecaster, past: pa.Table, horizon: int) -> float:
    over = past.filter(pc.greater_equal(past["days_known"], HORIZONS[horizon]))
    latest = pc.max(over["month"]).as_py()
    rows = _of(over, latest)
    return best_threshold(fitted.predict(rows, latest)[:, horizon], hazards.ordered(rows)[:, horizon])


def _share(rows: pa.Table, horizon: int) -> float | None:
    over = rows.filter(pc.greater_equal(rows["days_known"], HORIZONS[horizon]))
    return float(hazards.ordered(over)[:, horizon].mean()) if len(over) else None


def scores(predicted: Predicted, resamples: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/scoreboard` of one past day, without the choice."""
    happened = hazards.ordered(predicted.rows)
    for model in MODELS:
        if model.name not in predicted.p:
            continue
        for k, horizon in enumerate(HORIZONS):
            threshold = predicted.thresholds[model.name][k]
            # The same draws of customers for every model.
            found = measured(predicted.p[model.name][:, k], happened[:, k], resamples, seed, threshold)
            for metric, value in found.items():
                yield {
                    "as_of": predicted.as_of,
                    "model": model.name,
                    "horizon_days": horizon,
                    "metric": metric,
                    **asdict(value),
                    "threshold": threshold if metric == THRESHOLDED else None,
                    "customers": len(happened),
                    "base_rate": float(happened[:, k].mean()) if len(happened) else None,
                    "base_rate_year_before": predicted.year_before[k],
                    "learned_rows": predicted.learned,
                    "baseline": model.baseline,
                }


@dataclass(frozen=True)
class Choice:
    """The model to take, and why, in words."""

    name: str
    why: str


def choose(judged: Sequence[Predicted], models: Sequence[Model] | None = None) -> Choice:
    """The simplest model that is within one standard error of the best (Breiman et al. 1984), by Brier score.

    The standard error is that of the mean difference to the best over the same customers. What only a pickle could hold
    is compared, and not taken. `models` are those that were judged, if not given.

    Raises
    ------
    ValueError
        No past day was judged.
    """
    if not judged:
        raise ValueError("no past day has been judged")
    if models is None:
        models = [model for model in MODELS if model.name in judged[0].p]
    mean = {a.name: float(np.mean([day.losses(a.name).mean() for day in judged])) for a in models}
    kept = [a for a in models if a.kept]
    best = min(kept, key=lambda a: mean[a.name])
    taken = next(
        a for a in kept if mean[a.name] - mean[best.name] <= _standard_error(judged, a.name, best.name)
    )
    gain = mean[RECENCY.name] - mean[taken.name]
    error = _standard_error(judged, RECENCY.name, taken.name)
    said = [
        f"{taken.name}: Brier score {mean[taken.name]:.4f}, mean of {len(judged)} past days and the horizons"
    ]
    if taken.name == RECENCY.name:
        said.append("nothing that was tried is better than the days since the last order alone")
    else:
        beyond = "beyond" if gain > 2 * error else "not beyond"
        said.append(
            f"{gain:+.4f} better than recency alone, which is {beyond} two standard errors ({error:.4f})"
        )
    if taken is not best:
        said.append(f"{best.name} has {mean[best.name]:.4f}, within one standard error, and is less simple")
    better = [a.name for a in models if not a.kept and mean[a.name] < mean[taken.name]]
    if better:
        listed = ", ".join(f"{name} ({mean[name]:.4f})" for name in better)
        said.append(f"lower, but kept in no file: {listed}")
    return Choice(taken.name, "; ".join(said))


def _standard_error(judged: Sequence[Predicted], one: str, other: str) -> float:
    """Of the mean difference of two models' losses, over days and customers; a day by itself is not noise here."""
    variances = []
    for day in judged:
        difference = day.losses(one) - day.losses(other)
        variances.append(difference.var() / max(len(difference), 1))
    return float(np.sqrt(sum(variances)) / len(judged))
