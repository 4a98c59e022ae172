"""A model of value for a day: the model, the season, and how far it may be off.

Before it speaks of the coming days it is rehearsed: fitted as of the latest past day whose outcome is over, on what was
known then, and compared with what came. Its errors make the intervals. What the total was off by is not carried on: on
real files that made the next total worse (docs/real-data.md), as it was mostly the season of another quarter.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.cutoffs import LONGEST, split
from hm_assets.forecasts.value import models
from hm_assets.forecasts.value.intervals import Bands
from hm_assets.forecasts.value.models import Known, Model, Spender
from hm_assets.forecasts.value.spending import VALUE_HORIZONS, YEAR, by_month, column, known_on, over
from hm_assets.segments.space import Floats, numbers


@dataclass(frozen=True)
class Forecast:
    """A fitted model with its season and its errors.

    Attributes
    ----------
    name
        Of the model.
    spender
        What it says of an average season.
    season
        Calendar month -> log factor of the 90 days after its end. A year has no season.
    bands
        Horizon -> limits of the errors.
    extrapolated
        Whether no past day with a year after it could be compared: then the errors of 90 days stand in.
    """

    name: str
    spender: Spender
    season: Mapping[int, float]
    bands: Mapping[int, Bands]
    extrapolated: bool

    def value(self, rows: pa.Table, month: dt.date, horizon: int) -> Floats:
        """Expected spend of n customers of a month within so many days after its as-of day (n)."""
        return in_season(self.spender, rows, month, horizon, self.season)

    def interval(self, value: Floats, horizon: int) -> tuple[Floats, Floats]:
        """Limits of 80 % around values (n each)."""
        return self.bands[horizon].around(value)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "name": self.name,
            "spender": self.spender.as_json(),
            "season": {str(month): effect for month, effect in self.season.items()},
            "bands": {str(h): bands.as_json() for h, bands in self.bands.items()},
            "extrapolated": self.extrapolated,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Forecast":
        """The inverse of `as_json`."""
        return cls(
            value["name"],
            models.from_json(value["spender"]),
            {int(month): effect for month, effect in value["season"].items()},
            {int(h): Bands.from_json(bands) for h, bands in value["bands"].items()},
            value["extrapolated"],
        )


def in_season(
    spender: Spender, rows: pa.Table, month: dt.date, horizon: int, season: Mapping[int, float]
) -> Floats:
    """What a model says of n customers of a month (n), the 90 days with their season."""
    log = season.get(month.month, 0.0) if horizon == LONGEST else 0.0
    return np.asarray(spender.predict(rows, horizon) * np.exp(log))


@dataclass(frozen=True)
class History:
    """The customers of past months, and when each month was: what all models of a back-test are learned from.

    Attributes
    ----------
    rows
        `spending.examples` of all months up to the last one.
    dates
        As-of day of each month.
    first_day
        Of the lines.
    season
        `season.effects` as known in the last month.
    """

    rows: pa.Table
    dates: Mapping[dt.date, dt.date]
    first_day: dt.date
    season: Mapping[int, float]

    def of(self, month: dt.date) -> pa.Table:
        """The customers of a month."""
        return self.rows.filter(pc.equal(self.rows["month"], pa.scalar(month, pa.date32())))

    def teaches(self, month: dt.date) -> bool:
        """Whether there is a past day of which the 90 days were over on the day of this month."""
        return split(self.dates, month, self.first_day).teaches

    def known_on(self, month: dt.date) -> Known:
        """What may be learned for the day of a month: earlier days whose 90 days are over, and its own histories."""
        then = self.learned_rows(month)
        spent = numbers(then, column(LONGEST))
        for one, rows in by_month(then).items():
            spent = np.where(rows, spent / np.exp(self.season.get(one.month, 0.0)), spent)
        return Known(then, spent, self.of(month))

    def learned_rows(self, month: dt.date) -> pa.Table:
        """Customers of earlier days whose 90 days were over on the day of a month."""
        learned = list(split(self.dates, month, self.first_day).learned)
        mine = self.rows.filter(pc.is_in(self.rows["month"], value_set=pa.array(learned, pa.date32())))
        then = known_on(mine, self.dates[month])
        return then.filter(pa.array(over(then, LONGEST)))

    def rehearsed(self, month: dt.date, horizon: int) -> dt.date | None:
        """The latest month that taught something and whose so many days were over on the day of this month."""
        day = self.dates[month]
        told = [m for m, d in self.dates.items() if d + dt.timedelta(days=horizon) <= day and self.teaches(m)]
        return max(told, default=None)

    def until(self, month: dt.date, season: Mapping[int, float]) -> "History":
        """The same as it was known on the day of a month, with the season known then."""
        mine = self.rows.filter(pc.less_equal(self.rows["month"], pa.scalar(month, pa.date32())))
        dates = {m: day for m, day in self.dates.items() if m <= month}
        return History(known_on(mine, self.dates[month]), dates, self.first_day, season)


def fitted(
    history: History,
    month: dt.date,
    catalogue: tuple[Model, ...],
    seed: int,
    threads: int,
    now: Known | None = None,
) -> dict[str, Forecast]:
    """Each model that can be learned for the last month of a history, by name.

    Parameters
    ----------
    history
        Up to `month` (see `History.until`).
    month
        One that teaches.
    catalogue
        The models.
    seed, threads
        Of the fits.
    now
        `history.known_on(month)`, with what was fitted on it already.
    """
    now = history.known_on(month) if now is None else now
    past = {horizon: history.rehearsed(month, horizon) for horizon in VALUE_HORIZONS}
    then = {day: history.known_on(day) for day in {day for day in past.values() if day is not None}}
    found = {}
    for model in catalogue:
        spender = model.fit(now, seed, threads)
        if spender is None:
            continue
        bands = {}
        for horizon, day in past.items():
            earlier = None if day is None else model.fit(then[day], seed, threads)
            if day is not None and earlier is not None:
                bands[horizon] = _errors(earlier, history, day, horizon)
        if LONGEST not in bands:
            # Too short a history for a rehearsal: the errors are those on what was learned, and may be too small.
            bands[LONGEST] = _errors(spender, history, max(by_month(now.past)), LONGEST)
        extrapolated = YEAR not in bands
        if extrapolated:
            bands[YEAR] = bands[LONGEST].times(YEAR / LONGEST)
        found[model.name] = Forecast(model.name, spender, history.season, bands, extrapolated)
    return found


def _errors(spender: Spender, history: History, month: dt.date, horizon: int) -> Bands:
    """Limits of what a model was off by on a past day."""
    rows = history.of(month)
    said = in_season(spender, rows, month, horizon, history.season)
    return Bands.of(said, numbers(rows, column(horizon)))
