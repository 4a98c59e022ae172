"""The classifiers, simplest first, behind one interface: fit points and outcomes with a seed, predict probabilities.

None is told that one class is rarer: weights of classes give probabilities of another world (`imbalance` shows it).
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hm_assets.forecasts.inputs import KINDS, RECENCY, RFM
from hm_assets.segments.space import Floats
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.threads import one_thread


class Classifier(Protocol):
    """What a fit leaves."""

    def predict(self, x: Floats) -> Floats:
        """Probabilities (n) of points (n x axes)."""

    def as_json(self) -> dict[str, Any] | None:
        """As plain values, or None where only a pickle could hold it."""


@dataclass(frozen=True)
class Constant:
    """The same probability for everybody."""

    rate: float

    def predict(self, x: Floats) -> Floats:
        """See `Classifier`."""
        return np.full(len(x), self.rate)

    def as_json(self) -> dict[str, Any] | None:
        """See `Classifier`."""
        return {"kind": "constant", "rate": self.rate}


@dataclass(frozen=True)
class Logistic:
    """A weight per axis."""

    weights: tuple[float, ...]
    intercept: float

    def predict(self, x: Floats) -> Floats:
        """See `Classifier`."""
        from scipy.special import expit

        # Not `@`: BLAS adds in another order for another number of rows.
        return np.asarray(expit((x * np.array(self.weights)).sum(axis=1) + self.intercept))

    def as_json(self) -> dict[str, Any] | None:
        """See `Classifier`."""
        return {"kind": "logistic", "weights": list(self.weights), "intercept": self.intercept}


@dataclass(frozen=True)
class Boosted:
    """Trees in LightGBM's own text."""

    text: str

    @cached_property
    def booster(self) -> Any:
        """The trees, read once."""
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def predict(self, x: Floats) -> Floats:
        """See `Classifier`."""
        return np.asarray(self.booster.predict(x, num_threads=_threads(x, 0)), dtype=np.float64)

    def as_json(self) -> dict[str, Any] | None:
        """See `Classifier`."""
        return {"kind": "boosted", "text": self.text}


@dataclass(frozen=True)
class BoostedByXGBoost:
    """Trees in XGBoost's own JSON."""

    text: str

    @cached_property
    def _booster(self) -> Any:
        return _xgboost().Booster({"nthread": 1}, model_file=bytearray(self.text, "utf-8"))

    def predict(self, x: Floats) -> Floats:
        """See `Classifier`."""
        return np.asarray(self._booster.inplace_predict(x), dtype=np.float64)

    def as_json(self) -> dict[str, Any] | None:
        """See `Classifier`."""
        return {"kind": "xgboost", "text": self.text}


@dataclass(frozen=True)
class Unkept:
    """A scikit-learn model; it is compared with the others, and never kept: no server loads a pickle."""

    model: Any

    def predict(self, x: Floats) -> Floats:
        """See `Classifier`."""
        return np.asarray(self.model.predict_proba(x)[:, 1], dtype=np.float64)

    def as_json(self) -> dict[str, Any] | None:
        """See `Classifier`."""
        return None


def from_json(value: Mapping[str, Any]) -> Classifier:
    """The inverse of `as_json`."""
    if value["kind"] == "constant":
        return Constant(value["rate"])
    if value["kind"] == "logistic":
        return Logistic(tuple(value["weights"]), value["intercept"])
    if value["kind"] == "xgboost":
        return BoostedByXGBoost(value["text"])
    return Boosted(value["text"])


MANY_ROWS = 200_000
# Of a tree of the forest.
MOST_DRAWN = 20_000
END_OF_TREES = "end of trees\n"

Weights = Floats | None
Fit = Callable[[Floats, npt.NDArray[np.bool_], int, int, Weights], Classifier]
"""(points, outcomes, seed, threads, weights of the rows) -> classifier; both outcomes occur."""


def rate(outcomes: npt.NDArray[np.bool_]) -> Constant:
    """The share of those who did, drawn towards a half by one customer: never 0 or 1, nobody gives a half."""
    return Constant(float((outcomes.sum() + 0.5) / (len(outcomes) + 1)))


def _constant(x: Floats, y: npt.NDArray[np.bool_], seed: int, threads: int, weights: Weights) -> Classifier:
    return rate(y)


def _logistic(x: Floats, y: npt.NDArray[np.bool_], seed: int, threads: int, weights: Weights) -> Classifier:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(tol=1e-6, max_iter=1000).fit(x, y, weights)
    return Logistic(tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]))


