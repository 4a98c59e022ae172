"""MICE: multiple imputation by chained equations (van Buuren and Groothuis-Oudshoorn, 2011).

Unknown ages, club statuses and news frequencies are filled several times, each draw a plausible whole: ages by
predictive mean matching, the categories by multinomial logit (`matching.py`). Predictors are the other attributes only.
They carry no date, so no month leaks into another.

The equations are fitted on a random sample of the customers, complete or not, and kept; they then fill every
customer with an unknown value. A column that is unknown for more than 40 % of them is neither filled nor used.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.customers.encoding import (
    AGE,
    ATTRIBUTES,
    IMPUTABLE,
    LIMIT_UNKNOWN,
    UNKNOWN,
    Encoding,
    Integers,
)
from hm_assets.customers.matching import MeanMatching, MultinomialLogit
from hm_assets.warehouse.threads import one_thread

METHOD = (
    "MICE (chained equations on bootstraps): predictive mean matching for age, "
    "multinomial logit for club status and news frequency"
)
NEAREST_DONORS = 10
FEWEST_DRAWS, FEWEST_ITERATIONS = 2, 4  # for a statement on convergence

Codes = Mapping[str, Integers]
Model = MeanMatching | MultinomialLogit


@dataclass(frozen=True)
class Trace:
    """What one iteration of one draw filled in: the mean age, or the share of a category's most frequent level."""

    column: str
    draw: int
    iteration: int
    value: float


def over_limit(customers: pa.Table) -> tuple[str, ...]:
    """The columns that are unknown for more than `LIMIT_UNKNOWN` of all customers, or for everybody."""
    rows = customers.num_rows
    return tuple(n for n in IMPUTABLE if not rows or customers[n].null_count > LIMIT_UNKNOWN * rows)


@dataclass(frozen=True)
class Imputer:
    """Fitted chained equations, one set per draw.

    `columns` are those that are filled, fewest unknown first; `unused` those that are unknown too often.
    """

    encoding: Encoding
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    equations: tuple[Mapping[str, Model], ...]
    iterations: int
    traces: tuple[Trace, ...]

    @classmethod
    def fit(
        cls,
        customers: pa.Table,
        draws: int,
        iterations: int,
        most_rows: int,
        seed: int | Sequence[int],
        unused: Collection[str] | None = None,
    ) -> "Imputer":
        """Fit on customers with the columns of `ATTRIBUTES`, at most `most_rows` of them, in a fixed order of rows.

        `unused` are the columns that are neither filled nor used; left out, those `over_limit`.

        Raises
        ------
        ValueError
            There are fewer than two draws (one shows no uncertainty), no iteration, or no row to fit on.
        """

        if draws < 2 or iterations < 1 or most_rows < 1:
            raise ValueError(
                f"imputation needs draws >= 2, iterations >= 1 and most_rows >= 1; "
                f"got draws={draws}, iterations={iterations}, most_rows={most_rows}"
            )
        # Sums over several threads differ in their last digits; one thread gives the same bytes everywhere.
        with one_thread():
            left_out = over_limit(customers) if unused is None else tuple(unused)
            return cls._fit(customers, draws, iterations, most_rows, seed, left_out)

    @classmethod
    def _fit(
        cls,
        customers: pa.Table,
        draws: int,
        iterations: int,
        most_rows: int,
        seed: int | Sequence[int],
        unused: tuple[str, ...],
    ) -> "Imputer":
        rng = np.random.default_rng(np.random.SeedSequence(seed))
        encoding = Encoding.learn(customers)
        if customers.num_rows > most_rows:
            customers = customers.take(np.sort(rng.choice(customers.num_rows, most_rows, replace=False)))
        codes = encoding.codes(customers)
        gaps = {name: int((codes[name] == UNKNOWN).sum()) for name in IMPUTABLE if name not in unused}
        columns = tuple(sorted(gaps, key=lambda name: gaps[name]))
        traces: list[Trace] = []
        equations = []
        for draw, stream in enumerate(rng.spawn(draws), start=1):
            chain = _Chain(encoding, columns, unused, codes, stream)
            chain.start({name: codes[name][codes[name] != UNKNOWN] for name in columns})
            for iteration in range(1, iterations + 1):
                models = chain.fitted_round()
                traces += [Trace(name, draw, iteration, chain.filled(name)) for name in chain.with_gaps]
            equations.append(models)
        return cls(encoding, columns, unused, tuple(equations), iterations, tuple(traces))

    def complete(self, customers: pa.Table, draw: int, seed: int) -> pa.Table:
        """The same rows with their unknown values filled by one draw (from 1); unused columns stay as they are.

        The rows must come in a fixed order: a draw is a function of the seed and of the rows' positions.
        """
        codes = self.encoding.codes(customers)
        models = self.equations[draw - 1]
        chain = _Chain(self.encoding, self.columns, self.unused, codes, np.random.default_rng([seed, draw]))
        chain.start({name: _start_values(models[name]) for name in self.columns})
        for _ in range(self.iterations):
            chain.round(models)
        for name in self.columns:
            values = chain.codes[name]
            filled = pa.array(values.astype(np.int16)) if name == AGE else self.encoding.texts(name, values)
            # What is known stays as it is, also a level that the equations have never seen.
            whole = pc.coalesce(customers[name], filled.cast(customers[name].type))
            customers = customers.set_column(customers.column_names.index(name), name, whole)
        return customers

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "encoding": self.encoding.as_json(),
            "columns": list(self.columns),
            "unused": list(self.unused),
            "equations": [{name: model.as_json() for name, model in draw.items()} for draw in self.equations],
            "iterations": self.iterations,
            "traces": [[t.column, t.draw, t.iteration, t.value] for t in self.traces],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Imputer":
        """The inverse of `as_json`."""
        equations = tuple(
            {
                name: MeanMatching.from_json(model) if name == AGE else MultinomialLogit.from_json(model)
                for name, model in draw.items()
            }
            for draw in value["equations"]
        )
        return cls(
            Encoding.from_json(value["encoding"]),
            tuple(value["columns"]),
            tuple(value["unused"]),
            equations,
            value["iterations"],
            tuple(Trace(*trace) for trace in value["traces"]),
        )


