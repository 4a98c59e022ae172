"""The report: all charts on one page that needs no network, written beside the month's other documents."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hm_assets.explore import pictures_of_beliefs as beliefs
from hm_assets.explore import pictures_of_measures as measures
from hm_assets.explore import pictures_of_pairs as pairs
from hm_assets.explore import pictures_of_points as sampled
from hm_assets.explore import pictures_of_range as goods
from hm_assets.explore import pictures_of_time as time
from hm_assets.warehouse import artifacts, chart_page
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.charts import Section
from hm_assets.warehouse.manifest import EDA_MANIFEST, Manifest, describe, write_manifest

REPORT: Final = "eda.html"
Rows = Sequence[Mapping[str, Any]]


def write_report(
    found: Mapping[str, Rows],
    *,
    month: dt.date,
    reports: Path,
    versions: Mapping[str, str],
    source: str,
) -> Path | None:
    """Write a month's report to `<reports>/<YYYY-MM>/eda.html`; None where there is nothing to say anything about.

    Parameters
    ----------
    found
        The month's rows of each table, by its path (`explore/questions`).
    versions
        The version of each table, by its path.
    source
        The data in words, printed on the page.
    """
    answers = sorted(found["explore/questions"], key=lambda line: line["position"])
    if not answers:
        return None
    as_of: dt.date = answers[0]["as_of"]
    page = chart_page.render(
        "eda.html.j2",
        "hm_assets.explore",
        sections(found),
        title=f"What the data say, {month:%Y-%m}",
        headline=headline(answers),
        answers=answers,
        as_of=as_of,
        month=f"{month:%Y-%m}",
        source_name=source,
        versions=dict(sorted(versions.items())),
    )
    folder = reports / f"{month_of(month):%Y-%m}"
    path = artifacts.write_text(folder / REPORT, page)
    entry = describe(path, f"What the data say, {month:%Y-%m}", "eda", headline(answers))
    manifest = Manifest(f"{month:%Y-%m}", as_of, source, dict(versions), (entry,))
    write_manifest(folder, manifest, EDA_MANIFEST)
    return path


def headline(answers: Rows) -> str:
    """The finding of the page in a sentence."""
    known = {line["question"]: line for line in answers}
    top = known.get("top_tenth")
    if top is None or top["value"] is None:
        return "There is not enough data yet for more than a first look."
    return str(top["answer"])


def sections(found: Mapping[str, Rows]) -> list[Section]:
    """The chapters of the page, in order."""
    shapes = {line["feature"]: line for line in found["explore/distributions"]}
    bins, points = found["explore/histograms"], found["explore/sample"]
    ordered = sorted(points, key=lambda point: point["point"])
    rho = {
        frozenset((line["measure_a"], line["measure_b"])): line["spearman"]
        for line in found["explore/correlations"]
    }
    groups, calendar = found["explore/groups"], found["explore/calendar"]
    revenue, prices = found["explore/category_revenue"], found["explore/price_curves"]
    one = ("recency_days", "purchase_days", "spend", "basket_365d", "tenure_days", "age")
    return [
        Section(
            "customers",
            "What customers are like, one measure at a time",
            "Where a few large values pull the mean up, the median says more.",
            [
                *(measures.histogram(feature, shapes, bins) for feature in one),
                measures.spans(shapes),
                measures.concentration(found["explore/concentration"]),
                measures.shapes(found["explore/distributions"]),
            ],
        ),
        Section(
            "together",
            "What goes together",
            "Two measures at a time, then groups of customers side by side.",
            [
                pairs.correlations(found["explore/correlations"]),
                sampled.points(
                    ordered,
                    "recency_days",
                    "purchase_days",
                    rho.get(frozenset(("recency_days", "purchase_days"))),
                ),
                sampled.points(
                    ordered, "purchase_days", "spend", rho.get(frozenset(("purchase_days", "spend")))
                ),
                pairs.by_age(groups),
                pairs.by_group(groups),
            ],
        ),
        Section(
            "several",
            "Several measures at once",
            "Recency, frequency and spend together are what the segments start from.",
            [sampled.grid(found["explore/rfm_grid"]), sampled.parallel(ordered), sampled.cube(ordered)],
        ),
        Section(
            "beliefs",
            "What we believe, tested",
            "Each belief was written down before it was tested. The size of an effect comes first; p says only whether "
            "chance could explain it.",
            [beliefs.forest(found["explore/hypotheses"]), beliefs.verdicts(found["explore/hypotheses"])],
        ),
        Section(
            "time",
            "When they buy",
            "Trend, season, weekdays, and who comes back.",
            [
                time.decomposition(sorted(found["explore/seasonality"], key=lambda line: line["week_end"])),
                time.months(calendar),
                time.weekdays(calendar),
                time.cohorts(found["explore/cohorts"]),
            ],
        ),
        Section(
            "range",
            "What they buy",
            "Revenue is the sum of prices, in the price index of the files: no currency, and no margin.",
            [
                goods.donut(_by_revenue(revenue)),
                goods.bars(_by_revenue(revenue)),
                goods.bubbles(_by_revenue(revenue)),
                goods.price_curves(_by_price(prices), "category"),
                goods.price_curves(_by_price(prices), "value_tier"),
                goods.network(
                    sorted(
                        found["explore/affinity_network"],
                        key=lambda line: (-line["lift"], line["section_a"], line["section_b"]),
                    )
                ),
            ],
        ),
        Section(
            "missing",
            "What is missing, and why",
            "A value that is missing for a reason tilts every figure made from the others.",
            [
                beliefs.missing(found["customers/missingness"]),
                beliefs.patterns(found["customers/missing_patterns"]),
                beliefs.mechanisms(found["customers/missingness"], found["customers/missingness_tests"]),
            ],
        ),
    ]


def _by_revenue(lines: Rows) -> list[Mapping[str, Any]]:
    return sorted(lines, key=lambda line: (-line["spend"], line["category"], line["parent"] or ""))


def _by_price(lines: Rows) -> list[Mapping[str, Any]]:
    return sorted(lines, key=lambda line: (line["kind"], line["value"], line["relative_price"]))
