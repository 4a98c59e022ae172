"""What to show whom, as it is told: the list of a customer, the products of a segment, each with its reason."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from hm_assets.articles.tables import ARTICLES
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.recommendations.lists_for.tables import CUSTOMERS as LISTS
from hm_assets.serving.published import months_of, rows_of
from hm_assets.warehouse.keys import customer_key


def of_segment(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `recommendations/segments` as products with a reason."""
    return [
        {
            "rank": row["rank"],
            "article_id": row["article_id"],
            "name": row["name"],
            "reason": (
                f"They buy it {row['lift']:.1f} times as often as everybody (95 % interval {row['low']:.1f} to "
                f"{row['high']:.1f})."
            ),
        }
        for row in rows
    ]


def of_customer(warehouse: Path, customer_id: str) -> tuple[list[dict[str, Any]], Any] | None:
    """The list of a customer in the latest month that has lists, and the day it was made for.

    None where nobody has this id; an empty list (and no day) where there are no lists.
    """
    key = customer_key(customer_id)
    # Files are sorted by key, so that a look-up reads one stretch of one of them.
    mine = ds.field("customer_key") == key
    if all(row["customer_id"] != customer_id for row in rows_of(warehouse, CUSTOMERS, only=mine)):
        return None
    months = months_of(warehouse, LISTS)
    rows = rows_of(warehouse, LISTS, max(months), mine) if months else []
    rows.sort(key=lambda row: int(row["rank"]))
    wanted = ds.field("article_key").isin([row["article_key"] for row in rows])
    names = {row["article_key"]: row["prod_name"] for row in rows_of(warehouse, ARTICLES, only=wanted)}
    found = [
        {
            "rank": row["rank"],
            "article_id": row["article_id"],
            "name": names.get(row["article_key"]),
            "reason": row["reason"],
        }
        for row in rows
    ]
    return found, rows[0]["as_of"] if rows else None
