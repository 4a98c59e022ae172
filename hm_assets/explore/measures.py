"""The measures of a customer that the report looks at, and the scale on which each is looked at.

Prices are an index whose unit is arbitrary: H&M's lie around 0.03, where log(1 + x) is a straight line. So a price is
first divided by a small price of the same retailer (the first percentile of unit prices), then logged.
"""

import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

import ibis

from hm_assets.features.customer_days import exact_sum
from hm_assets.warehouse.calendar import of_month
from hm_assets.warehouse.engine import settled

INDEX = "price index"
Kind = Literal["count", "days", "price", "share", "signed", "years"]


@dataclass(frozen=True)
class Measure:
    """A column of `features/customer_features` (or of the customer file) in words."""

    name: str
    label: str
    unit: str
    kind: Kind

    @property
    def can_be_logged(self) -> bool:
        """Whether it is a size from 0 upwards, so that a logarithm may suit it better."""
        return self.kind in ("count", "days", "price")


MEASURES = (
    Measure("recency_days", "Days since the last order", "days", "days"),
    Measure("tenure_days", "Days since the first order", "days", "days"),
    Measure("length_days", "Days from first to last order", "days", "days"),
    Measure("purchase_days", "Different days with an order, so far", "days", "count"),
    Measure("orders_365d", "Orders in the last 365 days", "orders", "count"),
    Measure("items_365d", "Units in the last 365 days", "units", "count"),
    Measure("spend", "Spend so far", INDEX, "price"),
    Measure("spend_365d", "Spend in the last 365 days", INDEX, "price"),
    Measure("basket_365d", "Spend per order, last 365 days", INDEX, "price"),
    Measure("mean_gap_days", "Mean days between orders", "days", "days"),
    Measure("overdue_days", "Days overdue against the usual gap", "days", "signed"),
    Measure(
        "came_back_share_90d", "Share of order days followed by another within 90 days", "share", "share"
    ),
    Measure("below_reference_share_365d", "Share of units bought below the usual price", "share", "share"),
    Measure("discount_365d", "Paid below the usual price", "share", "signed"),
    Measure("price_slope_365d", "Units per order for each unit of relative price", "units", "signed"),
    Measure("online_share_365d", "Share of units bought online", "share", "share"),
    Measure("product_group_entropy", "Breadth over product groups", "nats", "signed"),
    Measure("section_entropy", "Breadth over sections", "nats", "signed"),
    Measure("age", "Age", "years", "years"),
)
BY_NAME: Mapping[str, Measure] = {measure.name: measure for measure in MEASURES}


def snapshot_of(features: ibis.Table, customers: ibis.Table, month: dt.date) -> ibis.Table:
    """One month of `features/customer_features` with age, news and club status of the customer file."""
    mine = of_month(features, month)
    # An empty FN is a no; where nobody has one, the files lack it.
    known = customers.select(
        "customer_key",
        "age",
        "club_member_status",
        fn=ibis.ifelse(customers.fn.max().over() > 0, customers.fn, None),
    )
    return mine.left_join(known, "customer_key").drop("customer_key_right")


def measured(
    features: ibis.Table, customers: ibis.Table, month: dt.date
) -> AbstractContextManager[ibis.Table]:
    """The measures of `snapshot_of`, read once for the many questions that each of them is asked."""
    return settled(snapshot_of(features, customers, month).select(list(BY_NAME)))


def price_unit(article_days: ibis.Table, as_of: dt.date) -> float:
    """A small price: the first percentile of what a unit cost over articles' days; 1 where nothing was sold."""
    sold = article_days.filter(article_days.t_dat <= ibis.literal(as_of, "date"))
    found = (sold.spend / sold["items"]).quantile(0.01).to_pyarrow().as_py()
    return steady(found) if found else 1.0


def logged(values: ibis.Value, measure: Measure, price: float) -> ibis.Value:
    """log(1 + x), x in days, counts, or multiples of a small price."""
    return (1 + values / (price if measure.kind == "price" else 1.0)).ln()


def steady(value: Any, digits: int = 9) -> Any:
    """The number without its last digits, which depend on the order in which threads add up floats.

    Sums of prices have few digits, so they and their means may end in the very 5 that is rounded up or
    down: add those exactly.
    """
    if not isinstance(value, float):
        return value
    # What should be 0 is now 1e-17, now -2e-17: digits that count are of no help there.
    return round(float(f"{value:.{digits}g}"), 12) + 0.0


def exact_mean(values: Any) -> ibis.Value:
    """A mean that is the same whatever the order of the rows, of nine decimals of each value."""
    return exact_sum(values) / values.count()


def rows(table: ibis.Table) -> list[dict[str, Any]]:
    """The rows of a small result, with steady numbers."""
    return [{name: steady(value) for name, value in row.items()} for row in table.to_pyarrow().to_pylist()]


def row(table: ibis.Table) -> dict[str, Any]:
    """The one row of an aggregation without groups."""
    return rows(table)[0]


def last_days(table: ibis.Table, as_of: dt.date, days: int, skip: int = 0) -> ibis.Table:
    """Rows with `t_dat` in (as_of - skip - days, as_of - skip]."""
    last = as_of - dt.timedelta(days=skip)
    first = last - dt.timedelta(days=days)
    return table.filter(
        (table.t_dat > ibis.literal(first, "date")) & (table.t_dat <= ibis.literal(last, "date"))
    )
