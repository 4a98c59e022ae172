"""How often a customer usually orders, and after how many days without an order she is late by her own measure.

Gaps are skewed, so they are averaged as logarithms. Few gaps say little: the mean logarithm of n gaps is drawn towards
that of all customers as if by k more gaps of theirs (empirical Bayes, Efron and Morris 1975; k is the variance within a
customer over that between customers, by analysis of variance, Searle, Casella and McCulloch 1992). The gap in progress
is no gap yet; the curves count it as open.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import ibis
import numpy as np

from hm_assets.forecasts.timing.curve import curve_of
from hm_assets.segments.space import Floats

EXACT = "decimal(18, 9)"
PERCENTILE = 0.8
"""The share of purchase days that has been followed by another by the horizon."""
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


def own_gaps(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Of who has closed gaps on or before `as_of`: `customer_key`, `gaps` (how many), `log_sum` of their logarithms."""
    closed = _spells(days, as_of).filter(lambda spell: spell.closed)
    return closed.group_by("customer_key").agg(
        gaps=closed.count(), log_sum=_exact_log(closed.length).sum().cast("float64")
    )


def fit(days: ibis.Table, as_of: dt.date) -> Cadence | None:
    """What the gaps on or before a day say of everybody; None where nobody came back.

    Parameters
    ----------
    days
        `features/customer_days`; rows after `as_of` are left out.
    as_of
        The day.
    """
    spells = _spells(days, as_of)
    log_gap, drawn, gaps = _variance_components(spells)
    if not gaps:
        return None
    every = curve_of(_counted(spells, spells.length), "length")
    later = spells.filter(spells.before > 0)
    usual = ((later.log_before + drawn * log_gap) / (later.before + drawn)).exp()
    step = ((later.length / usual).ln() * STEPS_PER_E).round().cast("int32")
    ratios = curve_of(_counted(later, step), "length")
    # Where the files are too short to see 80 % come back, the longest gap that closed is the best that is known.
    horizon = every.quantile(PERCENTILE) or every.at[-1]
    step_80 = ratios.quantile(PERCENTILE)
    factor = horizon / np.exp(log_gap) if step_80 is None else np.exp(step_80 / STEPS_PER_E)
    return Cadence(log_gap, drawn, int(horizon), float(factor), every.ever_back, gaps)


def _spells(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """From each purchase day to the next one, or to `as_of` where there is none yet.

    Columns: `customer_key`, `length` (days, from 1), `closed`, `before` (how many of the customer's came before) and
    `log_before` (the sum of the logarithms of these).
    """
    seen = days.filter((days.t_dat <= ibis.literal(as_of, "date")) & (days.new_day == 1))
    by_day = ibis.window(group_by="customer_key", order_by="t_dat")
    paired = seen.select("customer_key", "t_dat", next_day=seen.t_dat.lead().over(by_day))
    closed = paired.next_day.notnull()
    until = paired.next_day.fill_null(ibis.literal(as_of, "date"))
    spells = paired.mutate(closed=closed, length=until.delta(paired.t_dat, unit="day").cast("int32"))
    # Who bought on the day itself has waited for nothing yet.
    spells = spells.filter(spells.length > 0)
    so_far = ibis.window(group_by="customer_key", order_by="t_dat", preceding=(None, 1), following=None)
    return spells.select(
        "customer_key",
        "length",
        "closed",
        before=ibis.row_number().over(by_day),
        log_before=_exact_log(spells.length).sum().over(so_far).cast("float64").fill_null(0.0),
    )


def _exact_log(length: ibis.expr.types.NumericColumn) -> ibis.expr.types.NumericColumn:
    """Logarithms whose sum does not depend on the order of rows."""
    return length.cast("float64").ln().cast(EXACT)


def _counted(spells: ibis.Table, length: ibis.Value) -> Any:
    """How many spells of each length are closed, and still open."""
    return (
        spells.select(length=length, closed="closed")
        .group_by("length")
        .agg(closed=ibis._.closed.sum().cast("int64"), still_open=(~ibis._.closed).sum().cast("int64"))
        .order_by("length")
        .to_pyarrow()
    )


def _variance_components(spells: ibis.Table) -> tuple[float, float, int]:
    """Mean logarithm over customers, k, and the number of closed gaps."""
    closed = spells.filter(spells.closed)
    log = closed.length.cast("float64").ln()
    by_customer = closed.group_by("customer_key").agg(
        n=closed.count().cast("float64"),
        total=log.cast(EXACT).sum().cast("float64"),
        squares=(log * log).cast(EXACT).sum().cast("float64"),
    )
    mean = by_customer.total / by_customer.n
    within = by_customer.squares - by_customer.total * mean
    sums = by_customer.agg(
        customers=by_customer.count(),
        n=by_customer.n.sum(),
        n2=(by_customer.n * by_customer.n).sum(),
        within=within.cast(EXACT).sum().cast("float64"),
        means=mean.cast(EXACT).sum().cast("float64"),
        total=by_customer.total.cast(EXACT).sum().cast("float64"),
        between=(by_customer.total * mean).cast(EXACT).sum().cast("float64"),
    )
    (row,) = sums.to_pyarrow().to_pylist()
    m, n = row["customers"], row["n"] or 0.0
    if not m:
        return 0.0, 0.0, 0
    log_gap = row["means"] / m
    # Repeats within customers, and customers beyond the first, are needed to tell the two variances apart.
    if n <= m or m == 1:
        return log_gap, 1.0, int(n)
    noise = row["within"] / (n - m)
    spread = (row["between"] - row["total"] ** 2 / n) / (m - 1)
    # What a mean of customers of unequal numbers of gaps has of noise.
    signal = (spread - noise) / ((n - row["n2"] / n) / (m - 1))
    if signal <= noise / MOST_DRAWN:
        return log_gap, MOST_DRAWN, int(n)
    return log_gap, max(noise / signal, 1 / MOST_DRAWN), int(n)