class _Chain:
    """The working state of one draw: the codes with their gaps filled so far."""

    def __init__(
        self,
        encoding: Encoding,
        columns: Sequence[str],
        unused: tuple[str, ...],
        codes: Codes,
        rng: np.random.Generator,
    ) -> None:
        self.encoding, self.columns, self.unused, self.rng = encoding, columns, unused, rng
        self.gaps = {name: codes[name] == UNKNOWN for name in columns}
        self.codes = {name: values.copy() for name, values in codes.items()}
        self.with_gaps = [name for name in columns if self.gaps[name].any()]

    def start(self, known: Mapping[str, Integers]) -> None:
        """Fill each gap with a random known value of its column."""
        for name in self.with_gaps:
            gap = self.gaps[name]
            self.codes[name][gap] = self.rng.choice(known[name], size=int(gap.sum()))

    def fitted_round(self) -> dict[str, Model]:
        """Fit every column on its known rows in turn, and fill its gaps anew."""
        models: dict[str, Model] = {}
        for name in self.columns:
            predictors, known = self.encoding.predictors(self.codes, name, self.unused), ~self.gaps[name]
            values = self.codes[name][known]
            if name == AGE:
                models[name] = MeanMatching.fit(predictors[known], values, NEAREST_DONORS, self.rng)
            else:
                cells = self._cells()[known]
                models[name] = MultinomialLogit.fit(predictors[known], values, cells, self.rng)
            self._fill(name, models[name], predictors)
        return models

    def round(self, models: Mapping[str, Model]) -> None:
        """Fill the gaps of every column anew, by equations that are there."""
        for name in self.with_gaps:
            self._fill(name, models[name], self.encoding.predictors(self.codes, name, self.unused))

    def _fill(self, name: str, model: Model, predictors: Any) -> None:
        gap = self.gaps[name]
        if gap.any():
            self.codes[name][gap] = model.draw(predictors[gap], self.rng)

    def _cells(self) -> Integers:
        """A number per row that is equal where all attributes are."""
        cell = np.zeros(len(self.codes[ATTRIBUTES[0]]), dtype=np.int64)
        for name in ATTRIBUTES:
            shifted = self.codes[name] + 1
            cell = cell * (int(shifted.max(initial=0)) + 1) + shifted
        return cell

    def filled(self, name: str) -> float:
        """What a trace keeps of the filled values; see `Trace`."""
        values = self.codes[name][self.gaps[name]]
        return float(values.mean() if name == AGE else (values == 0).mean())


def _start_values(model: Model) -> Integers:
    return model.values if isinstance(model, MeanMatching) else model.levels


@dataclass(frozen=True)
class Mixing:
    """Gelman and Rubin's R-hat of a column, and what it stays under in 99 of 100 fits whose draws do mix."""

    r_hat: float
    limit: float


def mixing(traces: Sequence[Trace]) -> dict[str, Mixing]:
    """R-hat by column over the later half of the iterations.

    Columns with fewer than two draws or four iterations are left out: they cannot tell. The limit is that of the F
    ratio between and within draws, shared among the columns, because with few draws and iterations chance alone often
    exceeds the usual 1.1.
    """
    from scipy import stats

    columns, found = sorted({trace.column for trace in traces}), {}
    for column in columns:
        draws = sorted({trace.draw for trace in traces if trace.column == column})
        chains = np.array([[t.value for t in traces if t.column == column and t.draw == d] for d in draws])
        if len(draws) < FEWEST_DRAWS or chains.shape[1] < FEWEST_ITERATIONS:
            continue
        kept = chains[:, chains.shape[1] // 2 :]
        length = kept.shape[1]
        within, between = kept.var(axis=1, ddof=1).mean(), kept.mean(axis=1).var(ddof=1)
        ratio = between / within if within > 0 else 0.0 if between == 0 else np.inf
        by_chance = stats.f.ppf(1 - 0.01 / len(columns), len(draws) - 1, len(draws) * (length - 1)) / length
        still = (length - 1) / length
        found[column] = Mixing(float(np.sqrt(still + ratio)), float(np.sqrt(still + by_chance)))
    return found
