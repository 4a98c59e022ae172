"""Which customers to look after now, by rules that can be told in a sentence each, and what could be done.

Asked about is who bought within the last half year: who has been gone for longer is for winning back, not for a
warning. On the list is who is more likely to leave than to order and meets a rule:

- overdue: at least two of their own usual gaps have passed since the last order (known from three purchase days on);
- falling: P(order) is at most two thirds of the month before, after what it fell for customers in general (a season);
- at_stake: their value times the chance to leave is among the highest tenth.

Ranked by the value at stake, and cut at a share of those asked about.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hm_assets.forecasts.by_segment.past import BEFORE, P
from hm_assets.segments.space import Bools, Floats, Ints, numbers

HALF_YEAR = 180
LIKELIER_TO_LEAVE = 0.5
GAPS = 2.0
FEWEST_DAYS = 3
FALLEN_TO = 2 / 3
HIGHEST = 0.9
FORECAST, SPENT = "value_12m", "spend_365d"
SHARE, MOST = 0.05, 10_000
WORDS = {
    "overdue": "at least two of their usual gaps have passed since the last order",
    "falling": "P(order) fell by a third or more since the month before, beyond the general fall",
    "at_stake": "the value that may be lost is among the highest tenth",
}
"""Rules in the order in which the first that holds is the reason."""
SUGGESTIONS = {
    "overdue": "Remind while the habit is fresh: what is new in the groups they buy, in the channel they use.",
    "falling": "Ask before offering: a short question after the last order, and a look for a bad experience.",
    "at_stake": "Worth a person’s time: a personal message or early access; no blanket discount.",
}
"""What could be done for each reason: suggestions of practice; no effect is known from these data."""


@dataclass(frozen=True)
class Listed:
    """Positions of the listed among n people, most at stake first, with rules (listed x rules) and what is at stake."""

    people: Ints
    rules: Bools
    at_stake: Floats
    value_from: str


def asked(people: pa.Table) -> Bools:
    """Who bought within the last half year (n)."""
    return np.asarray(numbers(people, "recency_days") < HALF_YEAR)


def listed(people: pa.Table, share: float = SHARE, most: int = MOST) -> Listed:
    """The list.

    Parameters
    ----------
    people
        Customers of one day, as `past.outlook_of` gives them, in the order of their keys, with `value_12m` or without.
        Nobody without a probability is listed.
    share, most
        Of those who bought within the last half year at most this share, and at most this many.
    """
    p, before = numbers(people, P[-1]), numbers(people, BEFORE)
    value, value_from = values(people)
    pool = asked(people)
    at_stake = value * (1 - p)
    possible = pool & (p < LIKELIER_TO_LEAVE)
    many = numbers(people, "purchase_days") >= FEWEST_DAYS
    fell = np.divide(p, before, out=np.full(len(p), np.nan), where=before > 0)
    usual = float(np.median(fell[~np.isnan(fell)])) if (~np.isnan(fell)).any() else 1.0
    known = at_stake[pool & ~np.isnan(at_stake)]
    bar = np.quantile(known, HIGHEST) if len(known) else np.inf
    rules = np.column_stack(
        [
            many & (numbers(people, "gaps_since") >= GAPS),
            fell <= FALLEN_TO * min(usual, 1.0),
            (at_stake >= bar) & (at_stake > 0),
        ]
    )
    (found,) = np.nonzero(possible & rules.any(axis=1))
    room = min(int(share * pool.sum()), most)
    # Keys are in order, and a stable sort keeps them so among equals.
    first = found[np.argsort(-at_stake[found], kind="stable")][:room]
    return Listed(first, rules[first], at_stake[first], value_from)


def values(people: pa.Table) -> tuple[Floats, str]:
    """What each customer is worth (n), and which column tells it: the forecast, where there is one for everybody."""
    if FORECAST in people.column_names and len(people) and people[FORECAST].null_count == 0:
        return numbers(people, FORECAST), FORECAST
    return numbers(people, SPENT), SPENT


def rows_of(people: pa.Table, found: Listed) -> pa.Table:
    """The columns of `forecasts/early_warning`; `people` as for `listed`."""
    names = list(WORDS)
    mine = people.take(pa.array(found.people))
    first = [names[i] for i in found.rules.argmax(axis=1)] if len(found.people) else []
    why = ["; ".join(WORDS[n] for n, holds in zip(names, rule, strict=True) if holds) for rule in found.rules]
    columns = {
        "customer_key": mine["customer_key"],
        "as_of": mine["as_of"],
        "rank": pa.array(np.arange(1, len(mine) + 1), pa.int32()),
        "segment_id": mine["segment_id"].cast("int32"),
        "reason": pa.array(first, pa.string()),
        "why": pa.array(why, pa.string()),
        "suggestion": pa.array([SUGGESTIONS[name] for name in first], pa.string()),
        "p_order_90d": mine[P[-1]],
        "p_order_90d_before": mine[BEFORE],
        "value_at_stake": pa.array(found.at_stake, pa.float64()),
        "value_from": pa.array([found.value_from] * len(mine), pa.string()),
        "month": mine["month"],
    }
    return pa.table(columns)
