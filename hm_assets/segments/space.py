"""The space that customers are clustered in: recency, frequency and monetary value, rescaled, logged, standardised.

Prices may be tiny (H&M's are cents/59000), and a logarithm of 1 + something tiny changes nothing. Spend is first
counted in units of a fifteenth of the median price of an item, which on H&M is its price step of 1/590.
"""

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEATURES = ("recency_days", "purchase_days", "spend")
UNITS_PER_MEDIAN_PRICE = 15


@dataclass(frozen=True)
class Space:
    """A fitted transformation: x -> (log(1 + x / unit) - mean) / deviation, one entry per feature."""

    units: tuple[float, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]

    @classmethod
    def fit(cls, values: Floats, price_per_item: float) -> "Space":
        """Learn the transformation from n customers x 3 features in their own units.

        Raises
        ------
        ValueError
            No customer, or a value that is not finite or negative.
        """
        if not len(values):
            raise ValueError("there is no customer with a purchase to learn from")
        if not np.isfinite(values).all() or (values < 0).any():
            raise ValueError(f"{', '.join(FEATURES)} must be finite and not negative")
        unit = price_per_item / UNITS_PER_MEDIAN_PRICE
        units = np.array([1.0, 1.0, unit if unit > 0 else 1.0])
        logged = np.log1p(values / units)
        deviations = logged.std(axis=0)
        # A feature that is the same for everybody separates nobody; dividing by 1 keeps it at 0.
        deviations[deviations < 1e-12] = 1.0
        return cls(tuple(units.tolist()), tuple(logged.mean(axis=0).tolist()), tuple(deviations.tolist()))

    def transform(self, values: Floats) -> Floats:
        """n x 3 features in their own units to n x 3 coordinates."""
        logged = np.log1p(values / np.array(self.units))
        return np.asarray((logged - self.means) / self.deviations, dtype=np.float64)

    def expressions(self, features: ibis.Table) -> list[ibis.Value]:
        """The same coordinates as expressions for the engine."""
        return [
            ((features[name].cast("float64") / unit + 1).ln() - mean) / deviation
            for name, unit, mean, deviation in zip(
                FEATURES, self.units, self.means, self.deviations, strict=True
            )
        ]

    def values(self, coordinates: Floats) -> Floats:
        """The inverse of `transform`: what another fit can place among its own coordinates."""
        logged = coordinates * np.array(self.deviations) + np.array(self.means)
        return np.asarray(np.expm1(logged).clip(0) * np.array(self.units), dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """As plain lists."""
        return {"units": list(self.units), "means": list(self.means), "deviations": list(self.deviations)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Space":
        """The inverse of `as_json`."""
        return cls(tuple(value["units"]), tuple(value["means"]), tuple(value["deviations"]))
