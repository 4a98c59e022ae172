"""What each customer will spend: the models, simplest first, behind one interface.

They are learned for a day, from customers of past days whose later spend is known (the season taken out) and from the
histories of the customers of the day itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.buyers.known import MBG, PARETO
from hm_assets.forecasts.churn.algorithms import END_OF_TREES, MANY_ROWS, Boosted
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.inputs import KINDS, space_of
from hm_assets.forecasts.value import buying
from hm_assets.forecasts.value.buying import Buying
from hm_assets.forecasts.value.spending import YEAR
from hm_assets.segments.space import Floats, Ints, Space, numbers
from hm_assets.warehouse.threads import one_thread

NAIVE, TWEEDIE = "naive", "lightgbm_tweedie"
# Days since the last purchase: a month, a quarter, half a year, a year.
BANDS = (30, 90, 180, 365)
# A band's share is drawn towards everybody's as by so many average customers.
PRIOR_CUSTOMERS = 10
# Between Poisson (1) and gamma (2): a heap of nothing, and amounts that scatter with their mean (Tweedie 1984).
POWER = 1.5
# Of the mean spend: what a customer with nothing in the last year is taken to bring at first.
LEAST = 0.02


class Spender(Protocol):
    """What a fit leaves."""

    def predict(self, rows: pa.Table, horizon: int) -> Floats:
        """Expected spend of n customers (rows of `spending.customers`) in so many days of an average season (n)."""

    def as_json(self) -> dict[str, Any]:
        """As plain values."""


@dataclass(frozen=True)
class Naive:
    """Spend a day in the last year (or as much of it as the files know), and the share of it that survives.

    `kept` is by the time since the last purchase: what such customers of past days spent in the next 90 days, by what
    they would have spent at the pace of their last year.
    """

    kept: tuple[float, ...]

    def predict(self, rows: pa.Table, horizon: int) -> Floats:
        """See `Spender`."""
        return np.asarray(pace(rows) * horizon * np.array(self.kept)[_band(rows)])

    def as_json(self) -> dict[str, Any]:
        """See `Spender`."""
        return {"kind": NAIVE, "kept": list(self.kept)}


@dataclass(frozen=True)
class Tweedie:
    """Trees for how many times the naive value 90 days bring; a longer time is as much longer as `buying` says.

    Amounts grow with the files: who has been known for half a year has spent half of what the others have. The naive
    value is a pace, which does not, so the trees learn what changes it (an offset, as exposure is one in insurance).
    All of their values are multiplied by `level`, see `_level`.
    """

    space: Space
    trees: Boosted | None
    naive: Naive
    least: float
    buying: Buying | None
    level: float = 1.0

    def predict(self, rows: pa.Table, horizon: int) -> Floats:
        """See `Spender`."""
        if self.trees is None:
            return np.zeros(len(rows))
        usual = np.maximum(self.naive.predict(rows, LONGEST), self.least)
        found = self.level * usual * self.trees.predict(self.space.transform(rows))
        if horizon == LONGEST:
            return np.asarray(found)
        if self.buying is None:
            return np.asarray(found * horizon / LONGEST)
        return np.asarray(found * self.buying.longer(rows, horizon))

    def as_json(self) -> dict[str, Any]:
        """See `Spender`."""
        return {
            "kind": TWEEDIE,
            "space": self.space.as_json(),
            "trees": None if self.trees is None else self.trees.text,
            "naive": self.naive.as_json(),
            "least": self.least,
            "buying": None if self.buying is None else self.buying.as_json(),
            "level": self.level,
        }


def from_json(value: Mapping[str, Any]) -> Spender:
    """The inverse of `as_json`."""
    if value["kind"] == NAIVE:
        return Naive(tuple(value["kept"]))
    if value["kind"] == TWEEDIE:
        trees = None if value["trees"] is None else Boosted(value["trees"])
        longer = None if value["buying"] is None else Buying.from_json(value["buying"])
        naive = Naive(tuple(value["naive"]["kept"]))
        return Tweedie(Space.from_json(value["space"]), trees, naive, value["least"], longer, value["level"])
    return Buying.from_json(value)


@dataclass(frozen=True)
class Known:
    """What may be learned for a day.

    Attributes
    ----------
    past
        Customers of past days whose 90 days are over (n).
    spent
        What they spent in these (n), the season taken out.
    today
        Customers of the day itself.
    """

    past: pa.Table
    spent: Floats
    today: pa.Table
    _buyings: dict[str, Buying | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def buying(self, kind: str) -> Buying | None:
        """A model of buying of `today`, fitted when it is asked for the first time; None where nobody came back."""
        if kind not in self._buyings:
            self._buyings[kind] = buying.fit(kind, self.today)
        return self._buyings[kind]


Fit = Callable[[Known, int, int], Spender | None]
"""(what is known, seed, threads) -> model; None where it cannot be learned."""


def _naive(known: Known, seed: int, threads: int) -> Naive:
    base, band = pace(known.past) * LONGEST, _band(known.past)
    count = len(BANDS) + 1
    before, after = (np.bincount(band, values, minlength=count) for values in (base, known.spent))
    overall = float(after.sum() / before.sum()) if before.sum() > 0 else 0.0
    prior = PRIOR_CUSTOMERS * float(base.mean()) if len(base) else 0.0
    if prior <= 0:
        return Naive((0.0,) * count)
    return Naive(tuple(map(float, (after + prior * overall) / (before + prior))))


def _buying(kind: str) -> Fit:
    return lambda known, seed, threads: known.buying(kind)


def _tweedie(known: Known, seed: int, threads: int) -> Spender:
    import lightgbm

    space = space_of(known.past, tuple(KINDS))
    unit, longer = float(known.spent.mean()), known.buying(PARETO)
    naive, least = _naive(known, seed, threads), LEAST * unit
    if unit <= 0:
        return Tweedie(space, None, naive, least, longer)
    usual = np.maximum(naive.predict(known.past, LONGEST), least)
    parameters = {
        "objective": "tweedie",
        "tweedie_variance_power": POWER,
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": max(20, len(known.past) // 500),
        "lambda_l2": 1.0,
        "feature_fraction": 0.8,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads if len(known.past) >= MANY_ROWS else 1,
        "verbosity": -1,
    }
    with one_thread():
        data = lightgbm.Dataset(
            space.transform(known.past),
            known.spent / unit,
            init_score=np.log(usual / unit),
            params=parameters,
        )
        text = lightgbm.train(parameters, data, num_boost_round=100).model_to_string()
    found = Tweedie(space, Boosted(text.partition(END_OF_TREES)[0] + END_OF_TREES), naive, least, longer)
    return replace(found, level=_level(found, known))


def _level(found: Tweedie, known: Known) -> float:
    """What takes the total to that of Pareto/NBD (or the naive one), where no learned day had the season of this day.

    In files of less than a year the season and the length of the files move together: trees that learned from winter to
    summer take the spring for growth, and promise the autumn more of it. Histories of buying know of neither.
    """
    learned, today = (_calendar_months(rows) for rows in (known.past, known.today))
    if today <= learned:
        return 1.0
    steady: Spender = found.buying or found.naive
    said, total = (float(one.predict(known.today, LONGEST).sum()) for one in (found, steady))
    return total / said if said > 0 else 1.0


def _calendar_months(rows: pa.Table) -> set[int]:
    return {month.month for month in rows["month"].unique().to_pylist()}


def pace(rows: pa.Table) -> Floats:
    """Spend a day in the last 365 days, or in those since the files begin (n)."""
    days = np.minimum(YEAR, numbers(rows, "history_days") + 1)
    return np.asarray(numbers(rows, "spend_365d") / days)


def _band(rows: pa.Table) -> Ints:
    return np.searchsorted(np.array(BANDS), numbers(rows, "recency_days"), side="right")


@dataclass(frozen=True)
class Model:
    """A name and how it is fitted."""

    name: str
    fit: Fit
    baseline: bool = False


CATALOGUE = (
    Model(NAIVE, _naive, baseline=True),
    Model(MBG, _buying(MBG)),
    Model(PARETO, _buying(PARETO)),
    Model(TWEEDIE, _tweedie),
)
"""Simplest first: of two that are as good, the earlier one is taken."""
