"""Every model of P(order) behind one interface: it is fitted on what was known on a day, and says n x horizons.

Classifiers learn from past days and what came after them, models of buying from everybody's history up to the day, and
a stack from the classifiers. Each is fitted once for a day, also where a stack is made of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow as pa

from hm_assets.forecasts.buyers.known import FITS
from hm_assets.forecasts.churn import buying, hazards, stacking
from hm_assets.forecasts.churn.algorithms import CATALOGUE, RECENCY_ONLY, Algorithm
from hm_assets.forecasts.churn.buying import Buying
from hm_assets.forecasts.churn.hazards import Forecaster, Hazards, Seasonal
from hm_assets.warehouse.errors import HmAssetsError


@dataclass(frozen=True)
class Known:
    """What was known on a day, and the models that were fitted on it.

    Attributes
    ----------
    past
        `inputs.examples` of past days, as known on the day.
    today
        The customers of the day itself, without anything that they do later.
    seed, threads
        Of the fits.
    """

    past: pa.Table
    today: pa.Table
    seed: int
    threads: int
    _fitted: dict[str, Forecaster] = field(default_factory=dict, init=False, repr=False, compare=False)

    def fitted(self, model: "Model") -> Forecaster:
        """The model, fitted when it is asked for the first time.

        Raises
        ------
        ValueError
            No past day has the longest outcome.
        """
        if model.name not in self._fitted:
            self._fitted[model.name] = model.fit(self)
        return self._fitted[model.name]


@dataclass(frozen=True)
class Model:
    """A name, how it is fitted, and whether what it leaves can be kept as a file.

    Attributes
    ----------
    baseline
        Whether it is one of the plain ones to beat.
    installed
        Whether the packages that it needs are here.
    """

    name: str
    fit: Callable[[Known], Forecaster]
    kept: bool = True
    baseline: bool = False
    installed: bool = True


def _classifier(algorithm: Algorithm) -> Model:
    def fit(known: Known) -> Forecaster:
        return hazards.fit(algorithm, known.past, known.seed, known.threads)

    return Model(algorithm.name, fit, algorithm.kept, algorithm.baseline, algorithm.installed)


def _buying(name: str) -> Model:
    return Model(name, lambda known: buying.fit(name, known.past, known.today, known.seed))


def _stack(known: Known) -> Forecaster:
    parts = [algorithm for algorithm in stacking.PARTS if algorithm.installed]
    fitted = [cast(Hazards, known.fitted(_classifier(part))) for part in parts]
    return stacking.fit(fitted, parts, known.past, known.seed, known.threads)


_CLASSIFIERS = {algorithm.name: _classifier(algorithm) for algorithm in CATALOGUE}
_PLAIN = tuple(model for model in _CLASSIFIERS.values() if model.baseline)
MODELS = (
    *_PLAIN,
    *(_buying(name) for name in FITS),
    *(model for model in _CLASSIFIERS.values() if model not in _PLAIN),
    Model("stacking", _stack, kept=False),
)
"""Simplest first: of two that are as good, the earlier one is taken."""
RECENCY = _CLASSIFIERS[RECENCY_ONLY]


def installed() -> tuple[Model, ...]:
    """Those of `MODELS` that can be fitted here."""
    return tuple(model for model in MODELS if model.installed)


def named(name: str) -> Model:
    """One of `MODELS`.

    Raises
    ------
    HmAssetsError
        There is none of that name: the scoreboard is of another version.
    """
    found = next((model for model in MODELS if model.name == name), None)
    if found is None:
        raise HmAssetsError(f"There is no model of orders named {name}: make forecasts/scoreboard anew.")
    return found


def from_json(value: Mapping[str, Any]) -> Seasonal:
    """The inverse of `as_json` of whichever model it is."""
    return Buying.from_json(value) if value.get("kind") == "buying" else Hazards.from_json(value)
