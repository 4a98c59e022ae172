"""What the page needs besides the tables of forecasts, as expressions for the engine: sums over many, and no key."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import ibis

from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.cutoffs import HORIZONS, LONGEST, SHORTEST_HISTORY_DAYS
from hm_assets.profiles.fairness.privacy import K, rounded, segments_withheld

BEFORE, YEAR_BEFORE = "before", "year_before"
STARTS = {BEFORE: 90, YEAR_BEFORE: 365}
ENDS = tuple(f"next_order_{end}_{level}" for level in (50, 80) for end in ("low", "high"))


def periods(days: ibis.Table, as_of: dt.date) -> list[dict[str, Any]]:
    """What came in 90 days that began 90 and 365 days before: who ordered of those known by then, and what was spent.

    The forecast is about customers who have bought by now, so it is compared with those who had bought by then; what
    others spent, who came later, stands beside it. Nothing of a period that began in the first month of the files.

    Parameters
    ----------
    days
        `features/customer_days` up to the month.
    as_of
        Its day.
    """
    first_day = days.t_dat.min().to_pyarrow().as_py()
    first = days.group_by("customer_key").agg(first=days.t_dat.min())
    found = []
    for name, back in STARTS.items():
        start = as_of - dt.timedelta(days=back)
        end = start + dt.timedelta(days=LONGEST)
        if first_day is None or start < first_day + dt.timedelta(days=SHORTEST_HISTORY_DAYS):
            continue
        since = days.filter((days.t_dat > start) & (days.t_dat <= end)).inner_join(first, "customer_key")
        known = since["first"] <= start
        told = since.aggregate(
            spend_known=since.spend.sum(where=known),
            spend_new=since.spend.sum(where=~known),
            **{
                f"ordered_{h}d": since.customer_key.nunique(
                    where=known & (since.t_dat <= start + dt.timedelta(days=h))
                )
                for h in HORIZONS
            },
        )
        (row,) = told.to_pyarrow().to_pylist()
        count = first.filter(first["first"] <= start).count().to_pyarrow().as_py()
        if count:
            spent = {name: round(float(row[name] or 0.0), 9) for name in ("spend_known", "spend_new")}
            found.append({"period": name, "start": start, "end": end, "customers": count, **row, **spent})
    return found


def windows(customers: ibis.Table, assignments: ibis.Table, hidden: Collection[int]) -> list[dict[str, Any]]:
    """Medians of the ends of the next order's windows in days after as_of, of each segment (not `hidden`) and all.

    Parameters
    ----------
    customers, assignments
        One month of `forecasts/customers` and of `segments/assignments`.
    """
    known = customers.filter(*(customers[name].notnull() for name in ENDS))
    placed = known.inner_join(assignments.select("customer_key", "segment_id"), "customer_key")
    ahead = {name: placed[name].delta(placed.as_of, unit="day") for name in ENDS}
    days = placed.select(segment=placed.segment_id.cast("string"), **ahead)
    parts = (days, days.mutate(segment=ibis.literal(ALL)))
    medians = [
        part.group_by("segment").agg(
            customers=part.count(), **{name: part[name].cast("float64").median() for name in ENDS}
        )
        for part in parts
    ]
    rows = ibis.union(*medians, distinct=False).order_by("segment").to_pyarrow().to_pylist()
    return [row for row in rows if row["customers"] >= K and row["segment"] not in {str(i) for i in hidden}]


def warned(listed: ibis.Table) -> list[dict[str, Any]]:
    """The early warning by segment and reason, in multiples of twenty customers, and all together.

    A group of fewer than twenty has neither a number nor a value, and one that would give it away by subtraction has no
    value: what is rounded cannot be subtracted.

    Parameters
    ----------
    listed
        One month of `forecasts/early_warning`.
    """
    counted = (
        listed.group_by("segment_id", "reason", "suggestion", "value_from")
        .agg(customers=listed.count(), at_stake=listed.value_at_stake.sum())
        .order_by("segment_id", "reason")
        .to_pyarrow()
        .to_pylist()
    )
    if not counted:
        return []
    found = [_group(ALL, ALL, counted, hidden=False)]
    for by in ("segment_id", "reason"):
        groups = [
            (str(value), [row for row in counted if row[by] == value])
            for value in sorted({row[by] for row in counted}, key=str)
        ]
        sizes = {i: sum(row["customers"] for row in mine) for i, (_, mine) in enumerate(groups)}
        hidden = segments_withheld(sizes)
        found += [_group(by, value, mine, i in hidden) for i, (value, mine) in enumerate(groups)]
    return found


def _group(by: str, value: str, rows: list[dict[str, Any]], hidden: bool) -> dict[str, Any]:
    many = rounded(sum(row["customers"] for row in rows))
    return {
        "by": by,
        "group": value,
        "customers": many,
        "at_stake": None if hidden or many is None else round(float(sum(row["at_stake"] for row in rows)), 9),
        "suggestion": rows[0]["suggestion"] if by == "reason" else None,
        "value_from": rows[0]["value_from"],
    }
