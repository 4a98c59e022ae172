"""What suits a customer: category affinity, style compatibility and price alignment, as of a month end.

The third tier of features, between users and items. An article suits a customer by the product group that it belongs to
(category), by its index group and its colour (style), and by what they pay in that group compared to everybody (price).

Few units say little, and of a rare value even one is many times what is expected. So each figure is drawn towards 1,
which is "like everybody", by `PRIOR_UNITS` expected units: the posterior mean of a Poisson rate under a gamma prior (as
in DuMouchel, 1999, The American Statistician 53). A value that somebody has not bought is no row; with 0 units its
affinity follows from the same formula, PRIOR_UNITS / (expected + PRIOR_UNITS).
"""

import datetime as dt

import ibis

from hm_assets.features.customer_days import exact_sum
from hm_assets.warehouse.calendar import add_months

CATEGORY, STYLES = "product_group", ("index_group", "colour")
PRIOR_UNITS = 2


def affinities(
    attributes: ibis.Table, values: ibis.Table, month: dt.date, as_of: dt.date
) -> list[ibis.Table]:
    """One row per customer and value bought in 12 months, a table per attribute (columns of `features/affinities`).

    Parameters
    ----------
    attributes
        `features/customer_attributes` of `month` and the eleven months before it.
    values
        `features/attribute_values`; values without a position have no row, but count as units.
    month
        The month that it belongs to; it holds lines up to `as_of` only.
    as_of
        The day that it is true on.
    """
    first, last = ibis.literal(add_months(month, -11), "date"), ibis.literal(month, "date")
    year = attributes.filter(attributes.month.between(first, last))
    return [
        _of(attribute, year, values).mutate(month=last, as_of=ibis.literal(as_of, "date"))
        for attribute in (CATEGORY, *STYLES)
    ]


def _of(attribute: str, year: ibis.Table, values: ibis.Table) -> ibis.Table:
    bought = year.filter(year.attribute == attribute)
    placed = bought.left_join(
        values.filter(values.attribute == attribute).select("value", "position"), "value"
    )
    each = placed.group_by("customer_key", position=placed.position.fill_null(0)).agg(
        items=placed["items"].sum(), spend=exact_sum(placed.spend)
    )
    each = each.mutate(units_12m=each["items"].sum().over(group_by="customer_key"))
    base = each.group_by("position").agg(base_items=each["items"].sum(), base_spend=exact_sum(each.spend))
    base = base.mutate(
        base_share=base.base_items / base.base_items.sum().over(),
        base_price=base.base_spend / base.base_items,
    )
    joined = each.filter(each.position > 0).inner_join(base, "position")
    expected = joined.units_12m * joined.base_share
    price = (joined.spend + PRIOR_UNITS * joined.base_price) / (joined["items"] + PRIOR_UNITS)
    priced = joined.base_price > 0
    return joined.select(
        "customer_key",
        "position",
        "units_12m",
        attribute=ibis.literal(attribute),
        items_12m=joined["items"],
        expected_12m=expected,
        affinity=(joined["items"] + PRIOR_UNITS) / (expected + PRIOR_UNITS),
        price_level=ibis.ifelse(priced, price / joined.base_price, None),
    )
