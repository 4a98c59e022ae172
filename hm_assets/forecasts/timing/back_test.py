"""The windows that past days would have given, beside the orders that came, and beside two plain ways to make windows.

Judged is who ordered within the reach: the last end of an interval that both the model knew and the files follow. A
window of a shorter reach is made in the same way, of who orders by then.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.churn import back_test as orders
from hm_assets.forecasts.churn.hazards import days_to_next
from hm_assets.forecasts.churn.models import Known, Model
from hm_assets.forecasts.cutoffs import Split, split
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import examples
from hm_assets.forecasts.outcomes import known_on
from hm_assets.forecasts.timing import coverage, waiting
from hm_assets.forecasts.timing.waiting import LONGEST_WAIT, anchored
from hm_assets.forecasts.timing.windows import LEVELS, windows
from hm_assets.segments.space import Bools, Floats, Ints, numbers

MODEL, MEAN_GAP, SAME = "waiting", "mean_gap", "same_for_all"
METHODS = (MODEL, MEAN_GAP, SAME)
"""The model; the baselines: own mean gap with everybody's errors, and everybody's waiting times."""
P_THIRDS = (1 / 3, 2 / 3)


@dataclass(frozen=True)
class Windowed:
    """A past day.

    Attributes
    ----------
    as_of, reach
        The day, and the days after it within which orders count.
    rows
        Who was judged (n), as `inputs.examples` with `LONGEST_WAIT`.
    p_order, p_reach
        P(order within 90 days) and within the reach (n each).
    windows
        First and last day (n x 2) by method and level.
    learned
        Customers of past days that were learned from.
    """

    as_of: dt.date
    reach: int
    rows: pa.Table
    p_order: Floats
    p_reach: Floats
    windows: Mapping[tuple[str, int], Ints]
    learned: int

    @property
    def came(self) -> Bools:
        """Who ordered within the reach (n)."""
        return np.asarray(days_to_next(self.rows) <= self.reach)

    def groups(self) -> dict[str, Bools]:
        """Kinds of customers that windows should hold for, by name (n each)."""
        bought = numbers(self.rows, "purchase_days")
        low, high = (self.p_order < P_THIRDS[0], self.p_order >= P_THIRDS[1])
        return {
            "all": np.ones(len(bought), dtype=bool),
            "bought on one day": bought == 1,
            "bought on 2 to 4 days": (bought > 1) & (bought < 5),
            "bought on 5 days or more": bought >= 5,
            "P(order in 90 days) under 1/3": low,
            "P(order in 90 days) 1/3 to 2/3": ~low & ~high,
            "P(order in 90 days) 2/3 or more": high,
        }


def run(
    features: ibis.Table,
    days: ibis.Table,
    model: Model,
    effort: Effort,
    seed: int,
    threads: int,
    months: Sequence[dt.date] | None = None,
) -> list[Windowed]:
    """The windows of the latest past days that can be judged (or of these months), the latest first.

    Parameters
    ----------
    features, days
        `features/customer_features` and `features/customer_days`; what they end with is the last that is known.
    model
        Of P(order), which the windows agree with.
    effort
        How many days and customers.
    seed, threads
        Of the fits.
    months
        Instead of the latest ones.
    """
    dates, first_day, last_day = orders.reach(features, days)
    chosen = orders.judged_months(dates, first_day, last_day, effort.cut_offs) if months is None else months
    splits = {month: split(dates, month, first_day) for month in chosen}
    learned = sorted({month for known in splits.values() for month in known.learned})
    if not learned:
        return []
    read = (first_day, last_day)
    past = examples(features, days, learned, *read, effort.learned_customers, LONGEST_WAIT)
    judged = examples(features, days, chosen, *read, effort.judged_customers, LONGEST_WAIT)
    return [windowed(past, judged, month, known, model, seed, threads) for month, known in splits.items()]


def windowed(
    past: pa.Table,
    judged: pa.Table,
    month: dt.date,
    known: Split,
    model: Model,
    seed: int,
    threads: int,
) -> Windowed:
    """Learn for one past day from what was known then, and make its windows.

    Parameters
    ----------
    past, judged
        `inputs.examples` with `LONGEST_WAIT` of at least the months that may be learned from, and of at least `month`.
    month, known
        The judged month; its day, and what may be learned from.
    model, seed, threads
        See `run`.
    """
    mine = past.filter(pc.is_in(past["month"], value_set=pa.array(known.learned, pa.date32())))
    then = known_on(mine, known.as_of, LONGEST_WAIT)
    rows = judged.filter(pc.equal(judged["month"], pa.scalar(month, pa.date32())))
    wait = waiting.fit(then, seed, threads)
    today = known_on(rows, known.as_of, LONGEST_WAIT)
    p_order = model.fit(Known(then, today, seed, threads)).predict(rows, month)
    by = anchored(wait.predict(rows, month), p_order)
    reach = min(wait.reach, waiting.reach_of(rows))
    found = {(MODEL, level): mine for level, mine in windows(by, wait.ends, reach).items()}
    found |= _plain(then, rows, reach)
    return Windowed(
        known.as_of, reach, rows, p_order[:, -1], by[:, wait.ends.index(reach)], found, then.num_rows
    )


def _plain(then: pa.Table, rows: pa.Table, reach: int) -> dict[tuple[str, int], Ints]:
    """The windows of the two plain methods."""
    waited = days_to_next(then)
    told = (numbers(then, "days_known") >= reach) & (waited <= reach)
    gap = numbers(then, "mean_gap_days")
    usual = float(np.nanmean(gap)) if not np.isnan(gap).all() else 0.0
    missed = (waited - _due(then, usual))[told]
    found = {}
    for level in LEVELS:
        tails = (1 - level / 100) / 2, (1 + level / 100) / 2
        if told.any():
            around, same = np.quantile(missed, tails), np.quantile(waited[told], tails)
        else:
            around = same = np.array(tails) * reach
        mine = np.column_stack([_due(rows, usual) + miss for miss in around])
        found[MEAN_GAP, level] = np.clip(np.rint(mine), 1, reach).astype(np.int64)
        found[SAME, level] = np.tile(np.clip(np.rint(same), 1, reach).astype(np.int64), (len(rows), 1))
    return found


def _due(rows: pa.Table, usual: float) -> Floats:
    """In how many days the next order is due by the customer's mean gap (n); never before tomorrow."""
    gap = numbers(rows, "mean_gap_days")
    return np.maximum(np.where(np.isnan(gap), usual, gap) - numbers(rows, "recency_days"), 1.0)


def scores(day: Windowed, resamples: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/timing_scoreboard` of one past day."""
    came, waited = day.came, days_to_next(day.rows)
    each = {
        (method, level): coverage.of_each(np.where(came, waited, 1.0), day.windows[method, level], level)
        for method in METHODS
        for level in LEVELS
    }
    for name, group in day.groups().items():
        back = group & came
        found = coverage.measured({key: values[back] for key, values in each.items()}, resamples, seed)
        for (method, level, metric), value in found.items():
            yield {
                "as_of": day.as_of,
                "method": method,
                "level": level,
                "of_whom": name,
                "metric": metric,
                **asdict(value),
                "reach_days": day.reach,
                "customers": int(back.sum()),
                "ordered_share": float(came[group].mean()) if group.any() else None,
                "expected_share": float(day.p_reach[group].mean()) if group.any() else None,
                "learned_rows": day.learned,
                "baseline": method != MODEL,
            }
