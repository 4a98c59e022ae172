"""Price bands of articles, and which share of its units each segment buys in each: the price curve.

An article's price is what was paid for it on average in the 365 days up to `as_of`. The bands are cut where fifths of
the units of the whole base end, so that the base buys about 20 % of its units in each, and a segment's curve shows at
a glance where it lies above.
"""

import datetime as dt
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.features.customer_days import exact_sum
from hm_assets.profiles.statistics.intervals import Z
from hm_assets.profiles.taste.over_index import compared

BANDS = ("lowest prices", "lower prices", "middle prices", "higher prices", "highest prices")


def article_prices(lines: ibis.Table) -> ibis.Table:
    """`article_key`, `units` and `price` (the mean paid, exact to 1e-9) of `counts.year_of_lines`."""
    return lines.group_by("article_key").agg(
        units=lines.count(), price=exact_sum(lines.price) / lines.count()
    )


def bands(prices: pa.Table) -> pa.Table:
    """`article_key`, `price` and `price_band` (one of `BANDS`) of each article.

    A band is the fifth in which the middle of the units at that price lies, so that articles of one price are in one
    band; where many cost the same, a band may be empty.

    Parameters
    ----------
    prices
        `article_prices`.
    """
    price, units = prices["price"].to_numpy(), prices["units"].to_numpy()
    _, place = np.unique(price, return_inverse=True)
    at_price = np.bincount(place, weights=units)
    standing = (np.cumsum(at_price) - at_price / 2) / max(at_price.sum(), 1)
    band = np.minimum((len(BANDS) * standing).astype(int), len(BANDS) - 1)
    named = pa.array([BANDS[i] for i in band[place]], pa.string())
    return pa.table({"article_key": prices["article_key"], "price": prices["price"], "price_band": named})


def curves(
    banded: pa.Table, counted: list[dict[str, Any]], as_of: dt.date, month: dt.date
) -> list[dict[str, Any]]:
    """Rows of `profiles/price_curves`: every segment and band in which it bought.

    Parameters
    ----------
    banded
        `bands`.
    counted
        Rows of `counts.counts` of the kind `price_band`.
    as_of, month
        What the rows belong to.
    """
    ends = {
        row["price_band"]: (row["price_min"], row["price_max"])
        for row in banded.group_by("price_band").aggregate([("price", "min"), ("price", "max")]).to_pylist()
    }
    rows = []
    for row in sorted(
        compared("price_band", counted), key=lambda r: (r["segment_id"], BANDS.index(r["fact"]))
    ):
        lowest, highest = ends[row["fact"]]
        half = Z * row["share_error"]
        rows.append(
            {
                "as_of": as_of,
                "month": month,
                "segment_id": row["segment_id"],
                "price_band": BANDS.index(row["fact"]) + 1,
                "lowest_price": lowest,
                "highest_price": highest,
                "units": row["units"],
                "share": row["value"],
                "low": max(row["value"] - half, 0.0),
                "high": min(row["value"] + half, 1.0),
                "base": row["base"],
                "index_to_base": row["index_to_base"],
            }
        )
    return rows
