"""What the lab reads of a customer: the columns of each space, and what the next 90 days brought.

Age, club and news are in no space: they are held out, so that what a segment says of them proves something.
"""

import datetime as dt
from collections.abc import Collection, Mapping

import ibis

from hm_assets.features.attributes import parts
from hm_assets.features.customer_days import exact_sum, ratio
from hm_assets.segments.space import Kind
from hm_assets.warehouse.calendar import add_months, of_month, of_months

LATER_DAYS = 90
SHAPE_MONTHS = 12
ONLINE_FROM, STORE_UP_TO = 0.9, 0.1
TASTE_ATTRIBUTES = ("product_group", "colour", "index_group")

SHAPE = tuple(f"month_{lag}_root_share" for lag in range(SHAPE_MONTHS))
TASTES = tuple(name for attribute in TASTE_ATTRIBUTES for name in parts(attribute))
RFM: Mapping[str, Kind] = {"recency_days": "count", "purchase_days": "count", "spend": "money"}
# What is watched for drift but in no space: rhythm and price of the last 365 days alone.
YEAR_RATIOS = {
    "items_per_order_365d": ("items_365d", "orders_365d"),
    "price_per_item_365d": ("spend_365d", "items_365d"),
}
SPACES: Mapping[str, Mapping[str, Kind]] = {
    # How recently, how often, for how much.
    "rfm": RFM,
    # The same with how long known, how much at a time and at what price.
    "rfm_rhythm": {
        **RFM,
        "tenure_days": "count",
        "mean_gap_days": "count",
        "items_per_order": "count",
        "price_per_item": "money",
    },
    # What a published analysis clusters on (four groups).
    "spend_frequency_price": {"spend": "money", "purchase_days": "count", "price_per_item": "money"},
    # Numbers and categories side by side.
    "rfm_mixed": {**RFM, "main_channel": "category", "favourite_group": "category"},
    # When in the last twelve months, whatever the volume: square roots of shares, so that distances are Hellinger's.
    "monthly_shape": dict.fromkeys(SHAPE, "as_is"),
    # What, as counts of units.
    "taste": dict.fromkeys(TASTES, "as_is"),
}


def customers_as_of(
    features: ibis.Table, tastes: ibis.Table, month: dt.date, columns: Collection[str]
) -> ibis.Table:
    """One row per customer with a purchase: key, `as_of`, `month`, `items` and the columns asked for.

    Parameters
    ----------
    features
        `features/customer_features`.
    tastes
        `features/customer_tastes` of `month` and the eleven months before it.
    month
        The month.
    columns
        Columns of `SPACES`, `YEAR_RATIOS`, or of `features` itself.
    """
    found = of_month(features, month)
    if wanted := [name for name in columns if name in SHAPE or name in TASTES]:
        found = found.left_join(_year(tastes, month, wanted), "customer_key", rname="{name}_right")
    made = {name: value for name, value in _derived(found).items() if name in columns}
    made |= {name: ratio(found[x], found[n]) for name, (x, n) in YEAR_RATIOS.items() if name in columns}
    made |= {name: found[name].fill_null(0.0) for name in wanted}
    always = ("customer_key", "as_of", "month", "items", "spend")
    plain = [name for name in columns if name not in made and name not in always]
    return found.select(*always, *plain, **made)


def spend_after(days: ibis.Table, as_of: dt.date) -> ibis.Table:
    """`customer_key` and `later_spend`, in (as_of, as_of + 90 days], of those who bought then."""
    later = days.filter(
        (days.t_dat > ibis.literal(as_of, "date"))
        & (days.t_dat <= ibis.literal(as_of + dt.timedelta(days=LATER_DAYS), "date"))
    )
    return later.group_by("customer_key").agg(later_spend=exact_sum(later.spend))


def _derived(found: ibis.Table) -> dict[str, ibis.Value]:
    groups = [f"clr_{name}" for name in parts("index_group")]
    most = ibis.greatest(*(found[name] for name in groups))
    return {
        "items_per_order": ratio(found["items"], found.orders),
        "price_per_item": ratio(found.spend, found["items"]),
        "main_channel": ibis.cases(
            (found.online_share_365d.isnull(), "none"),
            (found.online_share_365d >= ONLINE_FROM, "online"),
            (found.online_share_365d <= STORE_UP_TO, "store"),
            else_="both",
        ),
        # Who bought nothing for a year has equal log ratios, and no favourite.
        "favourite_group": ibis.ifelse(
            most > 0,
            ibis.cases(*((found[name] == most, name.removeprefix("clr_")) for name in groups)),
            "none",
        ),
    }


def _year(tastes: ibis.Table, month: dt.date, columns: Collection[str]) -> ibis.Table:
    """Per customer who bought in these twelve months: units by taste, and square roots of shares by month."""
    year = of_months(tastes, add_months(month, 1 - SHAPE_MONTHS), month)
    units = sum(
        (year[name].cast("float64") for name in parts("index_group")[1:]), year[parts("index_group")[0]]
    )
    sums = {name: year[name].cast("float64").sum() for name in columns if name in TASTES}
    lags = [lag for lag, name in enumerate(SHAPE) if name in columns]
    sums |= {
        SHAPE[lag]: units.sum(where=year.month == ibis.literal(add_months(month, -lag), "date")).fill_null(0)
        for lag in lags
    }
    summed = year.group_by("customer_key").agg(**sums, units=units.cast("float64").sum())
    roots = {SHAPE[lag]: (summed[SHAPE[lag]] / summed.units).sqrt() for lag in lags}
    return summed.mutate(**roots).drop("units")
