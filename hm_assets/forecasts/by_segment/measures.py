"""The rows of `forecasts/segments`: what the customers of each segment will do, with intervals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.by_segment.past import P
from hm_assets.forecasts.by_segment.shares import LEVEL, Share, groups, known_by, share
from hm_assets.forecasts.by_segment.tables import INDEX
from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST
from hm_assets.segments.space import Floats, numbers

Z = 1.2816
"""80 % of a normal distribution lie within so many standard deviations."""
VALUES = ("value_90d", "value_12m")
WINDOW = ("next_order_low_50", "next_order_high_50")
FACTS = ("past_cadence", "past_90_days")
OF_NEW = "value_12m_of_new"
NEW_DAYS = 90
# All that is read of a customer besides segment and probabilities; what is not in the table is unknown of everybody.
ENDS = tuple(f"{name}_{end}" for name in VALUES for end in ("low", "high"))
READ = (*VALUES, *ENDS, *WINDOW, *FACTS)


def measures(people: pa.Table, errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows without as_of and month.

    Parameters
    ----------
    people
        Customers of one month: `as_of`, `segment_id`, `P`, `tenure_days`, and of `READ` what there is.
    errors
        `forecasts/segment_scores` of that month.
    """
    people = people.filter(people["segment_id"].is_valid())
    rows = []
    for segment, own in groups(numbers(people, "segment_id").astype(np.int64)):
        mine = people.filter(pa.array(own))
        rows += [{"segment": segment, **asdict(told)} for told in _of(mine, segment, errors)]
    return rows


@dataclass(frozen=True)
class Told:
    """A measure of a group of customers; without a value where it is not known of anybody."""

    measure: str
    unit: str
    customers: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def _of(people: pa.Table, segment: str, errors: Sequence[Mapping[str, Any]]) -> Iterator[Told]:
    longest: Share | None = None
    for name, horizon in zip(P, HORIZONS, strict=True):
        p = _known(people, name)
        as_of = people["as_of"][0].as_py()
        said = share(p, known_by(errors, horizon, as_of), segment) if len(p) else None
        longest = said
        ends = (None, None, None) if said is None else (said.expected, said.low, said.high)
        yield Told(f"ordering_{horizon}d", "share", len(p), *ends)
    expected, low, high = (None if end is None else 1 - end for end in ends)
    yield Told(f"leaving_{LONGEST}d", "share", len(p), expected, high, low)
    yield _next_order(people)
    off = _relative_error(longest)
    for name in VALUES:
        yield from _value(people, name, off)
    for name in FACTS:
        yield _fact(people, name)
    new = people.filter(pa.array(numbers(people, "tenure_days") < NEW_DAYS))
    mean, _ = _value(new, VALUES[-1], off)
    yield replace(mean, measure=OF_NEW)


def _known(people: pa.Table, name: str) -> Floats:
    values = numbers(people, name) if name in people.column_names else np.zeros(0)
    return np.asarray(values[~np.isnan(values)])


def _relative_error(said: Share | None) -> float:
    """Half of the interval of the share that orders, beyond chance, over the share, in standard deviations."""
    if said is None or said.low is None or said.high is None or said.expected <= 0:
        return 0.0
    half = (said.high - said.low) / 2 / Z
    return float(np.sqrt(max(half**2 - said.chance, 0.0)) / said.expected)


def _value(people: pa.Table, name: str, off: float) -> tuple[Told, Told]:
    """Mean and sum of a value."""
    values = _known(people, name)
    n = len(values)
    if not n:
        return Told(name, INDEX, 0), Told(f"{name}_sum", INDEX, 0)
    mean, (low, high) = float(values.mean()), (_known(people, f"{name}_{end}") for end in ("low", "high"))
    ends: tuple[float, ...] = ()
    if len(low) == len(high) == n:
        variance = float((((high - low) / 2 / Z) ** 2).sum()) / n**2 + (off * mean) ** 2
        half = Z * variance**0.5
        ends = (max(mean - half, 0.0), mean + half)
    summed = Told(f"{name}_sum", INDEX, n, mean * n, *(end * n for end in ends))
    return Told(name, INDEX, n, mean, *ends), summed


def _next_order(people: pa.Table) -> Told:
    """Median days to the middle of the usual windows, with order statistics as ends (free of any distribution)."""
    from scipy.stats import binom

    nothing = Told("next_order_days", "days", 0)
    if any(name not in people.column_names for name in WINDOW):
        return nothing
    told = people.filter(pc.and_(people[WINDOW[0]].is_valid(), people[WINDOW[1]].is_valid()))
    n = told.num_rows
    if not n:
        return nothing
    today = told["as_of"].to_numpy().astype("datetime64[D]")
    middle = sum((told[name].to_numpy().astype("datetime64[D]") - today).astype(float) / 2 for name in WINDOW)
    ordered = np.sort(middle)
    below = int(binom.ppf((1 - LEVEL) / 2, n, 0.5))
    ends = (float(ordered[max(below - 1, 0)]), float(ordered[min(n - below, n - 1)]))
    return Told("next_order_days", "days", n, float(np.median(ordered)), *ends)


def _fact(people: pa.Table, name: str) -> Told:
    """A share that is counted, with Wilson's interval (1927)."""
    values = _known(people, name)
    n = len(values)
    if not n:
        return Told(name, "share", 0)
    p = float(values.mean())
    middle, half = p + Z**2 / (2 * n), Z * (p * (1 - p) / n + Z**2 / (4 * n**2)) ** 0.5
    whole = 1 + Z**2 / n
    # Where all or none are, rounding alone would take an end past 0 or 1.
    low, high = max(min((middle - half) / whole, p), 0.0), min(max((middle + half) / whole, p), 1.0)
    return Told(name, "share", n, p, low, high)
