"""What is gained by treating the rarer outcome as if it were as common as the other, and what it costs.

Classes are weighted, or the rarer one is filled up with invented customers between real ones (SMOTE, Chawla et al.
2002; ADASYN, He et al. 2008), in what is learned and nowhere else: never in what is judged, and never before rows are
divided in time. A model that was taught another share promises that share, so each is judged as it is and recalibrated
on a later past day (isotonic regression; Platt's two numbers), beside the same model untreated. The outcome is an order
in 90 days.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.churn import algorithms, back_test, hazards
from hm_assets.forecasts.churn.algorithms import ALL, CATALOGUE, Weights
from hm_assets.forecasts.cutoffs import LONGEST, SHORTEST_HISTORY_DAYS, Fold, expanding_folds
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import examples, space_of
from hm_assets.forecasts.measures.scores import best_threshold, measured
from hm_assets.segments.space import Bools, Floats
from hm_assets.warehouse import beside
from hm_assets.warehouse.threads import one_thread

PLAIN, AS_IT_IS = "none", "none"
COMPARED = tuple(a for a in CATALOGUE if a.name in ("logistic", "lightgbm", "random_forest"))
# The nearest neighbours between which customers are invented; there must be more of the rarer outcome.
NEIGHBOURS = 5
MOST_LEARNED = 4_000

Taught = tuple[Floats, Bools, Weights]
"""Points, outcomes and weights that a classifier learns from."""


def _plain(x: Floats, y: Bools, seed: int) -> Taught:
    return x, y, None


def _weights(x: Floats, y: Bools, seed: int) -> Taught:
    share = y.mean()
    return x, y, np.where(y, 0.5 / share, 0.5 / (1 - share))


def _smote(x: Floats, y: Bools, seed: int) -> Taught:
    from imblearn.over_sampling import SMOTE

    return *_filled_up(SMOTE(k_neighbors=NEIGHBOURS, random_state=seed), x, y), None


def _adasyn(x: Floats, y: Bools, seed: int) -> Taught:
    from imblearn.over_sampling import ADASYN

    return *_filled_up(ADASYN(n_neighbors=NEIGHBOURS, random_state=seed), x, y), None


def _filled_up(sampler: Any, x: Floats, y: Bools) -> tuple[Floats, Bools]:
    rarer = min(int(y.sum()), int((~y).sum()))
    if rarer <= NEIGHBOURS:
        return x, y
    try:
        with one_thread():
            points, outcomes = sampler.fit_resample(x, y)
    except ValueError as error:
        # ADASYN refuses where the classes are as large as each other, or no neighbour is of the other one.
        if "No samples will be generated" in str(error) or "Not any neigbours" in str(error):
            return x, y
        raise
    return np.asarray(points, dtype=np.float64), np.asarray(outcomes, dtype=bool)


TREATMENTS: Mapping[str, Callable[[Floats, Bools, int], Taught]] = {
    PLAIN: _plain,
    "weights": _weights,
    "smote": _smote,
    "adasyn": _adasyn,
}


@dataclass(frozen=True)
class Stages:
    """Customers of days to fit on, of a later one to calibrate on, and of a still later one to be judged on."""

    fit: pa.Table
    calibrate: pa.Table
    judge: pa.Table


def run(
    features: ibis.Table, days: ibis.Table, effort: Effort, seed: int, threads: int, workers: int = 1
) -> list[dict[str, Any]]:
    """Rows of `forecasts/imbalance` without the month; none where the files are too short.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`; what they end with is the last that is known.
    effort
        How many folds and customers.
    seed, threads
        Of fits, resampling and intervals.
    workers
        Processes that share the folds.
    """
    dates, first, last = back_test.reach(features, days)
    begin, end = first + dt.timedelta(days=SHORTEST_HISTORY_DAYS), last - dt.timedelta(days=LONGEST)
    months = [month for month, day in sorted(dates.items()) if begin <= day <= end]
    if not months:
        return []
    rows = examples(features, days, months, first, last, effort.learned_customers)
    folds = expanding_folds([dates[month] for month in months], effort.folds, before=2)
    stages = [found for fold in folds if (found := staged(rows, fold)) is not None]
    work = partial(_rows, resamples=effort.resamples, seed=seed, threads=threads)
    return [row for rows_of in beside.each(work, stages, workers) for row in rows_of]


def _rows(stages: Stages, resamples: int, seed: int, threads: int) -> list[dict[str, Any]]:
    return list(judged(stages, resamples, seed, threads))


def staged(rows: pa.Table, fold: Fold) -> Stages | None:
    """A fold's customers, the judged ones of its first judged day; None where no day is left to calibrate on."""
    over = dt.timedelta(days=LONGEST)
    later = [day for day in fold.learned if fold.learned[0] + over <= day]
    if not later:
        return None
    fitted = _of(rows, [day for day in fold.learned if day + over <= later[-1]])
    some = fitted.take(np.arange(0, len(fitted), max(1, -(-len(fitted) // MOST_LEARNED))))
    return Stages(some, _of(rows, later[-1:]), _of(rows, fold.judged[:1]))


def judged(stages: Stages, resamples: int, seed: int, threads: int) -> Iterator[dict[str, Any]]:
    """Every treatment of every model, as it is and recalibrated; nothing where all did the same."""
    y = {name: hazards.ordered(getattr(stages, name))[:, -1] for name in ("fit", "calibrate", "judge")}
    if any(one.all() or not one.any() for one in (y["fit"], y["calibrate"])):
        return
    space = space_of(stages.fit, ALL)
    x = {name: space.transform(getattr(stages, name)) for name in y}
    for treatment, treat in TREATMENTS.items():
        taught = treat(x["fit"], y["fit"], seed)
        for algorithm in COMPARED:
            model = algorithms.fitted(algorithm, taught[0], taught[1], seed, threads, taught[2])
            said, held = model.predict(x["judge"]), model.predict(x["calibrate"])
            for way, p, before in recalibrated(said, held, y["calibrate"]):
                threshold = best_threshold(before, y["calibrate"])
                for metric, value in measured(p, y["judge"], resamples, seed, threshold).items():
                    yield {
                        "as_of": stages.judge["as_of"][0].as_py(),
                        "model": algorithm.name,
                        "treatment": treatment,
                        "recalibration": way,
                        "metric": metric,
                        **asdict(value),
                        "customers": len(y["judge"]),
                        "base_rate": float(y["judge"].mean()),
                        "learned_rows": len(y["fit"]),
                        "taught_share": float(np.average(taught[1], weights=taught[2])),
                        "baseline": treatment == PLAIN,
                    }


def recalibrated(said: Floats, held: Floats, happened: Bools) -> Iterator[tuple[str, Floats, Floats]]:
    """Ways to recalibrate: name, and what is then said of those judged and of those calibrated on.

    Parameters
    ----------
    said
        Probabilities of those judged (m).
    held, happened
        Probabilities and outcomes of those calibrated on (n); both outcomes occur.
    """
    from scipy.special import logit
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    yield AS_IT_IS, said, held
    steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(held, happened)
    yield "isotonic", steps.predict(said), steps.predict(held)
    odds = [logit(np.clip(p, 1e-6, 1 - 1e-6))[:, None] for p in (said, held)]
    with one_thread():
        line = LogisticRegression(C=1e6).fit(odds[1], happened)
    yield "platt", line.predict_proba(odds[0])[:, 1], line.predict_proba(odds[1])[:, 1]


def finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """In words: what each treatment changed on average over days and models, beside how sure a day's measure is."""
    days = {row["as_of"]: row["base_rate"] for row in rows}
    widths = [
        (row["high"] - row["low"]) / 2 for row in rows if row["metric"] == "auc" and row["low"] is not None
    ]
    sure = f"; the interval of a day's AUC is {np.mean(widths):.3f} either way" if widths else ""
    said = [
        f"{len(days)} past days, {min(days.values()):.0%} to {max(days.values()):.0%} ordered within {LONGEST} days; "
        f"changes against the untreated model{sure}"
    ]
    for treatment in list(TREATMENTS)[1:]:
        auc, f1, brier = (
            _change(rows, treatment, name, AS_IT_IS) for name in ("auc", "f1_weighted", "brier")
        )
        after = _change(rows, treatment, "brier", "platt")
        said.append(
            f"{treatment}: AUC {auc:+.3f}, weighted F1 {f1:+.3f}, Brier score {brier:+.4f} and {after:+.4f} after Platt"
        )
    return "; ".join(said)


def _change(rows: Sequence[Mapping[str, Any]], treatment: str, metric: str, recalibration: str) -> float:
    def mean(name: str) -> float:
        found = [
            row["value"]
            for row in rows
            if (row["treatment"], row["metric"], row["recalibration"]) == (name, metric, recalibration)
            and row["value"] is not None
        ]
        return float(np.mean(found)) if found else float("nan")

    return mean(treatment) - mean(PLAIN)


def _of(rows: pa.Table, days: Sequence[dt.date]) -> pa.Table:
    return rows.filter(pc.is_in(rows["as_of"], value_set=pa.array(days, pa.date32())))
