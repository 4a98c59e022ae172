"""The questions that come first, each with its answer in one line, and what the data cover."""

import datetime as dt
import math
from typing import Any

import ibis

from hm_assets.explore.categories import category_revenue
from hm_assets.explore.measures import INDEX, exact_mean, row, steady
from hm_assets.explore.relations import concentration
from hm_assets.explore.visible import visible_groups
from hm_assets.explore.words import day, number, percent

Row = dict[str, Any]
Z = 1.959963984540054
TIMES_AVERAGE = 2
NOT_ENOUGH = "Not enough data to say."


def questions(
    people: ibis.Table,
    article_days: ibis.Table,
    articles: ibis.Table,
    customers: int,
    points: list[Row],
    as_of: dt.date,
    seed: int,
) -> list[Row]:
    """The rows of `explore/questions`.

    Parameters
    ----------
    people
        `measures.snapshot_of`, the month's.
    article_days, articles
        What was sold up to `as_of`, and the catalogue.
    customers
        How many are on file, with or without a purchase.
    points
        The rows of the month's `explore/sample`.
    """
    asked = [
        _value(people),
        _tenure(people),
        _categories(article_days, articles, as_of),
        _high_value(people),
        _concentration(people),
        _groups(points, seed),
        _coverage(article_days, as_of),
        _sparsity(people, article_days, articles, customers),
    ]
    return [{"position": position, **line} for position, line in enumerate(asked, start=1)]


def _answer(question: str, text: str, words: str, unit: str | None = None, **figures: Any) -> Row:
    blank: Row = {"value": None, "low": None, "high": None, "customers": None}
    return {"question": question, "text": text, "answer": words, "unit": unit} | blank | figures


def _value(people: ibis.Table) -> Row:
    name, text = "average_value", "What is a customer worth on average?"
    buyers = people.filter(people.orders_365d > 0)
    x = buyers.spend_365d
    found = row(
        buyers.agg(n=buyers.count(), mean=exact_mean(x), sd=x.std(), median=x.median().cast("float64"))
    )
    if not found["n"]:
        return _answer(name, text, NOT_ENOUGH)
    half = Z * (found["sd"] or math.nan) / math.sqrt(found["n"])
    known = math.isfinite(half)
    span = f" (95 %: {number(found['mean'] - half)} to {number(found['mean'] + half)})" if known else ""
    words = (
        f"{number(found['mean'])}{span} of spend a year, in price index, for each of {found['n']:,} customers with an "
        f"order in the last 365 days; half of them spend less than {number(found['median'])}."
    )
    ends = {"low": steady(found["mean"] - half), "high": steady(found["mean"] + half)} if known else {}
    return _answer(name, text, words, INDEX, value=found["mean"], customers=found["n"], **ends)


def _tenure(people: ibis.Table) -> Row:
    name, text = "tenure", "How long have customers been with us?"
    x = people.tenure_days
    found = row(
        people.agg(
            n=people.count(),
            q25=x.quantile(0.25),
            median=x.median().cast("float64"),
            q75=x.quantile(0.75),
            early=people.left_truncated.mean(),
        )
    )
    if not found["n"]:
        return _answer(name, text, NOT_ENOUGH)
    words = (
        f"Half of {found['n']:,} customers first bought {found['median']:,.0f} days ago or earlier, the middle half "
        f"between {found['q25']:,.0f} and {found['q75']:,.0f} days. {percent(found['early'])} were there within the "
        "first 90 days of the data, so they may have been customers for longer."
    )
    return _answer(
        name,
        text,
        words,
        "days",
        value=found["median"],
        low=found["q25"],
        high=found["q75"],
        customers=found["n"],
    )


def _categories(article_days: ibis.Table, articles: ibis.Table, as_of: dt.date) -> Row:
    name, text = "popular_categories", "Which categories are most popular?"
    lines = [
        line
        for line in category_revenue(article_days, articles, as_of)
        if line["level"] == "product_group" and line["category"] != "unknown"
    ]
    if not lines:
        return _answer(name, text, NOT_ENOUGH)
    units = sum(line["items"] for line in lines)
    top = sorted(lines, key=lambda line: (-line["items"], line["category"]))[:3]
    parts = [f"{line['category']} ({percent(line['items'] / units)})" for line in top]
    words = f"By units of the last 365 days: {', '.join(parts)}."
    return _answer(name, text, words, "share", value=steady(top[0]["items"] / units))


