"""Small purchase histories as the tables that the stages read."""

import datetime as dt
from collections.abc import Iterable, Mapping

import ibis
import pyarrow as pa

from hm_assets.features import attributes, scores, windows
from hm_assets.features.article_days import article_days, reference_prices
from hm_assets.features.customer_days import customer_days
from hm_assets.features.snapshot import snapshot
from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.warehouse.calendar import as_of_dates, month_of
from hm_assets_tests.customers.examples import rows as customers

Line = tuple[int, dt.date, int, float, int]  # customer, day, article, price, channel


def transactions(lines: Iterable[Line]) -> pa.Table:
    """Lines as `raw/transactions`."""
    rows = [
        {
            "customer_key": customer,
            "t_dat": day,
            "article_key": article,
            "price": price,
            "sales_channel_id": channel,
            "source_file": "transactions_train.csv",
            "month": month_of(day),
        }
        for customer, day, article, price, channel in lines
    ]
    return pa.Table.from_pylist(rows, schema=TRANSACTIONS.arrow_schema())


def articles() -> ibis.Table:
    """Ten articles, 1 to 10, with attributes that follow from their number; of the tenth nothing is known."""
    rows = [
        {
            "article_key": key,
            "product_type_name": f"Type {key % 4}",
            "index_group_name": f"Group {key % 2}",
            "product_group_name": f"Product {key % 3}",
            "perceived_colour_master_name": f"Colour {key % 5}",
            "section_name": f"Section {key}",
            "main_topic": str(1 + key % 2),
        }
        for key in range(1, 10)
    ]
    return ibis.memtable(pa.Table.from_pylist([*rows, {**dict.fromkeys(rows[0]), "article_key": 10}]))


def aged(ages: Mapping[int, int | None] | None = None) -> ibis.Table:
    """Customers of these ages, with the attributes of `customers/customers`."""
    return ibis.memtable(customers(*({"customer_key": key, "age": age} for key, age in (ages or {}).items())))


def article_days_of(lines: Iterable[Line], ages: Mapping[int, int | None] | None = None) -> ibis.Table:
    """Lines as `features/article_days`, of customers of these ages."""
    return ibis.memtable(article_days(ibis.memtable(transactions(lines)), aged(ages)).to_pyarrow())


def days(lines: Iterable[Line]) -> ibis.Table:
    """Lines as `features/customer_days`, through the articles' days and reference prices."""
    lines = list(lines)
    references = reference_prices(article_days_of(lines))
    return ibis.memtable(customer_days(ibis.memtable(transactions(lines)), references).to_pyarrow())


def tastes(lines: Iterable[Line]) -> ibis.Table:
    """Lines as `features/customer_tastes`."""
    bought = attributes.customer_attributes(ibis.memtable(transactions(lines)), articles())
    return ibis.memtable(
        attributes.customer_tastes(bought, attributes.attribute_values(articles())).to_pyarrow()
    )


def features(lines: Iterable[Line], month: dt.date, as_of: dt.date | None = None) -> dict[int, dict]:
    """`features/customer_features` of a month by customer, as the assets make them from these lines."""
    lines = list(lines)
    of_customers = days([line for line in lines if month_of(line[1]) <= month])
    as_of = as_of or as_of_dates(of_customers, [month])[month]
    first = min((line[1] for line in lines), default=as_of)
    cuts = scores.cut_points(windows.history(of_customers, as_of))
    table = snapshot(of_customers, tastes(lines), cuts, month, as_of, first)
    assert set(table.columns) == {column.name for column in CUSTOMER_FEATURES.stored_columns}
    return {row["customer_key"]: row for row in table.to_pyarrow().to_pylist()}
