"""The model of the next order as it is kept: a JSON value with all that its probabilities depend on; no pickle."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
from deltalake import DeltaTable

from hm_assets.forecasts.churn import hazards
from hm_assets.forecasts.churn.algorithms import CATALOGUE, RECENCY_ONLY
from hm_assets.forecasts.churn.hazards import Hazards
from hm_assets.forecasts.cutoffs import HORIZONS, Split
from hm_assets.forecasts.inputs import described, examples
from hm_assets.forecasts.tables import NO_MODEL
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.calendar import of_month

UNJUDGED = "no past day could be judged, so the simplest model that tells customers apart is taken"


@dataclass(frozen=True)
class OrderModel:
    """A fitted model with its history, or the reason why there is none.

    Attributes
    ----------
    model
        None where the files are too short to learn from.
    trained_as_of
        The last day of which it knows anything.
    first_day
        Of the lines that it learned from: how far back the files go is one of its inputs.
    learned
        First and last past day that it learned from; empty without a model.
    why
        Why this model, or why none.
    """

    model: Hazards | None
    trained_as_of: dt.date
    first_day: dt.date
    learned: tuple[dt.date, ...]
    seed: int
    why: str

    @property
    def version(self) -> str:
        """The month of the training day, and a hash of all that decides a probability and whether it is restated."""
        if self.model is None:
            return NO_MODEL
        decides = [self.model.as_json(), self.trained_as_of.isoformat(), self.first_day.isoformat()]
        # The same after it was read from a file, whose keys are sorted.
        told = json.dumps(decides, sort_keys=True)
        return f"{self.trained_as_of:%Y-%m}-{artifacts.recipe(told)[:8]}"

    def outlook(self, features: ibis.Table, month: dt.date) -> ibis.Table:
        """The order columns of `forecasts/customers` of a month, from its `features/customer_features`."""
        found = described(of_month(features, month), self.first_day)
        names = [f"p_order_{days}d" for days in HORIZONS]
        rows = found.to_pyarrow()
        if self.model is None:
            said = dict.fromkeys(names, pa.nulls(len(rows), pa.float64()))
        else:
            p = self.model.predict(rows, month)
            said = {name: pa.array(p[:, k]) for k, name in enumerate(names)}
        own = pa.table({name: rows[name] for name in ("customer_key", "as_of", "month")} | said)
        filled = ibis.memtable(own)
        return filled.mutate(
            model_version=ibis.literal(self.version),
            restated=filled.as_of < ibis.literal(self.trained_as_of, "date"),
        )

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "version": self.version,
            "trained_as_of": self.trained_as_of.isoformat(),
            "first_day": self.first_day.isoformat(),
            "learned": [day.isoformat() for day in self.learned],
            "seed": self.seed,
            "why": self.why,
            "model": None if self.model is None else self.model.as_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "OrderModel":
        """The inverse of `as_json`."""
        day = dt.date.fromisoformat
        return cls(
            None if value["model"] is None else Hazards.from_json(value["model"]),
            day(value["trained_as_of"]),
            day(value["first_day"]),
            tuple(day(learned) for learned in value["learned"]),
            value["seed"],
            value["why"],
        )


def fitted(
    features: ibis.Table,
    days: ibis.Table,
    known: Split,
    first_day: dt.date,
    chosen: tuple[str, str] | None,
    most: int,
    seed: int,
    threads: int,
) -> OrderModel:
    """The model for the day of `known`, learned from all past days whose outcome is over.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`.
    known
        The day, and the months that may be learned from.
    first_day
        Of the lines.
    chosen
        Name of the algorithm and why; None where nothing could be judged.
    most
        Customers of a month, at most.
    seed, threads
        Of the fit.
    """
    if not known.teaches:
        why = (
            f"no day from {first_day} to {known.as_of} has a month before it and {HORIZONS[-1]} days after it"
        )
        return OrderModel(None, known.as_of, first_day, (), seed, why)
    name, why = chosen or (RECENCY_ONLY, UNJUDGED)
    algorithm = next(a for a in CATALOGUE if a.name == name)
    rows = examples(features, days, list(known.learned), first_day, known.as_of, most)
    model = hazards.fit(algorithm, rows, seed, threads)
    learned = sorted(known.learned.values())
    return OrderModel(model, known.as_of, first_day, (learned[0], learned[-1]), seed, why)


def choice_of(scoreboard: DeltaTable | None, upto: dt.date) -> tuple[str, str] | None:
    """Name and reason of the model that the scoreboard takes in its latest month up to `upto`, if any."""
    if scoreboard is None:
        return None
    rows = scoreboard.to_pyarrow_table(columns=["month", "model", "chosen", "why"]).to_pylist()
    taken = [row for row in rows if row["chosen"] and row["month"] <= upto]
    latest = max(taken, key=lambda row: row["month"], default=None)
    return None if latest is None else (latest["model"], latest["why"])
