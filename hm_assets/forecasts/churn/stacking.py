"""A stack: a logistic regression on the log odds that several classifiers give (Wolpert 1992), ordered in time.

How much each is trusted is learned from days that none of them had seen: fitted on earlier cut-offs, they forecast a
later one, whose outcome is over by now. Never from folds of customers, who share their season with those learned from.
What is combined at last are the classifiers that were fitted on everything. No part is trusted less than not at all
(Breiman 1996, "Stacked regressions"): of classifiers that say nearly the same, one would be set against another. And
there is no constant: how many order in all on a past day is that day's season.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.churn import hazards
from hm_assets.forecasts.churn.algorithms import CATALOGUE, Algorithm, Logistic
from hm_assets.forecasts.churn.hazards import Hazards
from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST, Fold, expanding_folds
from hm_assets.segments.space import Bools, Floats

NAMES = ("logistic", "lightgbm", "xgboost", "random_forest", "neural_network")
PARTS = tuple(algorithm for algorithm in CATALOGUE if algorithm.name in NAMES)
# The latest folds, and rows that the parts learn from in each: a handful of weights needs no more.
FOLDS, ROWS = 2, 5_000


@dataclass(frozen=True)
class Stack:
    """Fitted classifiers, and for each interval how far each is trusted (`trust` is a line over their log odds)."""

    parts: tuple[Hazards, ...]
    trust: tuple[Logistic, ...]

    def predict(self, rows: pa.Table, month: dt.date) -> Floats:
        """See `hazards.Forecaster`."""
        said = _log_odds(self.parts, rows, month)
        return hazards.together(np.column_stack([line.predict(said[k]) for k, line in enumerate(self.trust)]))


def fit(
    parts: Sequence[Hazards], algorithms: Sequence[Algorithm], past: pa.Table, seed: int, threads: int
) -> Stack:
    """Learn how far to trust classifiers.

    Parameters
    ----------
    parts
        Classifiers fitted on all of `past`.
    algorithms
        How each of them is fitted.
    past
        `inputs.examples` of past days.
    seed, threads
        Of the classifiers.
    """
    known = past.filter(pc.greater_equal(past["days_known"], LONGEST))
    folds = expanding_folds(known["as_of"].unique().to_pylist())
    held = [one for fold in folds[-FOLDS:] for one in _foretold(algorithms, known, fold, seed, threads)]
    return Stack(tuple(parts), tuple(_trust(held, k, len(parts)) for k in range(len(HORIZONS))))


Held = tuple[Floats, Bools, Bools]
"""Of the customers of a day that was held back: what each part said in each interval (intervals x n x parts, log odds),
of whom the interval tells something and who ordered in it (n x intervals)."""


def _foretold(
    algorithms: Sequence[Algorithm], known: pa.Table, fold: Fold, seed: int, threads: int
) -> Iterator[Held]:
    learned = _of(known, fold.learned)
    some = learned.take(np.arange(0, len(learned), -(-len(learned) // ROWS)))
    fitted = [hazards.fit(algorithm, some, seed, threads) for algorithm in algorithms]
    for day in fold.judged:
        people = _of(known, [day])
        yield _log_odds(fitted, people, people["month"][0].as_py()), *hazards.at_risk(people)


def _of(rows: pa.Table, days: Sequence[dt.date]) -> pa.Table:
    return rows.filter(pc.is_in(rows["as_of"], value_set=pa.array(days, pa.date32())))


def _log_odds(parts: Sequence[Hazards], rows: pa.Table, month: dt.date) -> Floats:
    from scipy.special import logit

    said = [logit(np.clip(part.in_season(rows, month), 1e-6, 1 - 1e-6)) for part in parts]
    return np.stack(said, axis=-1).transpose(1, 0, 2)


def _trust(held: Sequence[Held], interval: int, parts: int) -> Logistic:
    """The line for an interval; the mean of the log odds where no past day tells."""
    x = np.concatenate(
        [np.zeros((0, parts)), *(said[interval][asked[:, interval]] for said, asked, _ in held)]
    )
    y = np.concatenate([np.zeros(0, bool), *(done[asked[:, interval], interval] for _, asked, done in held)])
    even = np.full(parts, 1 / parts)
    return Logistic(tuple(map(float, even if y.all() or not y.any() else _line(x, y, even))), 0.0)


def _line(x: Floats, y: Bools, start: Floats) -> Floats:
    """Weights of 0 or more that make the outcomes most likely, drawn towards 0 as by one customer."""
    from scipy.optimize import minimize

    def downhill(weights: Floats) -> tuple[float, Floats]:
        said = (x * weights).sum(axis=1)
        wrong = 1 / (1 + np.exp(-said)) - y
        loss = np.logaddexp(0.0, said).sum() - said[y].sum() + (weights**2).sum() / 2
        return float(loss) / len(y), ((x * wrong[:, None]).sum(axis=0) + weights) / len(y)

    found = minimize(downhill, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(start))
    return np.asarray(found.x)
