"""The space that customers are clustered in: columns of one table, rescaled, logged and standardised.

Prices may be tiny (H&M's are cents/59000), and a logarithm of 1 + something tiny changes nothing. Money is first
counted in units of a fifteenth of the median price of an item, which on H&M is its price step of 1/590.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kind = Literal["count", "money", "number", "category", "as_is"]

UNITS_PER_MEDIAN_PRICE = 15


@dataclass(frozen=True)
class Coordinate:
    """One axis: a column to (f(x) - centre) / scale, where f is log(1 + x / unit), or x itself without a unit.

    With a `level` the column is a category and f is 1 where it has that level, else 0. An empty value is `fill`.
    """

    column: str
    level: str | None = None
    unit: float | None = None
    fill: float = 0.0
    centre: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Space:
    """A fitted transformation of customers to points."""

    name: str
    coordinates: tuple[Coordinate, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, each once."""
        return tuple(dict.fromkeys(axis.column for axis in self.coordinates))

    @classmethod
    def fit(cls, name: str, kinds: Mapping[str, Kind], rows: pa.Table, price_per_item: float) -> "Space":
        """Learn the transformation from n customers.

        Parameters
        ----------
        name
            What tables and pages call it.
        kinds
            Column -> what it is: counts and money are logged and standardised, numbers standardised, a category becomes
            one axis per level, scaled so that two different levels are as far apart as one standard deviation of a
            number; what is taken as it is has a scale of its own.
        rows
            The columns of `kinds`, a row per customer; empty values are filled with the median.
        price_per_item
            The median price of an item, in the unit of `spend`.

        Raises
        ------
        ValueError
            No customer; a column without a single value, with one that is not finite, or a count below 0.
        """
        if not len(rows):
            raise ValueError("there is no customer with a purchase to learn from")
        axes: list[Coordinate] = []
        for column, kind in kinds.items():
            if kind == "as_is":
                axes.append(Coordinate(column))
            elif kind == "category":
                levels = sorted({str(v) for v in rows[column].to_pylist() if v is not None})
                axes += [Coordinate(column, level=level, scale=float(np.sqrt(2.0))) for level in levels]
            else:
                axes.append(_numeric(column, kind, numbers(rows, column), price_per_item))
        return cls(name, tuple(axes))

    def transform(self, rows: pa.Table, dither: np.random.Generator | None = None) -> Floats:
        """The points of n customers (n x axes).

        With `dither` whole numbers are spread evenly from half below to half above (and what falls below 0 is
        mirrored): the gaps between them are no gaps between customers.
        """
        found = np.empty((len(rows), len(self.coordinates)))
        for i, axis in enumerate(self.coordinates):
            if axis.level is not None:
                x = np.array([v == axis.level for v in rows[axis.column].to_pylist()], dtype=np.float64)
            else:
                x = numbers(rows, axis.column)
                x = np.where(np.isnan(x), axis.fill, x)
                if dither is not None and axis.unit is not None and not (x % 1).any():
                    x = np.abs(x + dither.uniform(-0.5, 0.5, len(x)))
                x = x if axis.unit is None else np.log1p(x / axis.unit)
            found[:, i] = (x - axis.centre) / axis.scale
        return found

    def expressions(self, customers: ibis.Table) -> list[ibis.Value]:
        """The same points as expressions for the engine, one per axis."""
        found = []
        for axis in self.coordinates:
            x = customers[axis.column]
            if axis.level is not None:
                x = ibis.ifelse(x.fill_null("") == axis.level, 1.0, 0.0)
            else:
                x = x.cast("float64").fill_null(axis.fill)
                x = x if axis.unit is None else (x / axis.unit + 1).ln()
            found.append((x - axis.centre) / axis.scale)
        return found

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"name": self.name, "coordinates": [asdict(axis) for axis in self.coordinates]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Space":
        """The inverse of `as_json`."""
        return cls(value["name"], tuple(Coordinate(**axis) for axis in value["coordinates"]))


def numbers(rows: pa.Table, column: str) -> Floats:
    """A column as floats, NaN where it is empty."""
    return np.asarray(rows[column].cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)


def _numeric(column: str, kind: Kind, values: Floats, price_per_item: float) -> Coordinate:
    known = values[~np.isnan(values)]
    if not len(known):
        raise ValueError(f"{column} has no value to learn from")
    if not np.isfinite(known).all() or (kind != "number" and (known < 0).any()):
        worst = known[~np.isfinite(known) | (known < 0)][0]
        raise ValueError(f"{column} has the value {worst}: it must be finite and not negative")
    unit = {"count": 1.0, "money": price_per_item / UNITS_PER_MEDIAN_PRICE, "number": None}[kind]
    if unit is not None and unit <= 0:
        unit = 1.0
    fill = float(np.median(known))
    x = np.where(np.isnan(values), fill, values)
    x = x if unit is None else np.log1p(x / unit)
    deviation = float(x.std())
    # A column that is the same for everybody separates nobody; dividing by 1 keeps it at 0.
    return Coordinate(column, None, unit, fill, float(x.mean()), deviation if deviation > 1e-12 else 1.0)


def sample(rows: int, most: int, rng: np.random.Generator) -> Ints:
    """Positions of at most `most` of `rows` rows, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(rng.choice(rows, most, replace=False))


def stratified(points: Floats, most: int | None, seed: int) -> Ints:
    """Positions of at most `most` rows, in order: every n-th by value, so that all kinds keep their share."""
    if most is None or len(points) <= most:
        return np.arange(len(points))
    step = len(points) / most
    start = np.random.default_rng(seed).uniform(0, step)
    places = np.minimum((start + step * np.arange(most)).astype(np.int64), len(points) - 1)
    return np.sort(np.lexsort(points.T[::-1])[places])
