"""Where customers were in earlier months: when each last changed, and how many went from where to where."""

import datetime as dt
import itertools
from collections.abc import Sequence

import ibis
import numpy as np

from hm_assets.segments.space import Ints
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.calendar import months_between, of_month, of_months
from hm_assets.warehouse.schema import MONTH


def months_of_assignments(assignments: ibis.Table, month: dt.date) -> list[dt.date]:
    """The months that are stored, up to `month`."""
    first = of_months(assignments, None, month)[MONTH].min().to_pyarrow().as_py()
    return [] if first is None else list(months_between(first, month))


def months_of_model(assignments: ibis.Table, months: Sequence[dt.date], version: str) -> list[dt.date]:
    """The latest of these consecutive months without one that another model placed, or that holds nobody."""
    told = assignments.group_by(MONTH).agg(own=(assignments.model_version == version).fill_null(True).all())
    own = {row[MONTH]: row["own"] for row in told.to_pyarrow().to_pylist()}
    return list(itertools.takewhile(lambda month: own.get(month, False), reversed(months)))[::-1]


def last_changes(assignments: ibis.Table, month: dt.date, first: dt.date) -> ibis.Table:
    """One row per customer of `month`: `previous_segment_id` and `changed_on` (null = never), `months_in_segment`.

    Parameters
    ----------
    assignments
        `segments/assignments` of all months up to the month.
    month
        The month.
    first
        The first month of the data. Who came on file after it was in segment 0 before.
    """
    now = of_month(assignments, month).select("customer_key", now="segment_id")
    upto = of_months(assignments, None, month).select("customer_key", "segment_id", seen=assignments[MONTH])
    joined = now.inner_join(upto, "customer_key")
    other = joined.segment_id != joined.now
    told = joined.group_by("customer_key", "now").agg(
        last=joined.seen.max(where=other),
        previous=joined.segment_id.argmax(joined.seen, where=other),
        since=joined.seen.min(),
    )
    arrived = told["last"].isnull() & (told.since > ibis.literal(first, "date")) & (told.now != NO_PURCHASE)
    changed = ibis.cases(
        (told["last"].notnull(), (told["last"] + ibis.interval(months=1)).cast("date")),
        (arrived, told.since),
    )
    return told.select(
        "customer_key",
        previous_segment_id=ibis.ifelse(arrived, NO_PURCHASE, told.previous).cast("int32"),
        changed_on=changed,
        months_in_segment=(
            _number(ibis.literal(month, "date")) - _number(changed.fill_null(told.since)) + 1
        ).cast("int16"),
    )


def _number(month: ibis.Value) -> ibis.Value:
    return month.year() * 12 + month.month()


def crossings(assignments: ibis.Table, months: Sequence[dt.date]) -> tuple[list[int], Ints]:
    """Counts of customers from segment to segment between consecutive months.

    Parameters
    ----------
    assignments
        `segments/assignments`.
    months
        Consecutive months, n of them.

    Returns
    -------
    tuple
        Segment ids in order, the first of them 0, and an array (n - 1) x ids x ids, rows from and columns to. Who is
        not on file in a month counts as segment 0.
    """
    wanted = assignments.filter(assignments[MONTH].isin(list(months)))
    # A column per month and one pass over the rows: a join or a window per pair of months would sort them again.
    placed = wanted.group_by("customer_key").agg(
        **{
            f"m{i}": wanted.segment_id.max(where=wanted[MONTH] == ibis.literal(month, "date")).cast("int32")
            for i, month in enumerate(months)
        }
    )
    table = placed.drop("customer_key").to_pyarrow()
    columns = [
        np.asarray(table[name].fill_null(NO_PURCHASE).to_numpy(), dtype=np.int64)
        for name in table.column_names
    ]
    ids = sorted({NO_PURCHASE}.union(*(np.unique(column).tolist() for column in columns)))
    places = [np.searchsorted(ids, column) for column in columns]
    k = len(ids)
    pairs = [np.bincount(a * k + b, minlength=k * k).reshape(k, k) for a, b in itertools.pairwise(places)]
    return ids, np.array(pairs, dtype=np.int64).reshape(-1, k, k)


def sizes_of(assignments: ibis.Table, month: dt.date, segments: Sequence[int]) -> Ints:
    """Members of these segments in a month (k)."""
    mine = of_month(assignments, month)
    counted = mine.group_by("segment_id").agg(customers=mine.count()).to_pyarrow().to_pylist()
    found = {row["segment_id"]: row["customers"] for row in counted}
    return np.array([found.get(i, 0) for i in segments], dtype=np.int64)
