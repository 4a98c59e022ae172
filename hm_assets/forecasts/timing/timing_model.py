"""The timing of orders as it is kept: waiting times and everybody's gaps, a JSON value; no pickle."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST, Split
from hm_assets.forecasts.inputs import described, examples
from hm_assets.forecasts.tables import NO_MODEL, TIMING
from hm_assets.forecasts.timing import cadence, waiting
from hm_assets.forecasts.timing.cadence import Cadence, Spells
from hm_assets.forecasts.timing.waiting import LONGEST_WAIT, Waiting, anchored
from hm_assets.forecasts.timing.windows import LEVELS, windows
from hm_assets.segments.space import Bools, Floats, Ints, numbers
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.calendar import of_month

BATCH = 2**17
"""Customers whose distributions are in memory at once."""


@dataclass(frozen=True)
class TimingModel:
    """What was learned of when customers order.

    Attributes
    ----------
    waiting
        None where the files are too short to learn from.
    cadence
        None where nobody came back.
    trained_as_of
        The last day of which it knows anything.
    first_day
        Of the lines that it learned from.
    """

    waiting: Waiting | None
    cadence: Cadence | None
    trained_as_of: dt.date
    first_day: dt.date
    seed: int

    @property
    def version(self) -> str:
        """The month of the training day, and a hash of all that decides a window, a cadence and what is restated."""
        if self.waiting is None and self.cadence is None:
            return NO_MODEL
        told = json.dumps(self._decides(), sort_keys=True)
        return f"{self.trained_as_of:%Y-%m}-{artifacts.recipe(told)[:8]}"

    def outlook(
        self, features: ibis.Table, days: ibis.Table, month: dt.date, p_order: pa.Table
    ) -> dict[str, pa.Array]:
        """The columns `tables.TIMING` of the customers of a month, in the order of `p_order`.

        Parameters
        ----------
        features, days
            `features/customer_features` and `features/customer_days`; what is later than the month is left out.
        month
            The month.
        p_order
            `customer_key` and P(order within each of `HORIZONS`) of exactly these customers; null without a model.

        Raises
        ------
        ValueError
            `p_order` is of other customers.
        """
        rows = described(of_month(features, month), self.first_day).order_by("customer_key").to_pyarrow()
        order = np.argsort(p_order["customer_key"].to_numpy(), kind="stable")
        if not np.array_equal(p_order["customer_key"].to_numpy()[order], rows["customer_key"].to_numpy()):
            raise ValueError(
                f"{month:%Y-%m}: P(order) is given for {len(order):,} customers, and not for the same "
                f"{len(rows):,} that features/customer_features has; make forecasts/customers anew"
            )
        # Where the n-th of `p_order` stands among the rows.
        place = np.argsort(order, kind="stable")
        as_of = rows["as_of"].to_numpy().astype("datetime64[D]")
        recency = numbers(rows, "recency_days")
        found: dict[str, pa.Array] = {}
        when, none = self._windows(rows, month, p_order.take(order))
        for level in LEVELS:
            for end, column in zip(("low", "high"), (0, 1), strict=True):
                day = as_of + when[level][:, column].astype("timedelta64[D]")
                found[f"next_order_{end}_{level}"] = pa.array(day, pa.date32(), mask=none)
        reach = 0 if self.waiting is None else self.waiting.reach
        found["window_reach_days"] = pa.array(np.full(len(rows), reach, np.int16), mask=none)
        usual, horizon = self._rhythm(rows, days)
        unknown = np.isnan(horizon)
        found["usual_gap_days"] = pa.array(usual, mask=np.isnan(usual))
        late = np.floor(np.maximum(recency - np.nan_to_num(usual), 0)).astype(np.int32)
        found["overdue_days"] = pa.array(late, mask=np.isnan(usual))
        found["cadence_horizon_days"] = pa.array(np.nan_to_num(horizon).astype(np.int32), mask=unknown)
        found["past_cadence"] = pa.array(recency > np.nan_to_num(horizon), mask=unknown)
        found["past_90_days"] = pa.array(past_90_days(recency))
        found["timing_version"] = pa.array([self.version] * len(rows))
        return {column.name: found[column.name].take(pa.array(place)) for column in TIMING}

    def _windows(self, rows: pa.Table, month: dt.date, p_order: pa.Table) -> tuple[dict[int, Ints], Bools]:
        """First and last day (n x 2) by level, and who has none (n)."""
        p = np.column_stack([numbers(p_order, f"p_order_{days}d") for days in HORIZONS])
        found = {level: np.zeros((len(rows), 2), np.int64) for level in LEVELS}
        if self.waiting is None:
            return found, np.ones(len(rows), dtype=bool)
        for start in range(0, len(rows), BATCH):
            some = slice(start, start + BATCH)
            by = self.waiting.predict(rows.slice(start, BATCH), month)
            by = anchored(by, np.nan_to_num(p[some]))
            for level, mine in windows(by, self.waiting.ends, self.waiting.reach).items():
                found[level][some] = mine
        return found, np.asarray(np.isnan(p).any(axis=1))

    def _rhythm(self, rows: pa.Table, days: ibis.Table) -> tuple[Floats, Floats]:
        """Usual gap and cadence horizon (n each), NaN where unknown."""
        if self.cadence is None or not len(rows):
            return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        usual = self.cadence.usual_gap_days(*own_gaps_of(rows, Spells.of(days, rows["as_of"][0].as_py())))
        return usual, self.cadence.horizon_of(usual)

    def _decides(self) -> list[Any]:
        return [
            None if self.waiting is None else self.waiting.as_json(),
            None if self.cadence is None else self.cadence.as_json(),
            self.trained_as_of.isoformat(),
            self.first_day.isoformat(),
        ]

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        names = ("waiting", "cadence", "trained_as_of", "first_day")
        own = dict(zip(names, self._decides(), strict=True))
        return {"version": self.version, "seed": self.seed, **own}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TimingModel":
        """The inverse of `as_json`."""
        day = dt.date.fromisoformat
        return cls(
            None if value["waiting"] is None else Waiting.from_json(value["waiting"]),
            None if value["cadence"] is None else Cadence.from_json(value["cadence"]),
            day(value["trained_as_of"]),
            day(value["first_day"]),
            value["seed"],
        )


def past_90_days(recency_days: Floats) -> Bools:
    """The preset: no order for 90 days or more."""
    return np.asarray(recency_days >= LONGEST)


def own_gaps_of(rows: pa.Table, spells: Spells) -> tuple[Floats, Floats]:
    """Number of own gaps and the sum of their logarithms (n each, 0 without any) of customers."""
    known, (gaps, log_sum) = spells.customers, spells.sums()
    keys = rows["customer_key"].to_numpy()
    if not len(known):
        return np.zeros(len(keys)), np.zeros(len(keys))
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    has = known[at] == keys
    return np.where(has, gaps[at], 0.0), np.where(has, log_sum[at], 0.0)


def fitted(
    features: ibis.Table,
    days: ibis.Table,
    known: Split,
    first_day: dt.date,
    most: int,
    seed: int,
    threads: int,
) -> TimingModel:
    """The model for the day of `known`, learned from what was known then.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`.
    known
        The day, and the months that may be learned from.
    first_day
        Of the lines.
    most
        Customers of a month, at most, that waiting times are learned from; gaps are counted for everybody.
    seed, threads
        Of the fit.
    """
    rhythm = cadence.fit(Spells.of(days, known.as_of))
    if not known.teaches:
        return TimingModel(None, rhythm, known.as_of, first_day, seed)
    rows = examples(features, days, list(known.learned), first_day, known.as_of, most, LONGEST_WAIT)
    return TimingModel(waiting.fit(rows, seed, threads), rhythm, known.as_of, first_day, seed)
