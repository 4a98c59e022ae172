"""How often a customer usually orders, and after how many days without an order she is late by her own measure.

Gaps are skewed, so they are averaged as logarithms. Few gaps say little: the mean logarithm of n gaps is drawn towards
that of all customers as if by k more gaps of theirs (empirical Bayes, Efron and Morris 1975; k is the variance within a
customer over that between customers, by analysis of variance, Searle, Casella and McCulloch 1992). The gap in progress
is no gap yet; the curves count it as open.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import ibis
import numpy as np

from hm_assets.forecasts.timing.curve import Curve
from hm_assets.segments.space import Bools, Floats, Ints

PERCENTILE = 0.8
"""The share of purchase days that has been followed by another by the horizon."""
# Logarithms are counted in whole parts of this size: such sums are the same in any order.
LOG_UNIT = 1e-9
# Ratios of gaps are counted on a grid of their logarithms.
STEPS_PER_E = 50
# Customers who differ in nothing would be drawn without end, and those whose own gaps are all alike not at all.
MOST_DRAWN = 1000.0


@dataclass(frozen=True)
class Cadence:
    """What everybody's gaps say, as learned.

    Attributes
    ----------
    log_gap
        Mean over customers of the logarithm of a gap, in days.
    drawn
        How many gaps of her own weigh as much as everybody's (k).
    horizon_days
        Everybody's horizon: 80 % of all purchase days were followed by another by then.
    factor
        The same of gaps counted in the usual gap of the customer as it was when they began.
    ever_back
        The share of all gaps that close, as far as the files reach.
    gaps
        Closed gaps that this is learned from.
    """

    log_gap: float
    drawn: float
    horizon_days: int
    factor: float
    ever_back: float
    gaps: int

    def usual_gap_days(self, gaps: Floats, log_sum: Floats) -> Floats:
        """Usual days between purchase days (n), NaN without one, from the gaps and their logarithms' sum."""
        own = np.exp((self.drawn * self.log_gap + log_sum) / (self.drawn + gaps))
        return np.where(gaps > 0, own, np.nan)

    def horizon_of(self, usual_gap_days: Floats) -> Floats:
        """Days without an order after which a customer is late (n, whole); everybody's where the usual gap is NaN."""
        own = np.ceil(usual_gap_days * self.factor)
        return np.where(np.isnan(usual_gap_days), float(self.horizon_days), own)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Cadence":
        """The inverse of `as_json`."""
        return cls(**value)


@dataclass(frozen=True)
class Spells:
    """From each purchase day to the next one of the same customer, or to `as_of` where there is none yet.

    Attributes
    ----------
    customers
        Keys of all customers (m), ascending.
    who
        Place of the customer of a spell among them (n), ascending, and by time within a customer.
    length
        Days, from 1 (n).
    closed
        Whether it ended with an order (n).
    before
        How many spells of the customer came before (n).
    log
        Logarithm of the length, in whole `LOG_UNIT` (n).
    """

    customers: Ints
    who: Ints
    length: Ints
    closed: Bools
    before: Ints
    log: Ints

    @classmethod
    def of(cls, days: ibis.Table, as_of: dt.date) -> "Spells":
        """Of the days of `features/customer_days` on or before `as_of`; all of them are sorted, so once is enough."""
        seen = days.filter((days.t_dat <= ibis.literal(as_of, "date")) & (days.new_day == 1))
        rows = seen.select("customer_key", "t_dat").order_by("customer_key", "t_dat").to_pyarrow()
        keys = rows["customer_key"].to_numpy()
        day = rows["t_dat"].to_numpy().astype("datetime64[D]").astype(np.int64)
        new = np.append(True, keys[1:] != keys[:-1]) if len(keys) else np.zeros(0, dtype=bool)
        who, first = np.cumsum(new) - 1, np.flatnonzero(new)
        last = np.append(new[1:], True)[: len(keys)]
        until = np.where(last, np.datetime64(as_of).astype(np.int64), np.append(day[1:], 0)[: len(keys)])
        before = np.arange(len(keys)) - first[who]
        # Who bought on the day itself has waited for nothing yet.
        real = until > day
        length = (until - day)[real]
        log = np.rint(np.log(length) / LOG_UNIT).astype(np.int64)
        return cls(keys[first], who[real], length, ~last[real], before[real], log)

    def sums(self) -> tuple[Floats, Floats]:
        """Closed gaps of each customer (m), and the sum of their logarithms (m)."""
        mine, m = self.who[self.closed], len(self.customers)
        totals = np.bincount(mine, self.log[self.closed], minlength=m)
        return np.bincount(mine, minlength=m).astype(np.float64), np.asarray(totals * LOG_UNIT)

    def logs_before(self) -> Floats:
        """The sum of the logarithms of the customer's earlier spells (n)."""
        so_far = np.append(0, np.cumsum(self.log))[:-1]
        began = np.searchsorted(self.who, self.who)
        return np.asarray((so_far - so_far[began]) * LOG_UNIT)


def fit(spells: Spells) -> Cadence | None:
    """What everybody's gaps say; None where nobody came back."""
    gaps, sums = spells.sums()
    if not gaps.any():
        return None
    log_gap, drawn = _variance_components(spells, gaps, sums)
    every = _curve(spells.length, spells.closed)
    later = spells.before > 0
    usual = (spells.logs_before() + drawn * log_gap) / (spells.before + drawn)
    ratio = np.rint((np.log(spells.length) - usual)[later] * STEPS_PER_E).astype(np.int64)
    step_80 = _curve(ratio, spells.closed[later]).quantile(PERCENTILE)
    # Where the files are too short to see 80 % come back, the longest gap that closed is the best that is known.
    horizon = every.quantile(PERCENTILE) or every.at[-1]
    factor = horizon / np.exp(log_gap) if step_80 is None else np.exp(step_80 / STEPS_PER_E)
    return Cadence(log_gap, drawn, int(horizon), float(factor), every.ever_back, int(gaps.sum()))


def _curve(length: Ints, closed: Bools) -> Curve:
    at, place = np.unique(length, return_inverse=True)
    counts = (np.bincount(place[which], minlength=len(at)) for which in (closed, ~closed))
    return Curve.of(at.astype(np.float64), *counts)


def _variance_components(spells: Spells, gaps: Floats, sums: Floats) -> tuple[float, float]:
    """Mean logarithm over customers, and k; sums are exact, so that the order of customers is nothing."""
    n, total = gaps[gaps > 0], sums[gaps > 0]
    mean = total / n
    m, every = len(n), math.fsum(n)
    log_gap = math.fsum(mean) / m
    # Repeats within customers, and customers beyond the first, are needed to tell the two variances apart.
    if every <= m or m == 1:
        return log_gap, 1.0
    logs, counts = np.unique(spells.log[spells.closed], return_counts=True)
    squares = math.fsum(counts * (logs * LOG_UNIT) ** 2)
    explained = math.fsum(total * mean)
    noise = max(squares - explained, 0.0) / (every - m)
    spread = (explained - math.fsum(total) ** 2 / every) / (m - 1)
    # What a mean of customers of unequal numbers of gaps has of noise.
    signal = (spread - noise) / ((every - math.fsum(n * n) / every) / (m - 1))
    if signal <= noise / MOST_DRAWN:
        return log_gap, MOST_DRAWN
    return log_gap, max(noise / signal, 1 / MOST_DRAWN)
