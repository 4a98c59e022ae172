"""What customers spent after a day, beside what was known of them on it: the rows that models of value learn from.

The first purchase day is in the files and makes a customer; value is what comes after `as_of`, every day of it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.features.customer_days import exact_sum
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.inputs import ORDER, described, sampled
from hm_assets.segments.space import Bools, Floats, numbers
from hm_assets.warehouse.errors import ContractError

YEAR = 365
VALUE_HORIZONS = (LONGEST, YEAR)
"""Days that a value is given for."""
KEYS = ("customer_key", "month")


def customers(features: ibis.Table, days: ibis.Table, first_day: dt.date) -> ibis.Table:
    """`inputs.described` with `first_spend`: what was paid on the first day with a purchase.

    Parameters
    ----------
    features, days
        `features/customer_features` of any months; `features/customer_days` of these and all earlier ones.
    first_day
        Of the lines.
    """
    return _with_first_spend(described(features, first_day), days)


def _with_first_spend(people: ibis.Table, days: ibis.Table) -> ibis.Table:
    began = days.group_by("customer_key").agg(began=days.t_dat.min())
    first = days.inner_join(began, ["customer_key", days.t_dat == began.began])
    paid = first.group_by("customer_key").agg(first_spend=exact_sum(first.spend))
    return people.left_join(paid, "customer_key", rname="{name}_first").drop("customer_key_first")


def later_spend(people: ibis.Table, days: ibis.Table, known_until: dt.date) -> ibis.Table:
    """The same rows with what was spent after their day, as far as it was known on `known_until`.

    Parameters
    ----------
    people
        Customers of one or several months: `customer_key`, `month`, `as_of` and what else is wanted.
    days
        `features/customer_days` of at least the 365 days after; rows after `known_until` are left out.
    known_until
        The last day of which anything is known.

    Returns
    -------
    ibis.Table
        `people` with `spend_after_90d` and `spend_after_365d`: 0 where nothing was bought, null where these days are
        not over.
    """
    known = days.filter(days.t_dat <= ibis.literal(known_until, "date"))
    asked = people.select(*KEYS, "as_of")
    paired = asked.inner_join(known.select("customer_key", "t_dat", "spend"), "customer_key")
    paired = paired.mutate(after=paired.t_dat.delta(paired.as_of, unit="day").cast("int32"))
    later = paired.filter((paired.after > 0) & (paired.after <= YEAR))
    sums = {column(h): exact_sum(later.spend, where=later.after <= h) for h in VALUE_HORIZONS}
    summed = later.group_by(*KEYS).agg(**sums)
    joined = people.left_join(summed, KEYS, rname="{name}_later")
    seen = ibis.literal(known_until, "date").delta(joined.as_of, unit="day")
    told = {
        column(h): ibis.ifelse(seen >= h, joined[column(h)].fill_null(0.0), ibis.null("float64"))
        for h in VALUE_HORIZONS
    }
    return joined.mutate(**told).drop(*(f"{key}_later" for key in KEYS))


def column(horizon: int) -> str:
    """Name of the column with the spend of so many days after `as_of`."""
    return f"spend_after_{horizon}d"


def examples(
    features: ibis.Table,
    days: ibis.Table,
    months: Sequence[dt.date],
    first_day: dt.date,
    known_until: dt.date,
    most: int | None = None,
) -> pa.Table:
    """Customers of several months with what they spent later, in an order of their behaviour.

    Parameters
    ----------
    features, days
        `features/customer_features` of these months; `features/customer_days`.
    months
        The months.
    first_day
        Of the lines.
    known_until
        See `later_spend`.
    most
        With it every n-th customer of a month in that order, at most as many.

    Raises
    ------
    ValueError
        No month is given.
    ContractError
        Somebody spent less than nothing: see `checked`.
    """
    people = sampled(features, months, first_day, most)
    mine = days.semi_join(people, "customer_key").select("customer_key", "t_dat", "spend")
    found = _with_first_spend(people, mine)
    return checked(later_spend(found, mine, known_until).order_by(["month", *ORDER]).to_pyarrow())


def checked(rows: pa.Table) -> pa.Table:
    """These rows.

    Raises
    ------
    ContractError
        A customer's spend, so far or later, is below 0: money that came back is no purchase.
    """
    for name in ("spend", "first_spend", *map(column, VALUE_HORIZONS)):
        if name not in rows.column_names:
            continue
        least = pc.min(rows[name]).as_py()
        if least is not None and least < 0:
            key = rows["customer_key"][pc.index(rows[name], least).as_py()].as_py()
            raise ContractError(
                f"Customer {key} has {name} = {least:g}, and value needs spend of 0 or more: "
                "put returned money into returns.csv, not into the transactions."
            )
    return rows


def known_on(rows: pa.Table, day: dt.date) -> pa.Table:
    """Rows of `examples` as they would have been with `known_until` that day; not later than theirs was."""
    ago = (np.datetime64(day) - rows["as_of"].to_numpy()).astype("timedelta64[D]").astype(np.int64)
    for horizon in VALUE_HORIZONS:
        name = column(horizon)
        seen = pc.if_else(pa.array(ago >= horizon), rows[name], pa.scalar(None, pa.float64()))
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), seen)
    return rows


def over(rows: pa.Table, horizon: int) -> Bools:
    """Of whom the spend of so many days is known (n)."""
    return np.asarray(rows[column(horizon)].is_valid().to_numpy(zero_copy_only=False))


def repeat_mean(rows: pa.Table) -> Floats:
    """Mean spend of the days after the first one (n), NaN where there is none."""
    x = numbers(rows, "purchase_days") - 1
    # Both sums are exact to 1e-9, their difference is not: a few 1e-17 are nothing.
    repeats = np.round(numbers(rows, "spend") - numbers(rows, "first_spend"), 9)
    return np.where(x > 0, np.maximum(repeats, 0.0) / np.maximum(x, 1), np.nan)


def by_month(rows: pa.Table) -> Mapping[dt.date, Bools]:
    """Which rows are of each month."""
    months = rows["month"].to_numpy()
    return {month.astype(object): months == month for month in np.unique(months)}
