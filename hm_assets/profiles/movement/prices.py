"""How prices of a month compare with those of the twelve months before, for the same articles."""

import datetime as dt
from dataclasses import dataclass

import ibis

from hm_assets.features.customer_days import exact_sum
from hm_assets.features.windows import YEAR


@dataclass(frozen=True)
class PriceIndex:
    """`value`: what was paid in the month over what it would have cost before; `matched_share`: of the spend, that of
    articles with a price before. Without any matched article the index is 1 and the share 0."""

    value: float
    matched_share: float


def price_index(article_days: ibis.Table, before: dt.date, as_of: dt.date) -> PriceIndex:
    """The matched-model Paasche index of unit values (ILO/IMF, Consumer Price Index Manual 2020, chapters 8 and 10).

    Each article sold in (before, as_of] is also counted at its mean price over the 365 days up to `before`. One factor
    for the whole month: a season of markdowns lowers it, since an article's full price lies behind it by then.

    Parameters
    ----------
    article_days
        `features/article_days` of the month and the thirteen before it (365 days may begin in the oldest).
    before
        The last day that counts as before.
    as_of
        The last day of the month's purchases.
    """
    start = ibis.literal(before - dt.timedelta(days=YEAR), "date")
    split, end = ibis.literal(before, "date"), ibis.literal(as_of, "date")
    days = article_days.filter((article_days.t_dat > start) & (article_days.t_dat <= end))
    new = days.t_dat > split
    by_article = days.group_by("article_key").agg(
        items=days["items"].sum(where=new).cast("float64"),
        spend=exact_sum(days.spend, where=new),
        items_before=days["items"].sum(where=~new).cast("float64"),
        spend_before=exact_sum(days.spend, where=~new),
    )
    sold = by_article.filter(by_article["items"] > 0)
    matched = sold.items_before > 0
    at_old_prices = sold["items"] * sold.spend_before / sold.items_before
    found = sold.agg(
        spend=exact_sum(sold.spend),
        matched=exact_sum(sold.spend, where=matched),
        before=exact_sum(at_old_prices, where=matched),
    )
    (row,) = found.to_pyarrow().to_pylist()
    if not row["before"] or not row["matched"]:
        return PriceIndex(1.0, 0.0)
    return PriceIndex(row["matched"] / row["before"], row["matched"] / row["spend"])


def at_prices_before(days: ibis.Table, before: dt.date, index: PriceIndex) -> ibis.Table:
    """`features/customer_days` with what was spent after `before` divided by the index."""
    new = days.t_dat > ibis.literal(before, "date")
    return days.mutate(
        **{
            name: ibis.ifelse(new, days[name] / index.value, days[name])
            for name in ("spend", "spend_referenced")
        }
    )
