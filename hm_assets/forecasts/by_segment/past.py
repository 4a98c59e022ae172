"""Customers on past days, with what the model would have said of them then, their segment, and what they did."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.forecasts.by_segment.tables import PAST_OUTLOOK
from hm_assets.forecasts.churn.back_test import judged_months, reach
from hm_assets.forecasts.churn.hazards import Seasonal
from hm_assets.forecasts.churn.models import Known, named
from hm_assets.forecasts.cutoffs import HORIZONS, split
from hm_assets.forecasts.effort import Effort
from hm_assets.forecasts.inputs import described, examples
from hm_assets.forecasts.order_model import OrderModel
from hm_assets.forecasts.outcomes import known_on, outcomes
from hm_assets.warehouse.calendar import add_months, of_month

P = tuple(f"p_order_{days}d" for days in HORIZONS)
BEFORE = f"{P[-1]}_before"
# What the early warning looks at.
BEHAVIOUR = ("recency_days", "purchase_days", "gaps_since", "spend_365d")


@dataclass(frozen=True)
class PastDay:
    """A day and its customers in the order of their keys: the columns of `forecasts/past_outlook` at least."""

    as_of: dt.date
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
    """The judged days, oldest first, each with the model as it would have been fitted on that day.

    Parameters
    ----------
    features, days, assignments
        `features/customer_features`, `features/customer_days`, `segments/assignments`; what they end with is the last
        that is known.
    chosen
        Name of the algorithm, and why.
    effort
        How many days, and customers of a month learned from and judged on.
    seed, threads
        Of the fits.
    """
    dates, first_day, last_day = reach(features, days)
    splits = {
        month: split(dates, month, first_day)
        for month in judged_months(dates, first_day, last_day, effort.cut_offs)
    }
    learned = sorted({month for known in splits.values() for month in known.learned})
    if not learned:
        return
    # One look at the tables for all days; each day then forgets what came after it.
    rows = examples(features, days, learned, first_day, last_day, effort.learned_customers)
    for month, known in sorted(splits.items()):
        mine = rows.filter(pc.is_in(rows["month"], value_set=pa.array(known.learned, pa.date32())))
        today = examples(features, days, [month], first_day, known.as_of, effort.learned_customers)
        model = cast(Seasonal, named(chosen[0]).fit(Known(known_on(mine, known.as_of), today, seed, threads)))
        kept = OrderModel(
            model, known.as_of, first_day, tuple(sorted(known.learned.values())), seed, chosen[1]
        )
        # Keys are hashes, so those with the smallest ones are a random sample that no other row changes.
        some = of_month(features, month).order_by("customer_key").limit(effort.judged_customers)
        sampled = features.semi_join(some.select("customer_key"), "customer_key")
        told = outlook_of(kept, sampled, assignments, month)
        yield PastDay(known.as_of, by_key(outcomes(told, days, last_day)))


def rows(past: Iterable[PastDay], month: dt.date) -> Iterator[pa.Table]:
    """The rows of `forecasts/past_outlook` of a month, a part per day."""
    schema = PAST_OUTLOOK.arrow_schema()
    for day in past:
        n = len(day.people)
        own = day.people.set_column(
            day.people.column_names.index("month"), "month", pa.array([month] * n, pa.date32())
        )
        yield own.select(schema.names).cast(schema)


def read(past_outlook: ibis.Table) -> list[PastDay]:
    """The judged days of one month of `forecasts/past_outlook`, oldest first."""
    found = past_outlook.order_by("as_of", "customer_key").to_pyarrow()
    return [
        PastDay(day.as_py(), found.filter(pc.equal(found["as_of"], day))) for day in pc.unique(found["as_of"])
    ]


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
