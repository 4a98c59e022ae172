"""How a series of at most some 25 months goes on: plain rules, and three models of statsmodels on log units.

Simplest first. Nothing with a season is said before a year is known, and no season is fitted before two.

- `last_month`, `seasonal_naive` (the same month of last year), `drift` (the mean change goes on): Hyndman and
  Athanasopoulos 2021, Forecasting: Principles and Practice, 5.2.
- `seasonal_growth`: the same month of last year times what the last three months are of the same three a year before.
- `exponential_smoothing`: damped trend, with a season from two years (Gardner and McKenzie 1985).
- `theta`: Assimakopoulos and Nikolopoulos 2000.
- `seasonal_smoothing`: last year's month with the exponentially smoothed change on last year: ARIMA (0,1,1)(0,1,0)12 in
  a tenth of its time (Hyndman and Athanasopoulos 2021, 9.10).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hm_assets.segments.space import Floats

YEAR = 12
RECENT = 3
# A fit to so few months can run away: more than three times the best month so far is not believed.
MOST_TIMES = 3.0


def last_month(units: Floats, steps: int) -> Floats:
    """As the last month was."""
    return np.full(steps, units[-1])


def seasonal_naive(units: Floats, steps: int) -> Floats:
    """As the same calendar month was, the last time that it is known."""
    return np.asarray(units[[len(units) - YEAR + step % YEAR for step in range(steps)]])


def drift(units: Floats, steps: int) -> Floats:
    """The mean change of all months goes on."""
    return np.asarray(units[-1] + np.arange(1, steps + 1) * (units[-1] - units[0]) / (len(units) - 1))


def seasonal_growth(units: Floats, steps: int) -> Floats:
    """The same month of last year, times the growth of the last three months over the same a year before."""
    before = units[-RECENT - YEAR : -YEAR].sum()
    return seasonal_naive(units, steps) * (units[-RECENT:].sum() / before if before > 0 else 1.0)


def exponential_smoothing(units: Floats, steps: int) -> Floats:
    """Holt-Winters with a damped trend."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    season = {"seasonal": "add", "seasonal_periods": YEAR} if len(units) >= 2 * YEAR else {}
    model = ExponentialSmoothing(
        np.log1p(units), trend="add", damped_trend=True, initialization_method="estimated", **season
    )
    return np.asarray(np.expm1(model.fit().forecast(steps)))


def theta(units: Floats, steps: int) -> Floats:
    """The theta method, with the season taken out from two years on."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    seasonal = len(units) >= 2 * YEAR
    model = ThetaModel(np.log1p(units), period=YEAR, deseasonalize=seasonal, method="additive")
    return np.asarray(np.expm1(model.fit().forecast(steps)))


def seasonal_smoothing(units: Floats, steps: int) -> Floats:
    """Last year's month with the smoothed change on last year."""
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    logs = np.log1p(units)
    fit = SimpleExpSmoothing(logs[YEAR:] - logs[:-YEAR], initialization_method="estimated").fit()
    return np.asarray(np.expm1(seasonal_naive(logs, steps) + fit.forecast(steps)))


@dataclass(frozen=True)
class Model:
    """A way to go on, the months it needs before, and whether it needs no fit."""

    name: str
    go_on: Callable[[Floats, int], Floats]
    fewest: int
    plain: bool


MODELS = (
    Model("last_month", last_month, 1, True),
    Model("seasonal_naive", seasonal_naive, YEAR, True),
    Model("drift", drift, 2, True),
    Model("seasonal_growth", seasonal_growth, YEAR + RECENT, True),
    Model("exponential_smoothing", exponential_smoothing, 6, False),
    Model("theta", theta, 6, False),
    Model("seasonal_smoothing", seasonal_smoothing, YEAR + RECENT, False),
)
NAMES = tuple(model.name for model in MODELS)


def go_on(units: Floats, steps: int) -> Floats:
    """What every model says of the months after a series (models x steps), NaN where it cannot.

    Parameters
    ----------
    units
        Units of consecutive months, oldest first; at least one. What is new begins with its first sale: a year before
        that tells nothing of its season.
    steps
        How many months.
    """
    found = np.full((len(MODELS), steps), np.nan)
    units = units[int((units > 0).argmax()) :]
    same = bool((units == units[0]).all())
    for k, model in enumerate(MODELS):
        if len(units) < model.fewest:
            continue
        # Nothing can be fitted to what never changes, and there is nothing to fit.
        said = np.full(steps, units[0]) if same else _said(model, units, steps)
        if np.isfinite(said).all():
            found[k] = np.clip(said, 0.0, MOST_TIMES * units.max())
    return found


def _said(model: Model, units: Floats, steps: int) -> Floats:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # A fit that did not converge is judged by what it says, like any other.
        warnings.simplefilter("ignore")
        try:
            return model.go_on(units, steps)
        except (np.linalg.LinAlgError, ValueError):
            if model.plain:
                raise
            return np.full(steps, np.nan)
