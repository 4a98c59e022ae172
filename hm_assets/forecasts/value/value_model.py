"""The model of value as it is kept: a JSON value with all that a customer's figures depend on; no pickle."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from deltalake import DeltaTable

from hm_assets.forecasts.buyers.known import PARETO
from hm_assets.forecasts.churn.back_test import reach
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.tables import NO_MODEL
from hm_assets.forecasts.value import season
from hm_assets.forecasts.value.back_test import LOG_LOSS
from hm_assets.forecasts.value.buying import Buying
from hm_assets.forecasts.value.forecast import Forecast, History, fitted
from hm_assets.forecasts.value.models import CATALOGUE, NAIVE
from hm_assets.forecasts.value.spending import YEAR, checked, customers, examples
from hm_assets.segments.space import Floats
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.calendar import of_month

UNJUDGED = f"no past day could be judged, so {NAIVE} is taken: last year’s spend carried on"
NAMES = {LONGEST: "value_90d", YEAR: "value_12m"}
"""Horizon -> name of its column; the limits are `<name>_low` and `<name>_high`."""


@dataclass(frozen=True)
class Chosen:
    """What a back-test decided: the model that leads, why, and the kind whose P(active) is taken."""

    name: str
    why: str
    active: str


@dataclass(frozen=True)
class ValueModel:
    """A fitted model of value with its history, or the reason why there is none.

    Attributes
    ----------
    forecast
        The model that leads; None where the files are too short to learn from.
    active
        The model of buying that P(active) comes from; None where nobody came back.
    trained_as_of
        The last day of which it knows anything.
    first_day
        Of the lines that it learned from.
    why
        Why this model leads, or why there is none.
    """

    forecast: Forecast | None
    active: Buying | None
    trained_as_of: dt.date
    first_day: dt.date
    seed: int
    why: str

    @property
    def version(self) -> str:
        """The month of the training day, and a hash of all that decides a figure."""
        if self.forecast is None:
            return NO_MODEL
        active = None if self.active is None else self.active.as_json()
        decides = [
            self.forecast.as_json(),
            active,
            self.trained_as_of.isoformat(),
            self.first_day.isoformat(),
        ]
        return f"{self.trained_as_of:%Y-%m}-{artifacts.recipe(json.dumps(decides, sort_keys=True))[:8]}"

    def outlook(self, features: ibis.Table, days: ibis.Table, month: dt.date) -> pa.Table:
        """`customer_key` and the value columns of `forecasts/customers`, of the customers of a month.

        Parameters
        ----------
        features
            `features/customer_features`.
        days
            `features/customer_days` of the month and all earlier ones.
        month
            The month.

        Raises
        ------
        ContractError
            Somebody spent less than nothing.
        """
        rows = checked(customers(of_month(features, month), days, self.first_day).to_pyarrow())
        told: dict[str, Any] = {"customer_key": rows["customer_key"]}
        told["p_active"] = _column(None if self.active is None else self.active.p_active(rows), len(rows))
        for horizon, name in NAMES.items():
            value = low = high = None
            if self.forecast is not None:
                value = self.forecast.value(rows, month, horizon)
                low, high = self.forecast.interval(value, horizon)
            told |= {
                f"{name}{end}": _column(one, len(rows))
                for end, one in (("", value), ("_low", low), ("_high", high))
            }
        extrapolated = None if self.forecast is None else self.forecast.extrapolated
        told["value_extrapolated"] = pa.array([extrapolated] * len(rows), pa.bool_())
        told["value_version"] = pa.array([self.version] * len(rows), pa.string())
        return pa.table(told)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "version": self.version,
            "trained_as_of": self.trained_as_of.isoformat(),
            "first_day": self.first_day.isoformat(),
            "seed": self.seed,
            "why": self.why,
            "forecast": None if self.forecast is None else self.forecast.as_json(),
            "active": None if self.active is None else self.active.as_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ValueModel":
        """The inverse of `as_json`."""
        return cls(
            None if value["forecast"] is None else Forecast.from_json(value["forecast"]),
            None if value["active"] is None else Buying.from_json(value["active"]),
            dt.date.fromisoformat(value["trained_as_of"]),
            dt.date.fromisoformat(value["first_day"]),
            value["seed"],
            value["why"],
        )


def _column(values: Floats | None, rows: int) -> pa.Array:
    return pa.nulls(rows, pa.float64()) if values is None else pa.array(values, pa.float64())


def trained(
    features: ibis.Table,
    days: ibis.Table,
    month: dt.date,
    chosen: Chosen | None,
    most: int,
    seed: int,
    threads: int,
) -> ValueModel:
    """The model for a month, learned from what is known on its as-of day.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`, up to this month.
    month
        The latest month.
    chosen
        What the back-test decided; None where nothing could be judged.
    most
        Customers of a month, at most.
    seed, threads
        Of the fit.
    """
    dates, first_day, _ = reach(features, days)
    # Not the last line: after it nothing was bought for as long as the month goes on, which is known too.
    rows = examples(features, days, list(dates), first_day, dates[month], most)
    effects = season.effects(season.totals(days, first_day, dates[month]), month)
    history = History(rows, dates, first_day, effects)
    if not history.teaches(month):
        why = f"no day from {first_day} to {dates[month]} has a month before it and {LONGEST} days after it"
        return ValueModel(None, None, dates[month], first_day, seed, why)
    name, why, active = (
        (NAIVE, UNJUDGED, PARETO) if chosen is None else (chosen.name, chosen.why, chosen.active)
    )
    known = history.known_on(month)
    asked = tuple(m for m in CATALOGUE if m.name in (NAIVE, name))
    found = fitted(history, month, asked, seed, threads, known)
    if name not in found:
        name, why = NAIVE, f"{name} could not be fitted to these customers, so {NAIVE} leads"
    return ValueModel(found[name], known.buying(active), dates[month], first_day, seed, why)


def choice_of(scoreboard: DeltaTable | None, upto: dt.date) -> Chosen | None:
    """What the scoreboard's latest month up to `upto` says, if any: the leader, and the likelier model of buying."""
    if scoreboard is None:
        return None
    names = ["month", "model", "chosen", "why", "metric", "value"]
    rows = [row for row in scoreboard.to_pyarrow_table(columns=names).to_pylist() if row["month"] <= upto]
    if not rows:
        return None
    latest = max(row["month"] for row in rows)
    mine = [row for row in rows if row["month"] == latest]
    leader = next(row for row in mine if row["chosen"])
    losses: dict[str, list[float]] = {}
    for row in mine:
        if row["metric"] == LOG_LOSS and row["value"] is not None:
            losses.setdefault(row["model"], []).append(row["value"])
    active = min(losses, key=lambda kind: (float(np.mean(losses[kind])), kind), default=PARETO)
    return Chosen(leader["model"], leader["why"], active)