def _boosted(x: Floats, y: npt.NDArray[np.bool_], seed: int, threads: int, weights: Weights) -> Classifier:
    import lightgbm

    parameters = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": max(20, len(x) // 500),
        "lambda_l2": 1.0,
        "feature_fraction": 0.8,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads,
        "verbosity": -1,
    }
    data = lightgbm.Dataset(x, y.astype(np.float64), weight=weights, params=parameters)
    text = lightgbm.train(parameters, data, num_boost_round=100).model_to_string()
    # What follows names the parameters, among them the threads of this machine; the trees are the same on any.
    return Boosted(text.partition(END_OF_TREES)[0] + END_OF_TREES)


def _xgboost() -> Any:
    try:
        import xgboost
    except ImportError as error:
        raise HmAssetsError(
            "The model of orders that was chosen is XGBoost's, which is not installed here: "
            'pip install "hm_assets[xgboost]", or make forecasts/scoreboard and forecasts/order_model anew.'
        ) from error
    return xgboost


def _boosted_by_xgboost(
    x: Floats, y: npt.NDArray[np.bool_], seed: int, threads: int, weights: Weights
) -> Classifier:
    xgboost = _xgboost()
    parameters = {
        "objective": "binary:logistic",
        "eta": 0.05,
        "max_leaves": 15,
        "grow_policy": "lossguide",
        "min_child_weight": max(20, len(x) // 500) / 4,
        "lambda": 1.0,
        "colsample_bynode": 0.8,
        "subsample": 0.8,
        "seed": seed,
        # Its threads add up in the order in which they finish, and it has no setting against that.
        "nthread": 1,
        "verbosity": 0,
    }
    data = xgboost.DMatrix(x, y, weight=weights, nthread=1)
    return BoostedByXGBoost(xgboost.train(parameters, data, 100).save_raw("json").decode())


def _forest(x: Floats, y: npt.NDArray[np.bool_], seed: int, threads: int, weights: Weights) -> Classifier:
    from sklearn.ensemble import RandomForestClassifier

    drawn = min(len(x), MOST_DRAWN)
    forest = RandomForestClassifier(
        100, min_samples_leaf=max(10, drawn // 500), max_samples=drawn, random_state=seed, n_jobs=threads
    )
    # Threads add up the trees' votes in the order in which they finish.
    return Unkept(forest.fit(x, y, weights).set_params(n_jobs=1))


def _network(x: Floats, y: npt.NDArray[np.bool_], seed: int, threads: int, weights: Weights) -> Classifier:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier((16,), alpha=0.01, batch_size=min(500, len(x)), max_iter=60, random_state=seed)
    with warnings.catch_warnings():
        # 60 rounds are meant as an early stop, which is what keeps it from learning the rows by heart.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return Unkept(network.fit(x, y, weights))


@dataclass(frozen=True)
class Algorithm:
    """A name, the columns that it sees, how it is fitted, and whether what it leaves can be kept as a file.

    `package` is what has to be installed besides, if anything.
    """

    name: str
    columns: Sequence[str]
    fit: Fit
    kept: bool = True
    baseline: bool = False
    package: str | None = None

    @property
    def installed(self) -> bool:
        """Whether it can be fitted here."""
        return self.package is None or find_spec(self.package) is not None


BASE_RATE, RECENCY_ONLY = "base_rate", "recency"
ALL = tuple(KINDS)
CATALOGUE = (
    Algorithm(BASE_RATE, RECENCY, _constant, baseline=True),
    Algorithm(RECENCY_ONLY, RECENCY, _logistic, baseline=True),
    Algorithm("rfm_logistic", RFM, _logistic),
    Algorithm("logistic", ALL, _logistic),
    Algorithm("lightgbm", ALL, _boosted),
    Algorithm("xgboost", ALL, _boosted_by_xgboost, package="xgboost"),
    Algorithm("random_forest", ALL, _forest, kept=False),
    Algorithm("neural_network", ALL, _network, kept=False),
)
"""Simplest first: of two that are as good, the earlier one is taken."""


def fitted(
    algorithm: Algorithm,
    x: Floats,
    y: npt.NDArray[np.bool_],
    seed: int,
    threads: int,
    weights: Weights = None,
) -> Classifier:
    """Fit points (n x axes) and outcomes (n); where all did the same there is nothing to tell apart: their rate."""
    if len(y) < 2 or y.all() or not y.any():
        return rate(y)
    with one_thread():
        return algorithm.fit(x, y, seed, _threads(x, threads), weights)


def _threads(x: Floats, threads: int) -> int:
    """One for few rows: threads that wait for each other on a busy machine took twenty times as long."""
    return threads if len(x) >= MANY_ROWS else 1
