"""Figures of trust: how far the segments are real, and how good forecasts and lists were, beside their baselines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hm_assets.forecasts.tables import SCOREBOARD as FORECASTS
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.profiles.passport.tables import PASSPORT_CRITERIA
from hm_assets.profiles.validity.tables import VALIDITY
from hm_assets.profiles.wording import Style, write_number
from hm_assets.recommendations.tables import SCOREBOARD as LISTS
from hm_assets.segments.choice.decision import FALLBACK
from hm_assets.segments.tables import CANDIDATES

Row = Mapping[str, Any]
INTERVAL = ("value", "low", "high")
TIERS = ("held_out", "later")
SHARES = ("omega_squared", "epsilon_squared")
SCORES = ("auc", "brier", "ece")
PLAIN_MODELS = ("recency", "base_rate")
PLAIN_LISTS = ("bestsellers", "random")
OF_CHAMPION: Mapping[str, Style] = {
    "segments": "count",
    "silhouette": "number",
    "stability": "number",
    "null_stability": "number",
    "later_value": "share",
    "fidelity": "share",
}


def of_criteria(rows: Iterable[Row]) -> Iterator[Figure]:
    """Of `profiles/passport_criteria`; what is withheld there has no figure."""
    for row in rows:
        segment = ALL if row["segment_id"] is None else str(row["segment_id"])
        for field in () if row["withheld"] else INTERVAL:
            yield from _figures(
                PASSPORT_CRITERIA.path, segment, row["criterion"], field, row, "criterion", row["title"]
            )


def of_validity(rows: Iterable[Row]) -> Iterator[Figure]:
    """Of `profiles/validity`: how far all segments differ in what they were not made of, beside the same by chance.

    A share of variance that is estimated below zero is one of zero.
    """
    for row in rows:
        if row["subject"] == "all segments" and row["tier"] in TIERS:
            fact, label = f"{row['tier']} {row['fact']} {row['test']}", row["fact"].replace("_", " ")
            style: Style = "share" if row["effect_name"] in SHARES else "number"
            for field in ("effect", "low", "high", "null_effect"):
                told = {**row, field: None if row[field] is None else max(row[field], 0.0)}
                yield from _figures(VALIDITY.path, ALL, fact, field, told, "validity", label, style)


def of_lab(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `segments/candidates`: how many were tried, and what the chosen one reached."""
    if not rows:
        return
    # What only stands by for data without structure is no candidate.
    tried = [row for row in rows if row["algorithm"] != FALLBACK]
    for fact, many in (("candidates", len(tried)), ("algorithms", len({row["algorithm"] for row in tried}))):
        yield Figure(
            CANDIDATES.path, ALL, fact, "value", float(many), write_number(many, "count"), "lab", fact
        )
    for row in (row for row in rows if row["verdict"] == "chosen"):
        for name, style in OF_CHAMPION.items():
            yield from _figures(CANDIDATES.path, ALL, "chosen", name, row, "lab", name, style)


def of_scores(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `forecasts/scoreboard`: the model in use and the plain ones, on the latest day of the back-test."""
    latest = max((row["as_of"] for row in rows), default=None)
    for row in rows:
        told = row["chosen"] or row["model"] in PLAIN_MODELS
        if row["as_of"] == latest and told and row["metric"] in SCORES:
            who = "chosen" if row["chosen"] else row["model"]
            fact, label = f"{row['metric']} {who} {row['horizon_days']}d", f"{row['metric']}, {row['model']}"
            for field in INTERVAL:
                yield from _figures(FORECASTS.path, ALL, fact, field, row, "score", label)


def of_list_scores(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `recommendations/scoreboard`: MAP@12 of the shipped lists and of the plain ones, over all judged weeks."""
    for row in rows:
        told = row["shipped"] or row["recommender"] in PLAIN_LISTS
        whole = (row["week"], row["slice"], row["metric"]) == ("all", "everybody", "map_at_12")
        if not (told and whole) or row["withheld"] or row["against"] not in ("", "bestsellers"):
            continue
        who = "shipped" if row["shipped"] else row["recommender"]
        fact = f"map_at_12 {who}{' against bestsellers' if row['against'] else ''}"
        for field in INTERVAL:
            yield from _figures(LISTS.path, ALL, fact, field, row, "score", f"MAP@12, {row['recommender']}")


def _figures(
    asset: str,
    segment: str,
    fact: str,
    field: str,
    row: Row,
    kind: str,
    label: str,
    style: Style = "number",
) -> Iterator[Figure]:
    """The figure of a field, or nothing where it is empty."""
    if row[field] is not None:
        value = float(row[field])
        yield Figure(asset, segment, fact, field, value, write_number(value, style), kind, label)
