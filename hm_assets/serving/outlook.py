"""What one customer will do next, in sentences: P(order), the window of the next order, the value, and the drivers."""

from collections.abc import Iterator, Mapping
from typing import Any

from hm_assets.explore.words import day, percent
from hm_assets.features.tables import INDEX
from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.why.tables import MOST
from hm_assets.playbooks.metrics.figure import write_figure


def summary(outlook: Mapping[str, Any] | None, drivers: Mapping[str, Any] | None) -> Iterator[str]:
    """Sentences on a row of `forecasts/customers` and of `forecasts/drivers`; none of what there is no model for."""
    if outlook is None:
        return
    chances = [(days, outlook[f"p_order_{days}d"]) for days in HORIZONS]
    if all(p is not None for _, p in chances):
        listed = ", ".join(f"{percent(p)} within {days}" for days, p in chances)
        yield f"Expected to order with a chance of {listed} days."
    found = [outlook[f"next_order_{end}_{level}"] for level in (50, 80) for end in ("low", "high")]
    if None not in found:
        ends = [day(date) for date in found]
        yield (
            f"If they order within {outlook['window_reach_days']} days: between {ends[0]} and {ends[1]} (50 %), "
            f"between {ends[2]} and {ends[3]} (80 %)."
        )
    if outlook["value_90d"] is not None:
        parts = [f"{_value(outlook, 'value_90d')} in 90 days"]
        if outlook["value_12m"] is not None:
            rests = ", carried on from 90 days" if outlook["value_extrapolated"] else ""
            parts.append(f"{_value(outlook, 'value_12m')} in 12 months{rests}")
        yield f"Expected to spend {' and '.join(parts)} ({INDEX}; 80 % intervals)."
    named = [drivers[f"driver_{rank}"] for rank in range(1, MOST + 1)] if drivers else []
    known = [f"{what} ({way} it)" for what, _, way in (words.rpartition(": ") for words in named if words)]
    if known:
        yield f"What the model reads in them, by weight on the chance of an order in 90 days: {'; '.join(known)}."


def _value(row: Mapping[str, Any], name: str) -> str:
    value, low, high = (write_figure(row[column]) for column in (name, f"{name}_low", f"{name}_high"))
    return f"{value} ({low} to {high})"