def _high_value(people: ibis.Table) -> Row:
    name, text = "high_value", "What share of customers is of high value?"
    buyers = people.filter(people.orders_365d > 0)
    mean = buyers.spend_365d.mean().to_pyarrow().as_py()
    if not mean:
        return _answer(name, text, NOT_ENOUGH)
    high = buyers.spend_365d > TIMES_AVERAGE * steady(mean)
    found = row(
        buyers.agg(
            n=buyers.count(),
            high=high.sum(),
            spend=buyers.spend_365d.sum(where=high).fill_null(0.0),
            total=buyers.spend_365d.sum(),
        )
    )
    share = found["high"] / found["n"]
    words = (
        f"{percent(share)} of the year’s customers spend more than twice the average; they bring "
        f"{percent(found['spend'] / found['total'])} of the year’s spend."
    )
    return _answer(name, text, words, "share", value=steady(share), customers=found["n"])


def _concentration(people: ibis.Table) -> Row:
    name, text = "top_tenth", "How much do the best customers bring?"
    lines = concentration(people)
    upto = [line for line in lines if line["top_percent"] <= 10]
    if not upto or lines[-1]["customers"] < 10:
        return _answer(name, text, NOT_ENOUGH)
    share = upto[-1]["share_of_spend"]
    words = f"The tenth of the year’s customers who spend most brings {percent(share)} of the year’s spend."
    return _answer(name, text, words, "share", value=share, customers=lines[-1]["customers"])


def _groups(points: list[Row], seed: int) -> Row:
    name, text = "visible_groups", "Are there groups that one can see?"
    found = visible_groups(points, seed)
    if found is None:
        return _answer(name, text, NOT_ENOUGH)
    words = {
        "yes": "Yes: by recency, frequency and spend {groups} groups lie clearly further apart",
        "slightly": "Slightly: by recency, frequency and spend {groups} groups lie a little further apart",
        "no": "No: by recency, frequency and spend the best {groups} groups lie no further apart",
    }[found["verdict"]].format(**found)
    words += (
        f" than those cut from one smooth cloud (silhouette {found['silhouette']:.2f} against {found['smooth']:.2f}; "
        f"a sample of {found['customers']:,} customers)."
    )
    return _answer(
        name,
        text,
        words,
        "silhouette",
        value=found["silhouette"],
        low=found["smooth"],
        customers=found["customers"],
    )


def _coverage(article_days: ibis.Table, as_of: dt.date) -> Row:
    name, text = "coverage", "Which time do the data cover?"
    sold = article_days.filter(article_days.t_dat <= ibis.literal(as_of, "date"))
    found = row(sold.agg(first=sold.t_dat.min(), last=sold.t_dat.max(), lines=sold["items"].sum()))
    if not found["lines"]:
        return _answer(name, text, NOT_ENOUGH)
    days = (found["last"] - found["first"]).days + 1
    words = (
        f"{found['lines']:,} units sold from {day(found['first'])} to {day(found['last'])}: {days:,} days"
        + (
            ", two years, so each season is seen twice."
            if days >= 728
            else ", less than two years, so no season is seen twice."
        )
    )
    return _answer(name, text, words, "days", value=float(days))


def _sparsity(people: ibis.Table, article_days: ibis.Table, articles: ibis.Table, customers: int) -> Row:
    name, text = "sparsity", "How much of all that could be bought was bought?"
    catalogue = articles.count().to_pyarrow().as_py()
    units = article_days["items"].sum().to_pyarrow().as_py()
    pairs = customers * catalogue
    if not pairs or not units:
        return _answer(name, text, NOT_ENOUGH)
    words = (
        f"At most {100 * units / pairs:.2g} % of the {pairs:,} pairs of a customer ({customers:,}) and an article "
        f"({catalogue:,}). What was not bought was mostly never seen: it is no dislike."
    )
    return _answer(name, text, words, "share", value=steady(units / pairs), customers=customers)
