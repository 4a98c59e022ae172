"""What a model of the next order sees of a customer, and how it becomes numbers.

The first four are the four numbers of buying (recency, frequency, money, tenure): no other ranks customers much better.
A share of nothing is unknown: it takes the median, and `came_back` or `bought_in_year` says that it did.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import ibis
import pyarrow as pa

from hm_assets.features.customer_days import ratio
from hm_assets.forecasts.cutoffs import LONGEST
from hm_assets.forecasts.outcomes import outcomes
from hm_assets.segments.people import price_per_item
from hm_assets.segments.space import Kind, Space

RECENCY = ("recency_days",)
RFM = (*RECENCY, "purchase_days", "spend", "tenure_days")
KINDS: Mapping[str, Kind] = {
    "recency_days": "count",
    "purchase_days": "count",
    "spend": "money",
    "tenure_days": "count",
    "history_days": "count",
    "purchase_days_30d": "count",
    "purchase_days_90d": "count",
    "purchase_days_365d": "count",
    "spend_90d": "money",
    "spend_365d": "money",
    "mean_gap_days": "count",
    "gaps_since": "count",
    "came_back": "as_is",
    "bought_in_year": "as_is",
    "items_per_order": "count",
    "price_per_item": "money",
    "online_share_365d": "number",
    "discount_365d": "number",
}
# Who is alike in these is told apart by the others, and by the id at last.
ORDER = (*RFM, "items", "mean_gap_days", "online_share_365d", "spend_365d", "customer_key")


def described(features: ibis.Table, first_day: dt.date) -> ibis.Table:
    """`features/customer_features` with the columns of `KINDS`, `items`, key, `as_of` and `month`.

    `first_day` is that of the lines.
    """
    made = {
        # Three purchase days mean less the longer the files go back: without this, what is learned from the first year
        # promises too much in the second. Older files may have come since a model learned where they begin.
        "history_days": ibis.greatest(features.as_of.delta(ibis.literal(first_day, "date"), unit="day"), 0),
        # How many of the usual gaps have passed.
        "gaps_since": ratio(features.recency_days, features.mean_gap_days),
        "came_back": (features.purchase_days > 1).cast("float64"),
        "bought_in_year": (features.purchase_days_365d > 0).cast("float64"),
        "items_per_order": ratio(features["items"], features.orders),
        "price_per_item": ratio(features.spend, features["items"]),
    }
    plain = [name for name in KINDS if name not in made]
    return features.select("customer_key", "as_of", "month", "items", *plain, **made)


def examples(
    features: ibis.Table,
    days: ibis.Table,
    months: Sequence[dt.date],
    first_day: dt.date,
    known_until: dt.date,
    most: int | None = None,
    longest: int = LONGEST,
) -> pa.Table:
    """Customers of several months with what they did later, in an order of their behaviour.

    Parameters
    ----------
    features, days
        `features/customer_features` of these months; `features/customer_days`.
    months
        The months.
    first_day
        Of the lines.
    known_until
        See `outcomes`.
    most
        With it every n-th customer of a month in that order, at most as many.
    longest
        See `outcomes`.

    Returns
    -------
    pyarrow.Table
        Columns of `described` and `outcomes`.
    """
    people = sampled(features, months, first_day, most)
    return outcomes(people, days, known_until, longest).order_by(["month", *ORDER]).to_pyarrow()


def sampled(
    features: ibis.Table, months: Sequence[dt.date], first_day: dt.date, most: int | None
) -> ibis.Table:
    """Customers of several months, in memory: parameters as those of `examples`.

    Raises
    ------
    ValueError
        No month is given.
    """
    if not months:
        raise ValueError("there is no month to read customers of")
    found = described(features.filter(features.month.isin(list(months))), first_day)
    if most is not None:
        # Only what decides is sorted, not all columns.
        keys = found.select("month", *ORDER)
        month = ibis.window(group_by="month", order_by=ORDER)
        placed = keys.select(
            "month",
            "customer_key",
            place=ibis.row_number().over(month),
            all=keys.count().over(group_by="month"),
        )
        # Every n-th: where the running number of those to take goes up by one.
        taken = placed.filter(
            ((placed.place + 1) * most) // placed["all"] > (placed.place * most) // placed["all"]
        )
        found = found.semi_join(taken, ["month", "customer_key"])
    # Read once: what follows asks for these rows several times, and they are few of many that had to be sorted.
    return ibis.memtable(found.to_pyarrow())


def space_of(rows: pa.Table, columns: Sequence[str]) -> Space:
    """How these columns become numbers near 0: counts and money logged, money first counted in steps of prices.

    Raises
    ------
    ValueError
        There is no customer, or a value that cannot be.
    """
    usable = {
        # A column without a single value (no discount is known in the first months) says nothing.
        name: KINDS[name]
        for name in columns
        if KINDS[name] == "as_is" or rows[name].null_count < rows.num_rows
    }
    return Space.fit("next_order", usable, rows, price_per_item(rows))
