"""How units sold go with the price: an article against its own usual price, a customer against what they usually pay.

The price is relative to the article's mean price of the 90 days before (`features/reference_prices`), so a dear article
is not compared with a cheap one. The slope is that of log units on log relative price within each article (by category)
or within each customer (by value tier), with the interval of standard errors clustered by article or customer (Liang
and Zeger, 1986). It is no causal elasticity: days without a sale are not in the files, and prices fall when
demand does. And a mean over many units lies near the usual price, so the middle of a curve stands high.
"""

import datetime as dt
import math
from typing import Any

import ibis

from hm_assets.explore.measures import last_days, rows, steady

Row = dict[str, Any]
YEAR, BIN, LOW, HIGH = 365, 0.1, 0.3, 1.3
CATEGORIES, FEWEST_OBSERVATIONS, FEWEST_CLUSTERS = 8, 30, 10
Z = 1.959963984540054
UNKNOWN = "unknown"


def price_curves(
    article_days: ibis.Table,
    references: ibis.Table,
    articles: ibis.Table,
    days: ibis.Table,
    people: ibis.Table,
    as_of: dt.date,
) -> list[Row]:
    """The rows of `explore/price_curves`: the product groups with most units, then the value tiers."""
    by_article = _article_observations(article_days, references, articles, as_of)
    totals = rows(by_article.group_by("value").agg(units=ibis._.units.sum()))
    largest = sorted(totals, key=lambda line: (-line["units"], line["value"]))[:CATEGORIES]
    kept = by_article.filter(by_article.value.isin([line["value"] for line in largest]))
    return curves(kept, "category") + curves(_customer_observations(days, people, as_of), "value_tier")


def _article_observations(
    article_days: ibis.Table, references: ibis.Table, articles: ibis.Table, as_of: dt.date
) -> ibis.Table:
    """One row per article and day of the last 365 days with a usual price: category, relative price, units."""
    year = last_days(article_days, as_of, YEAR)
    by_day = year.group_by("article_key", "t_dat").agg(units=year["items"].sum(), spend=year.spend.sum())
    known = by_day.join(
        references.select("article_key", "t_dat", "reference_price"), ["article_key", "t_dat"]
    )
    named = known.join(
        articles.select("article_key", value=articles.product_group_name.fill_null(UNKNOWN)), "article_key"
    )
    return named.select(
        "value",
        "units",
        cluster=named.article_key,
        price=named.spend / named.units / named.reference_price,
    )


def _customer_observations(days: ibis.Table, people: ibis.Table, as_of: dt.date) -> ibis.Table:
    """One row per order of the last 365 days with a usual price: value tier, relative price, units."""
    year = last_days(days, as_of, YEAR)
    known = year.filter(year.reference_spend > 0)
    named = known.join(people.select("customer_key", "value_tier"), "customer_key")
    return named.select(
        value=named.value_tier,
        units=named.items_referenced,
        cluster=named.customer_key,
        price=named.spend_referenced / named.reference_spend,
    )


def curves(observations: ibis.Table, kind: str) -> list[Row]:
    """Mean units by tenth of relative price, against those around the usual price (0.95 to 1.05), and the slope."""
    inside = observations.filter(observations.price.between(LOW, HIGH), observations.units > 0)
    number = ((inside.price - LOW + BIN / 2) / BIN).floor().cast("int16")
    binned = rows(
        inside.group_by("value", bin=number).agg(observations=ibis._.count(), units=ibis._.units.sum())
    )
    slopes = _slopes(inside)
    usual = round((1 - LOW) / BIN)
    full = {
        line["value"]: line["units"] / line["observations"]
        for line in binned
        if line["bin"] == usual and line["observations"] >= FEWEST_OBSERVATIONS
    }
    found = []
    for line in sorted(binned, key=lambda line: (line["value"], line["bin"])):
        each = line["units"] / line["observations"]
        enough = line["value"] in full and line["observations"] >= FEWEST_OBSERVATIONS
        slope, low, high = slopes.get(line["value"], (None, None, None))
        found.append(
            {
                "kind": kind,
                "value": line["value"],
                "relative_price": round(LOW + BIN * line["bin"], 2),
                "observations": line["observations"],
                "units": line["units"],
                "units_each": steady(each),
                "index_to_usual": steady(100 * each / full[line["value"]]) if enough else None,
                "slope": slope,
                "slope_low": low,
                "slope_high": high,
            }
        )
    return found


def _slopes(inside: ibis.Table) -> dict[str, tuple[float, float, float]]:
    """Slope with its interval by value: sums within clusters first, then over them."""
    logs = inside.select("value", "cluster", x=inside.price.ln(), y=inside.units.cast("float64").ln())
    sums = logs.group_by("value", "cluster").agg(
        n=ibis._.count().cast("float64"),
        x=ibis._.x.sum(),
        y=ibis._.y.sum(),
        xx=(ibis._.x * ibis._.x).sum(),
        xy=(ibis._.x * ibis._.y).sum(),
    )
    within = sums.select(
        "value",
        sxx=ibis.greatest(sums.xx - sums.x * sums.x / sums.n, 0.0),
        sxy=sums.xy - sums.x * sums.y / sums.n,
    )
    # A cluster whose price never moved says nothing; its sums are not exactly 0.
    within = within.filter(within.sxx > 1e-9)
    slope = within.sxy.sum().over(group_by="value") / within.sxx.sum().over(group_by="value")
    scored = within.mutate(slope=slope)
    summed = scored.group_by("value").agg(
        clusters=scored.count(),
        slope=scored.slope.mean(),
        sxx=scored.sxx.sum(),
        squares=((scored.sxy - scored.slope * scored.sxx) ** 2).sum(),
    )
    found = {}
    for line in rows(summed):
        if line["clusters"] >= FEWEST_CLUSTERS and line["sxx"] > 0:
            factor = line["clusters"] / (line["clusters"] - 1)
            half = Z * math.sqrt(factor * line["squares"]) / line["sxx"]
            ends = (line["slope"], line["slope"] - half, line["slope"] + half)
            found[line["value"]] = tuple(steady(end, 6) for end in ends)
    return found
