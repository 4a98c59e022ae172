"""The small shop of `baskets.py` with products in several colours, types, names, ages, and some who never bought."""

import datetime as dt

import numpy as np
import pyarrow as pa

from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.purchases import purchases
from hm_assets_tests.recommendations.baskets import FIRST, LAST, as_ibis, key, lines

STRANGERS = 5


def catalogue(articles: int) -> pa.Table:
    """Three colours a product; types of ten articles; a product without a type and an article without a name."""
    number = np.arange(articles)
    return pa.table(
        {
            "article_key": key(number),
            "product_code": pa.array([f"{n // 3:07d}" for n in number]),
            "product_type_name": pa.array(
                [None if n // 10 == 2 else f"type {n // 10}" for n in number], pa.string()
            ),
            "prod_name": pa.array([None if n == 1 else f"name {n}" for n in number], pa.string()),
            "colour_group_name": pa.array(
                [None if n == 2 else f"colour {n % 4}" for n in number], pa.string()
            ),
        }
    )


def people(customers: int) -> pa.Table:
    """Customers from key 1000 on, and strangers after them; the age of every fifth is unknown."""
    number = np.arange(customers + STRANGERS)
    ages = pa.array([None if n % 5 == 4 else 16 + 7 * int(n) % 60 for n in number], pa.int16())
    return pa.table({"customer_key": 1000 + number, "age": ages})


def shop(
    customers: int = 60, articles: int = 60, seed: int = 0, as_of: dt.date = LAST
) -> tuple[pa.Table, Known]:
    """Lines of the whole time, and what is known on a day."""
    rows = lines(customers, articles, seed)
    return rows, known(rows, customers, articles, as_of)


def known(rows: pa.Table, customers: int, articles: int, as_of: dt.date) -> Known:
    """What these lines tell on a day."""
    return Known(purchases(as_ibis(rows), as_of), people(customers), catalogue(articles), 1, 1)


__all__ = ["FIRST", "LAST", "STRANGERS", "catalogue", "known", "people", "shop"]
