"""Who counts as lost by a rule of so many days without an order, and how often the rule was right.

Two rules: the preset of 90 days for everybody, and the customer's own cadence. Past days are judged by the 90 days
after: precision is the share of the flagged who did not order, recall the share of those who did not order that was
flagged. Whoever flags more finds more and is wrong more often, so the share of the base that is flagged stands beside.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.forecasts.churn.hazards import days_to_next
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.measures.scores import LEVEL
from hm_assets.forecasts.timing import cadence
from hm_assets.forecasts.timing.cadence import Spells
from hm_assets.forecasts.timing.timing_model import own_gaps_of, past_90_days
from hm_assets.segments.space import Bools, Floats, numbers

PRESET, OWN = "past_90_days", "past_cadence"


def flagged(rows: pa.Table, days: ibis.Table, as_of: dt.date) -> dict[str, Bools]:
    """Whom each rule flags (n each), learned from the days up to `as_of`; by cadence nobody where nobody came back."""
    recency = numbers(rows, "recency_days")
    spells = Spells.of(days, as_of)
    known = cadence.fit(spells)
    if known is None:
        late = np.zeros(len(recency), dtype=bool)
    else:
        late = recency > known.horizon_of(known.usual_gap_days(*own_gaps_of(rows, spells)))
    return {PRESET: past_90_days(recency), OWN: late}


def scores(
    flags: Mapping[str, Bools], rows: pa.Table, as_of: dt.date, resamples: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Rows of `forecasts/churn_rules` of one day.

    Parameters
    ----------
    flags
        `flagged`.
    rows
        The customers, with `days_known` and `days_to_next`; where 90 days are not over, only shares are told.
    as_of
        The day.
    resamples, seed
        Of the intervals.
    """
    over = bool((numbers(rows, "days_known") >= LONGEST).all())
    quiet = days_to_next(rows) > LONGEST
    rng = np.random.default_rng(seed)
    n = len(quiet)
    drawn = [rng.integers(0, n, n) for _ in range(resamples if n else 0)]
    for rule, flag in flags.items():
        measures: dict[str, tuple[Bools, Bools]] = {"share": (flag, np.ones(n, dtype=bool))}
        if over:
            measures |= {"precision": (flag & quiet, flag), "recall": (flag & quiet, quiet)}
            measures["quiet_share"] = (quiet, np.ones(n, dtype=bool))
        for metric, (part, whole) in measures.items():
            values = np.array([_ratio(part[some], whole[some]) for some in drawn])
            values = values[~np.isnan(values)]
            limits: Floats | tuple[None, None] = (None, None)
            if len(values):
                limits = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
            value = _ratio(part, whole)
            yield {
                "as_of": as_of,
                "rule": rule,
                "metric": metric,
                "value": None if np.isnan(value) else value,
                "low": None if limits[0] is None else float(limits[0]),
                "high": None if limits[1] is None else float(limits[1]),
                "customers": n,
                "flagged": int(flag.sum()),
            }


def _ratio(part: Bools, whole: Bools) -> float:
    count = int(whole.sum())
    return int(part.sum()) / count if count else float("nan")
