"""A look: where every customer is now, beside where they were at the look before.

A customer changed if the segment did and nothing else explains it. Not a change of the customer:

- the first look: there is nothing to compare with;
- a promoted model: it places everybody anew;
- a corrected past: what they bought before the month of the last look is not what it was then;
- a day that went back: the latest lines were taken away.

Each of these is taken as the new baseline without an event.
"""

import datetime as dt
from collections.abc import Sequence

import ibis

from hm_assets.features.customer_days import exact_sum, whole_sum
from hm_assets.monitoring.triggers.rules import ENTERS, Rule
from hm_assets.monitoring.triggers.tables import LAST_SEGMENTS, SEGMENT_EVENTS
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.calendar import month_of, of_month


def latest_month(assignments: ibis.Table) -> dt.date | None:
    """The latest month in which anybody is placed."""
    month: dt.date | None = assignments.month.max().to_pyarrow().as_py()
    return month


def last_look(last: ibis.Table) -> tuple[int, dt.date] | None:
    """Number and day of the last look, if there was one."""
    row = last.agg(look=last["look"].max(), as_of=last.as_of.max()).to_pyarrow().to_pylist()[0]
    return None if row["look"] is None else (int(row["look"]), row["as_of"])


def bought_before(days: ibis.Table, day: dt.date) -> ibis.Table:
    """What each customer had bought before a day: customer_key, items_before, spend_before."""
    earlier = days.filter(days.t_dat < ibis.literal(day, "date"))
    return earlier.group_by("customer_key").agg(
        items_before=whole_sum(earlier["items"]), spend_before=exact_sum(earlier.spend)
    )


def state(assignments: ibis.Table, days: ibis.Table, month: dt.date, look: int) -> ibis.Table:
    """`monitoring/last_segments` as of a month, as look number `look`."""
    now = of_month(assignments, month)
    known = now.left_join(bought_before(days, month), "customer_key")
    return known.mutate(
        look=ibis.literal(look, "int64"), items_before=known.items_before.fill_null(0)
    ).select([column.name for column in LAST_SEGMENTS.columns])


def is_news(last: ibis.Table, now: ibis.Table) -> bool:
    """Whether anything but the number of the look differs between two states."""
    columns = [column.name for column in LAST_SEGMENTS.columns if column.name != "look"]
    old, new = last.select(columns), now.select(columns)
    counts = int(old.count().to_pyarrow().as_py()), int(new.count().to_pyarrow().as_py())
    return counts[0] != counts[1] or bool(new.difference(old).count().to_pyarrow().as_py())


def events(
    last: ibis.Table,
    now: ibis.Table,
    days: ibis.Table,
    before: tuple[int, dt.date],
    rules: Sequence[Rule],
    seen_at: dt.datetime,
) -> ibis.Table:
    """Rows of `monitoring/segment_events` that a look adds.

    Parameters
    ----------
    last, now
        `monitoring/last_segments` of the last look and of this one.
    days
        `features/customer_days`, as it is now.
    before
        Number and day of the last look.
    rules
        What is waited for.
    seen_at
        When the look is taken.
    """
    past = bought_before(days, month_of(before[1])).rename(items_now="items_before", spend_now="spend_before")
    old = last.select("customer_key", "items_before", "spend_before", was="segment_id", model="model_version")
    day = ibis.literal(before[1], "date")
    joined = now.drop("items_before", "spend_before").left_join(old, "customer_key", rname="{name}_old")
    joined = joined.left_join(past, "customer_key", rname="{name}_past")
    joined = joined.mutate(segment_before=joined.was.fill_null(NO_PURCHASE))
    same_past = (joined.items_before.fill_null(0) == joined.items_now.fill_null(0)) & (
        joined.spend_before.fill_null(0.0) == joined.spend_now.fill_null(0.0)
    )
    same_model = joined.model.fill_null(joined.model_version) == joined.model_version
    moved = joined.filter(
        same_past & same_model & (joined.as_of >= day) & (joined.segment_before != joined.segment_id)
    )
    parts = [_met(moved, rule, seen_at) for rule in rules if rule.segments]
    return ibis.union(*parts) if len(parts) > 1 else parts[0] if parts else SEGMENT_EVENTS.in_memory([])


def _met(moved: ibis.Table, rule: Rule, seen_at: dt.datetime) -> ibis.Table:
    was, is_now = (moved[name].isin(sorted(rule.segments)) for name in ("segment_before", "segment_id"))
    met = moved.filter(is_now & ~was if rule.when == ENTERS else was & ~is_now)
    kinds = SEGMENT_EVENTS.ibis_schema()
    return met.mutate(
        rule=ibis.literal(rule.name),
        action=ibis.literal(rule.action),
        seen_at=ibis.literal(seen_at.isoformat()).cast(kinds["seen_at"]),
        sent_at=ibis.null(kinds["sent_at"]),
    ).select(list(kinds))
