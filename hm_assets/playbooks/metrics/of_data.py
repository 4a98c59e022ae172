"""Figures of the data themselves: how much there is, of which time, and what a first look at it says."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hm_assets.articles.tables import ARTICLES
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.explore.tables import CALENDAR, QUESTIONS
from hm_assets.forecasts.decisions.tables import BUDGETS
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.profiles.wording import Style, write_number
from hm_assets.raw.tables import TRANSACTIONS

Row = Mapping[str, Any]
STYLES: Mapping[str, Style] = {"share": "share", "days": "days"}
COUNTED = {CUSTOMERS.path: "customers on file", ARTICLES.path: "articles", TRANSACTIONS.path: "units sold"}


def of_counts(counts: Mapping[str, int]) -> Iterator[Figure]:
    """Rows of the tables that were counted, by path."""
    for path, many in counts.items():
        fact = COUNTED[path]
        yield Figure(path, ALL, fact, "rows", float(many), write_number(many, "count"), "data", fact)


def of_period(months: Sequence[dt.date]) -> Iterator[Figure]:
    """How many months the purchases cover."""
    if months:
        many = len(months)
        text = write_number(many, "count")
        yield Figure(
            TRANSACTIONS.path, ALL, "months", "value", float(many), text, "data", "months of purchases"
        )


def of_questions(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `explore/questions`: the first answers, as far as they are figures."""
    for row in rows:
        style = STYLES.get(row["unit"], "number")
        for field in ("value", "low", "high"):
            if row[field] is not None:
                text = write_number(row[field], style)
                yield Figure(
                    QUESTIONS.path, ALL, row["question"], field, row[field], text, "question", row["text"]
                )


def of_calendar(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `explore/calendar`: sales a day by weekday and month, 100 = the mean day."""
    for row in rows:
        when = row["label"] if row["year"] is None else f"{row['label']} {row['year']}"
        if row["index"] is not None:
            text = write_number(row["index"], "count")
            yield Figure(
                CALENDAR.path, ALL, when, "index", row["index"], text, f"calendar_{row['kind']}", when
            )


def of_budgets(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `forecasts/budgets`: whom a budget reaches and what that is worth, which rests on assumptions."""
    for row in rows:
        fact, percent = f"{row['ranking']} {row['budget_percent']}", row["budget_percent"]
        yield Figure(
            *(BUDGETS.path, ALL, fact, "budget_percent", percent / 100, f"{percent} %", "budget"),
            "of the cost of contacting everybody",
        )
        for field, assumed in (
            ("customers", False),
            ("cost", True),
            ("profit", True),
            ("profit_low", True),
            ("profit_high", True),
        ):
            if row[field] is not None:
                text = write_number(row[field], "count" if field == "customers" else "number")
                # What an assumed figure rests on stands beside it wherever it is shown.
                label = row["assumptions"] if assumed else "customers reached"
                yield Figure(
                    BUDGETS.path, ALL, fact, field, float(row[field]), text, "budget", label, assumed
                )
