"""Pareto/NBD and MBG/NBD as models of P(order): learned from histories up to the day; only the season is from outcomes.

Whoever was first seen in the first 90 days of the files may have bought before them, which makes a fit say that too
many are active; such customers are left out of the fit where enough others came back, and everybody is forecast.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.buyers.histories import Histories, TooFewBuyersError
from hm_assets.forecasts.buyers.maximum_likelihood import Fit
from hm_assets.forecasts.buyers.mbg_nbd import MBGNBD, fit_mbg_nbd
from hm_assets.forecasts.buyers.pareto_nbd import ParetoNBD, fit_pareto_nbd
from hm_assets.forecasts.churn import hazards
from hm_assets.forecasts.churn.algorithms import BASE_RATE, CATALOGUE
from hm_assets.forecasts.churn.hazards import Seasonal
from hm_assets.forecasts.churn.season import as_json, from_json
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.segments.space import Floats, numbers

Model = ParetoNBD | MBGNBD
FITS: Mapping[str, Callable[[Histories], tuple[Model, Fit]]] = {
    "mbg_nbd": fit_mbg_nbd,
    "pareto_nbd": fit_pareto_nbd,
}
KINDS: Mapping[str, type[ParetoNBD] | type[MBGNBD]] = {"mbg_nbd": MBGNBD, "pareto_nbd": ParetoNBD}
BEGINNING_DAYS = 90
# Of those first seen later, so many must have come back for the fit to rest on them alone.
ENOUGH = 100


@dataclass(frozen=True)
class Buying(Seasonal):
    """A model of buying; the name is its kind."""

    model: Model

    def hazards(self, rows: pa.Table) -> Floats:
        """See `Seasonal`."""
        return hazards.apart(self.model.order_probabilities(histories(rows), HORIZONS))

    def as_json(self) -> dict[str, Any] | None:
        """See `Seasonal`."""
        return {
            "kind": "buying",
            "name": self.name,
            "parameters": asdict(self.model),
            "season": as_json(self.season),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Buying":
        """The inverse of `as_json`."""
        model = KINDS[value["name"]](**value["parameters"])
        return cls(value["name"], model, season=from_json(value["season"]))


def histories(rows: pa.Table) -> Histories:
    """What the models of buying know of customers (`inputs.described`)."""
    tenure = numbers(rows, "tenure_days")
    return Histories(numbers(rows, "purchase_days") - 1, tenure - numbers(rows, "recency_days"), tenure)


def fit(name: str, past: pa.Table, today: pa.Table, seed: int) -> Seasonal:
    """Learn how customers buy from `today`, and the season from `past`; where nobody came back, the base rate.

    Parameters
    ----------
    name
        One of `FITS`.
    past
        `inputs.examples` of past days as known today.
    today
        The customers of the day itself; what they do later is not read.
    seed
        Of the base rate.
    """
    known = histories(today)
    later = numbers(today, "history_days") - numbers(today, "tenure_days") >= BEGINNING_DAYS
    enough = np.count_nonzero(later & (known.x > 0)) >= ENOUGH
    try:
        model, _ = FITS[name](known.where(later) if enough else known)
    except TooFewBuyersError:
        base_rate = next(algorithm for algorithm in CATALOGUE if algorithm.name == BASE_RATE)
        return replace(hazards.fit(base_rate, past, seed, 1), name=name)
    bare = Buying(name, model)
    return replace(bare, season=hazards.season_of(past, bare.hazards(past)))
