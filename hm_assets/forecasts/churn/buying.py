"""Pareto/NBD and MBG/NBD as models of P(order): learned from histories up to the day; only the season is from outcomes.

Whoever was first seen in the first 90 days of the files may have bought before them, which makes a fit say that too
many are active; such customers are left out of the fit where enough others came back, and everybody is forecast.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.buyers.histories import TooFewBuyersError
from hm_assets.forecasts.buyers.known import CLASSES, FITS, Orders, histories, new_to_the_files
from hm_assets.forecasts.churn import hazards
from hm_assets.forecasts.churn.algorithms import BASE_RATE, CATALOGUE
from hm_assets.forecasts.churn.hazards import Seasonal
from hm_assets.forecasts.churn.season import as_json, from_json
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.segments.space import Floats

# Of those first seen later, so many must have come back for the fit to rest on them alone.
ENOUGH = 100


@dataclass(frozen=True)
class Buying(Seasonal):
    """A model of buying; the name is its kind."""

    model: Orders

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
        model = CLASSES[value["name"]](**value["parameters"])
        return cls(value["name"], model, season=from_json(value["season"]))


def fit(name: str, past: pa.Table, today: pa.Table, seed: int) -> Seasonal:
    """Learn how customers buy from `today`, and the season from `past`; where nobody came back, the base rate.

    Parameters
    ----------
    name
        One of `known.FITS`.
    past
        `inputs.examples` of past days as known today.
    today
        The customers of the day itself; what they do later is not read.
    seed
        Of the base rate.
    """
    known = histories(today)
    later = new_to_the_files(today)
    enough = np.count_nonzero(later & (known.x > 0)) >= ENOUGH
    try:
        model, _ = FITS[name](known.where(later) if enough else known)
    except TooFewBuyersError:
        base_rate = next(algorithm for algorithm in CATALOGUE if algorithm.name == BASE_RATE)
        return replace(hazards.fit(base_rate, past, seed, 1), name=name)
    bare = Buying(name, model)
    return replace(bare, season=hazards.season_of(past, bare.hazards(past)))
