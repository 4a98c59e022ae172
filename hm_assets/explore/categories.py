"""What is sold: units and revenue of categories in the last 365 days, beside the 365 days before."""

import datetime as dt
from typing import Any

import ibis

from hm_assets.explore.measures import last_days, rows, steady
from hm_assets.features.customer_days import exact_sum

Row = dict[str, Any]
UNKNOWN = "unknown"
YEAR = 365
# Level: the column of articles/articles, and the level above it.
LEVELS = {
    "index_group": ("index_group_name", None),
    "product_group": ("product_group_name", None),
    "product_type": ("product_type_name", "product_group_name"),
}


def category_revenue(article_days: ibis.Table, articles: ibis.Table, as_of: dt.date) -> list[Row]:
    """The rows of `explore/category_revenue`, most revenue first within each level."""
    history = article_days.t_dat.min().to_pyarrow().as_py()
    now = by_category(last_days(article_days, as_of, YEAR), articles)
    # Growth needs two whole years.
    known = history is not None and history <= as_of - dt.timedelta(days=2 * YEAR - 1)
    before = by_category(last_days(article_days, as_of, YEAR, skip=YEAR), articles) if known else {}
    totals: dict[str, float] = {}
    for (level, _, _), line in now.items():
        totals[level] = totals.get(level, 0.0) + line["spend"]
    found = []
    for (level, parent, category), line in now.items():
        earlier = before.get((level, parent, category))
        found.append(
            {
                "level": level,
                "parent": parent,
                "category": category,
                "items": line["items"],
                "spend": line["spend"],
                "articles": line["articles"],
                "spend_per_item": steady(line["spend"] / line["items"]),
                "share_of_spend": steady(line["spend"] / totals[level]) if totals[level] else 0.0,
                "spend_before": earlier["spend"] if earlier else None,
                "change": steady(line["spend"] / earlier["spend"] - 1)
                if earlier and earlier["spend"]
                else None,
            }
        )
    return sorted(
        found, key=lambda line: (line["level"], -line["spend"], line["category"], line["parent"] or "")
    )


def by_category(article_days: ibis.Table, articles: ibis.Table) -> dict[tuple[str, str | None, str], Row]:
    """Units, spend and different articles by (level, parent, category)."""
    sold = article_days.group_by("article_key").agg(
        items=ibis._["items"].sum(), spend=exact_sum(ibis._.spend)
    )
    named = sold.join(articles, "article_key")
    found = {}
    for level, (column, above) in LEVELS.items():
        keys = {"category": named[column].fill_null(UNKNOWN)}
        if above:
            keys["parent"] = named[above].fill_null(UNKNOWN)
        summed = named.group_by(**keys).agg(
            items=named["items"].sum(), spend=exact_sum(named.spend), articles=named.count()
        )
        for line in rows(summed):
            found[level, line.get("parent"), line["category"]] = line
    return found
