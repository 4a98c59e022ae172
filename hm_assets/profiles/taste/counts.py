"""Sums over buyers, by segment and value of an article attribute: all that an over-index needs, made on the engine."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from hm_assets.features.windows import YEAR as YEAR_DAYS
from hm_assets.warehouse.engine import settled

# Kind of taste -> the attribute of an article that it is about.
ATTRIBUTES: Mapping[str, str] = {
    "category": "product_type_name",
    "garment_group": "garment_group_name",
    "colour": "colour_group_name",
    "pattern": "graphical_appearance_name",
    "topic": "topic_name",
    "price_band": "price_band",
}
KINDS = tuple(ATTRIBUTES)


def year_of_lines(transactions: ibis.Table, as_of: dt.date) -> ibis.Table:
    """The lines of the 365 days up to `as_of`: `customer_key`, `article_key`, `price`."""
    after = ibis.literal(as_of - dt.timedelta(days=YEAR_DAYS), "date")
    lines = transactions.filter(
        (transactions.t_dat > after) & (transactions.t_dat <= ibis.literal(as_of, "date"))
    )
    return lines.select("customer_key", "article_key", "price")


def with_topic_name(articles: ibis.Table, catalogue: ibis.Table) -> ibis.Table:
    """`topic_name` beside `main_topic` (`features.attributes.with_main_topic`), of the topics that are in use."""
    used = catalogue.filter(catalogue.used).select(
        main_topic=catalogue.topic.cast("string"), topic_name=catalogue.name
    )
    return articles.left_join(used, "main_topic").drop("main_topic_right")


def with_price_band(articles: ibis.Table, bands: pa.Table) -> ibis.Table:
    """`price_band` beside the other attributes, from `prices.bands`."""
    joined = articles.left_join(ibis.memtable(bands.select(["article_key", "price_band"])), "article_key")
    return joined.drop("article_key_right")


def counts(
    lines: ibis.Table, articles: ibis.Table, assignments: ibis.Table, kinds: Sequence[str] = KINDS
) -> dict[str, list[dict[str, Any]]]:
    """Sums over the buyers of each segment and value, by kind.

    Parameters
    ----------
    lines
        `year_of_lines`.
    articles
        `article_key` and the attributes of the kinds.
    assignments
        One month of `segments/assignments`.
    kinds
        Of `KINDS`.

    Returns
    -------
    dict
        Kind -> rows of `segment_id` and `fact` (the value): `units`, `buyers`, `squares` (of a buyer's units of the
        value) and `products` (of those with the buyer's units of all values); and over all the segment's buyers
        `segment_units` and `segment_squares`. Units of articles whose value is unknown are in none.
    """
    described = articles.select("article_key", *(ATTRIBUTES[kind] for kind in kinds)).to_pyarrow()
    values = {kind: pc.unique(described[ATTRIBUTES[kind]].drop_null()).sort() for kind in kinds}
    # Small numbers for values: several times as fast to group by as names, over a year of lines.
    codes = {
        kind: pc.index_in(described[ATTRIBUTES[kind]], value_set=values[kind], skip_nulls=True).cast(
            pa.int16()
        )
        for kind in kinds
    }
    numbered = ibis.memtable(pa.table({"article_key": described["article_key"], **codes}))
    bought = lines.select("customer_key", "article_key").inner_join(numbered, "article_key")
    placed = bought.inner_join(assignments.select("customer_key", "segment_id"), "customer_key")
    with settled(placed.select("customer_key", "segment_id", *kinds)) as year:
        found = {kind: _sums(year, kind).to_pyarrow().to_pylist() for kind in kinds}
    return {
        kind: [{"fact": values[kind][row.pop("code")].as_py(), **row} for row in rows]
        for kind, rows in found.items()
    }


def _sums(year: ibis.Table, kind: str) -> ibis.Table:
    """The sums of one kind, a row per segment and code."""
    known = year.filter(year[kind].notnull())
    by_buyer = known.group_by("customer_key", "segment_id", code=known[kind]).agg(units=known.count())
    buyers = by_buyer.group_by("customer_key", "segment_id").agg(all_units=by_buyer.units.sum().cast("int64"))
    segments = buyers.group_by("segment_id").agg(
        segment_units=buyers.all_units.sum(), segment_squares=(buyers.all_units * buyers.all_units).sum()
    )
    joined = by_buyer.inner_join(buyers.drop("segment_id"), "customer_key")
    return (
        joined.group_by("segment_id", "code")
        .agg(
            units=joined.units.sum(),
            buyers=joined.count(),
            squares=(joined.units * joined.units).sum(),
            products=(joined.units * joined.all_units).sum(),
        )
        .inner_join(segments, "segment_id")
    )
