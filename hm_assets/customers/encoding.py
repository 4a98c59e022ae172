"""How attributes become numbers for a model: one scheme, stated once.

| attribute | kind | encoded as |
|---|---|---|
| `fn`, `active` | yes or no | 0 or 1 |
| `club_member_status` | nominal | one column per level but the most frequent one (no dummy trap) |
| `fashion_news_frequency` | ordinal in name, but its steps are no equal distances | as a nominal one |
| `age` | years | itself as a target; standardised, and its square, as a predictor |

Levels come from the data, most frequent first, ties by name, so another retailer's levels need no change here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FLAGS = ("fn", "active")
CATEGORIES = ("club_member_status", "fashion_news_frequency")
AGE = "age"
IMPUTABLE = (AGE, *CATEGORIES)
ATTRIBUTES = (*FLAGS, *CATEGORIES, AGE)
UNKNOWN = -1
# A column that is unknown for a larger share of the customers, after recoding, is neither filled nor used.
LIMIT_UNKNOWN = 0.40


@dataclass(frozen=True)
class Encoding:
    """What is learned from the data: levels by category, and mean and spread of the known ages."""

    levels: Mapping[str, tuple[str, ...]]
    age_mean: float
    age_sd: float

    @classmethod
    def learn(cls, customers: pa.Table) -> "Encoding":
        """From a table with the columns of `ATTRIBUTES`."""
        levels = {}
        for name in CATEGORIES:
            counts = customers[name].drop_null().value_counts().to_pylist()
            ordered = sorted(counts, key=lambda count: (-count["counts"], count["values"]))
            levels[name] = tuple(count["values"] for count in ordered)
        ages = customers[AGE].drop_null().to_numpy().astype(np.float64)
        return cls(
            levels, float(ages.mean()) if len(ages) else 0.0, float(ages.std()) or 1.0 if len(ages) else 1.0
        )

    def codes(self, customers: pa.Table) -> dict[str, Integers]:
        """Whole numbers by attribute: flags 0 or 1, ages in years, levels by position; `UNKNOWN` where empty."""
        coded = {name: customers[name].to_numpy().astype(np.int64) for name in FLAGS}
        coded[AGE] = customers[AGE].fill_null(UNKNOWN).to_numpy().astype(np.int64)
        for name in CATEGORIES:
            position = {level: i for i, level in enumerate(self.levels[name])}
            values = customers[name].dictionary_encode().combine_chunks()
            lookup = np.array(
                [position.get(v, UNKNOWN) for v in values.dictionary.to_pylist()] + [UNKNOWN], dtype=np.int64
            )
            coded[name] = lookup[values.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False)]
        return coded

    def texts(self, name: str, codes: Integers) -> pa.Array:
        """The levels that these codes stand for; null where `UNKNOWN`."""
        return pa.array([self.levels[name][code] if code >= 0 else None for code in codes], pa.string())

    def predictors(self, codes: Mapping[str, Integers], target: str, without: tuple[str, ...] = ()) -> Floats:
        """The design matrix (rows, columns with the intercept first) of all attributes but the target."""
        columns: list[Any] = [np.ones(len(codes["fn"]))]
        columns += [codes[name].astype(np.float64) for name in FLAGS]
        for name in CATEGORIES:
            if name != target and name not in without:
                columns += [(codes[name] == i).astype(np.float64) for i in range(1, len(self.levels[name]))]
        if target != AGE and AGE not in without:
            z = (codes[AGE] - self.age_mean) / self.age_sd
            columns += [z, z * z]
        matrix: Floats = np.column_stack(columns)
        return matrix

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "levels": {k: list(v) for k, v in self.levels.items()},
            "age_mean": self.age_mean,
            "age_sd": self.age_sd,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Encoding":
        """The inverse of `as_json`."""
        return cls(
            {k: tuple(v) for k, v in value["levels"].items()},
            value["age_mean"],
            value["age_sd"],
        )
