"""The facts of a made-up shop, as the assets would make them, and the page of them."""

import datetime as dt
from pathlib import Path
from typing import Any

import ibis

from hm_assets.explore import (
    affinity,
    categories,
    cohorts,
    distributions,
    hypotheses,
    measures,
    prices,
    questions,
    relations,
    report,
    seasonality,
)
from hm_assets.explore.sample import sample
from hm_assets.features import attributes
from hm_assets.features.article_days import reference_prices
from hm_assets.warehouse.calendar import month_of
from hm_assets_tests.explore import shops
from hm_assets_tests.features.histories import Line, article_days_of, days, transactions

SOURCE = "a made-up <shop>"
MISSINGNESS = [
    {
        "position": 1,
        "column": "FN",
        "rows": 90,
        "structural": 60,
        "known": 90,
        "unknown": 0,
        "share_unknown": 0.0,
    },
    {
        "position": 5,
        "column": "age",
        "rows": 90,
        "structural": 0,
        "known": 45,
        "unknown": 45,
        "share_unknown": 0.5,
    },
]
PATTERNS = [
    {"pattern": "nothing unknown", "columns_unknown": 0, "customers": 45, "share": 0.5},
    {"pattern": "age", "columns_unknown": 1, "customers": 45, "share": 0.5},
]
TESTS = [
    {
        "test": test,
        "column": "age",
        "assumed_years": years,
        "customers": 90,
        "unknown": 45,
        "p_value": p,
        "finding": "Depends on <b>the other</b> attributes",
    }
    for test, years, p in (
        ("little_mcar", None, 0.2),
        ("logistic_mar", None, 0.0004),
        ("mnar_sensitivity", -10, None),
        ("mnar_sensitivity", 5, None),
        ("mnar_sensitivity", 10, None),
    )
]


def facts(lines: list[Line]) -> dict[str, list[dict[str, Any]]]:
    """All tables that the page shows."""
    people, as_of = shops.people(lines)
    sold, bought, catalogue = article_days_of(lines), days(lines), shops.catalogue()
    references = ibis.memtable(reference_prices(sold).to_pyarrow())
    price = measures.price_unit(sold, as_of)
    shapes = distributions.distributions(people, price)
    points = measures.rows(sample(people, 42))
    by_day = seasonality.daily(bought, as_of)
    tastes = attributes.customer_attributes(ibis.memtable(transactions(lines)), catalogue)
    found = {
        "questions": questions.questions(people, sold, catalogue, 90, points, as_of, 42),
        "distributions": shapes,
        "histograms": [
            line
            for one in shapes
            for line in distributions.histogram(people, one, measures.BY_NAME[one["feature"]])
        ],
        "correlations": relations.correlations(people, price, distributions.transformed(shapes)),
        "groups": relations.groups(people),
        "rfm_grid": relations.rfm_grid(people),
        "concentration": relations.concentration(people),
        "hypotheses": hypotheses.hypotheses(hypotheses.Data(bought, people, as_of)),
        "seasonality": seasonality.weekly(by_day, as_of),
        "calendar": seasonality.calendar(bought, by_day, as_of),
        "cohorts": cohorts.cohorts(bought, as_of),
        "category_revenue": categories.category_revenue(sold, catalogue, as_of),
        "price_curves": prices.price_curves(sold, references, catalogue, bought, people, as_of),
        "affinity_network": affinity.affinity_network(tastes, catalogue),
        "sample": points,
    }
    dated = {f"explore/{name}": [{**line, "as_of": as_of} for line in lines] for name, lines in found.items()}
    return dated | {
        "customers/missingness": MISSINGNESS,
        "customers/missing_patterns": PATTERNS,
        "customers/missingness_tests": TESTS,
    }


def write(found: dict[str, list[dict[str, Any]]], reports: Path) -> Path | None:
    """The page of these facts."""
    questions_found = found["explore/questions"]
    as_of = questions_found[0]["as_of"] if questions_found else dt.date(2019, 1, 31)
    return report.write_report(
        found,
        month=month_of(as_of),
        reports=reports,
        versions={path: f"v-{path}" for path in found},
        source=SOURCE,
    )
