"""What customers did after a day: the labels that models learn from and are judged by."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.features.customer_days import exact_sum
from hm_assets.forecasts.cutoffs import LONGEST


def outcomes(
    people: ibis.Table, days: ibis.Table, known_until: dt.date, longest: int = LONGEST
) -> ibis.Table:
    """The same rows with what came after their day, as far as it was known on `known_until`.

    Parameters
    ----------
    people
        Customers of one or several months: `customer_key`, `month`, `as_of` and what else is wanted.
    days
        `features/customer_days` of at least the `longest` days after; rows after `known_until` are left out.
    known_until
        The last day of which anything is known.
    longest
        Days after which nobody is followed any more.

    Returns
    -------
    ibis.Table
        `people` with `days_known` (of the time after, 0 to `longest`), `days_to_next` (to the next order within these,
        from 1; null where there was none: censored) and `later_spend` (in the `longest` days; null where they are not
        over).
    """
    known = days.filter(days.t_dat <= ibis.literal(known_until, "date"))
    asked = people.select("customer_key", "month", "as_of")
    paired = asked.inner_join(known.select("customer_key", "t_dat", "spend"), "customer_key")
    paired = paired.mutate(after=paired.t_dat.delta(paired.as_of, unit="day").cast("int32"))
    later = paired.filter((paired.after > 0) & (paired.after <= longest))
    summed = later.group_by("customer_key", "month").agg(
        days_to_next=later.after.min(), later_spend=exact_sum(later.spend)
    )
    seen = ibis.literal(known_until, "date").delta(people.as_of, unit="day").cast("int32")
    joined = people.mutate(days_known=ibis.greatest(0, ibis.least(seen, longest))).left_join(
        summed, ["customer_key", "month"], rname="{name}_later"
    )
    over = joined.days_known == longest
    return joined.mutate(later_spend=ibis.ifelse(over, joined.later_spend.fill_null(0.0), None)).drop(
        "customer_key_later", "month_later"
    )


def known_on(rows: pa.Table, day: dt.date, longest: int = LONGEST) -> pa.Table:
    """Rows of `outcomes` (of the same `longest`) as they would have been with `known_until` that day, not later."""
    ago = (np.datetime64(day) - rows["as_of"].to_numpy()).astype("timedelta64[D]").astype(np.int32)
    known = pa.array(np.minimum(rows["days_known"].to_numpy(), np.maximum(ago, 0)))
    seen = pc.if_else(pc.less_equal(rows["days_to_next"], known), rows["days_to_next"], None)
    spend = pc.if_else(pc.equal(known, longest), rows["later_spend"], None)
    for name, values in (("days_known", known), ("days_to_next", seen), ("later_spend", spend)):
        field = rows.schema.field(name)
        rows = rows.set_column(rows.column_names.index(name), field, pc.cast(values, field.type))
    return rows
