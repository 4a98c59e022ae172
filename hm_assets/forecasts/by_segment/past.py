"""Customers on past days, with what the model would have said of them then, their segment, and what they did."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import ibis
import pyarrow as pa

from hm_assets.forecasts import order_model
from hm_assets.forecasts.churn.back_test import judged_months, reach
from hm_assets.forecasts.cutoffs import HORIZONS, split
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import described
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.outcomes import outcomes
from hm_assets.warehouse.calendar import add_months, of_month, of_months

P = tuple(f"p_order_{days}d" for days in HORIZONS)
BEFORE = f"{P[-1]}_before"
# What the early warning looks at.
BEHAVIOUR = ("recency_days", "purchase_days", "gaps_since", "spend_365d")


@dataclass(frozen=True)
class PastDay:
    """A day, its month, and its customers: key, `BEHAVIOUR`, segment, `P`, `BEFORE`, and `outcomes`."""

    as_of: dt.date
    month: dt.date
    people: pa.Table


def past_days(
    features: ibis.Table,
    days: ibis.Table,
    assignments: ibis.Table,
    chosen: tuple[str, str],
    effort: Effort,
    seed: int,
    threads: int,
) -> Iterator[PastDay]:
    """The judged days, oldest first, one at a time: at full scale each takes some hundred megabytes.

    Parameters
    ----------
    features, days, assignments
        `features/customer_features`, `features/customer_days`, `segments/assignments`; what they end with is the last
        that is known.
    chosen
        Name of the algorithm, and why.
    effort
        How many days, and customers learned from.
    seed, threads
        Of the fits.
    """
    dates, first_day, last_day = reach(features, days)
    for month in sorted(judged_months(dates, first_day, last_day, effort.cut_offs)):
        known = split(dates, month, first_day)
        then = of_months(features, None, month)
        model = order_model.fitted(
            then, days, known, first_day, chosen, effort.learned_customers, seed, threads
        )
        told = outlook_of(model, then, assignments, month)
        yield PastDay(known.as_of, month, by_key(outcomes(told, days, last_day)))


def outlook_of(
    model: OrderModel, features: ibis.Table, assignments: ibis.Table, month: dt.date
) -> ibis.Table:
    """Customers of a month with key, `as_of`, `month`, `BEHAVIOUR`, `segment_id`, `P`, and `BEFORE`.

    `BEFORE` is what the same model says of the month before; empty for who had bought nothing by then.
    """
    people = described(of_month(features, month), model.first_day).select(
        "customer_key", "as_of", "month", *BEHAVIOUR
    )
    now = model.outlook(features, month).select("customer_key", *P)
    earlier = model.outlook(features, add_months(month, -1))
    earlier = earlier.select("customer_key", **{BEFORE: earlier[P[-1]]})
    placed = of_month(assignments, month).select("customer_key", "segment_id")
    for number, other in enumerate((now, earlier, placed)):
        people = people.left_join(other, "customer_key", rname=f"{{name}}_{number}").drop(
            f"customer_key_{number}"
        )
    return people


def by_key(table: ibis.Table) -> pa.Table:
    """In memory, in the order of the keys."""
    return table.order_by("customer_key").to_pyarrow()
