"""Figures of the tables that a strategy's lines rest on, and how they are put in sentences."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hm_assets.forecasts.by_segment.tables import SEGMENTS as OUTLOOK
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.facts import Fact, Field
from hm_assets.playbooks.metrics.figure import ALL, Figure, Sentence, write_figure
from hm_assets.playbooks.showing import CROSS_SELLING, KIND
from hm_assets.playbooks.strategy.journey import EVERYBODY
from hm_assets.playbooks.strategy.tables import ASSUMPTIONS, DECISION_MATRIX, JOURNEY
from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.wording import WORDINGS, Style
from hm_assets.recommendations.complements.tables import CROSS_SELL
from hm_assets.recommendations.launch.tables import LAUNCHES

Row = Mapping[str, Any]
PLAN: Final = "plan"
UNITS: Final[Mapping[str, Style]] = {"share": "share", "customers": "count", "days": "days"}


def of_fact(fact: Fact, field: Field = "value") -> Figure:
    """A figure of `profiles/segment_profiles`."""
    number = fact.number(field)
    if number is None:
        raise ValueError(f"{fact.name} of segment {fact.segment_id} has no {field}")
    label = fact.wording.label
    return Figure(
        PROFILES, str(fact.segment_id), fact.name, field, number, fact.written(field), fact.kind, label
    )


def of_forecast(row: Row, field: str = "value") -> Figure:
    """A figure of `forecasts/segments`."""
    text = write_figure(row[field], UNITS.get(row["unit"], "number"))
    return Figure(OUTLOOK.path, row["segment"], row["measure"], field, row[field], text, label=row["measure"])


def of_journey(row: Row) -> Figure:
    """A figure of `playbooks/journey`."""
    segment = ALL if row["segment_id"] == EVERYBODY else str(row["segment_id"])
    style = UNITS.get(row["unit"], "number")
    if row["kind"] == "before" and row["name"] in WORDINGS:
        style = WORDINGS[row["name"]].style
    text = write_figure(row["value"], style)
    return Figure(JOURNEY.path, segment, row["name"], "value", row["value"], text, row["kind"], row["kind"])


def of_plan(row: Row, field: str, style: Style, assumption: bool = False) -> Figure:
    """A figure of `playbooks/decision_matrix`."""
    text, segment = write_figure(row[field], style), str(row["segment_id"])
    return Figure(DECISION_MATRIX.path, segment, PLAN, field, row[field], text, PLAN, field, assumption)


def of_assumption(row: Row, field: str, style: Style) -> Figure:
    """A figure of `playbooks/assumptions`."""
    text, segment, measure = write_figure(row[field], style), str(row["segment_id"]), row["measure"]
    return Figure(
        ASSUMPTIONS.path, segment, measure, field, row[field], text, "assumption", row["of"], assumption=True
    )


def of_launch(row: Row, field: str) -> Figure:
    """A figure of `recommendations/launches`."""
    article, segment = str(row["article_key"]), str(row["segment_id"])
    text = write_figure(row[field], "number")
    label = f"{row['name']} (article {row['article_id']})"
    return Figure(LAUNCHES.path, segment, article, field, row[field], text, KIND, label)


def of_gap(row: Row, field: str, style: Style) -> Figure:
    """A figure of `recommendations/cross_sell`."""
    fact, segment = f"{row['have']} without {row['lack']}", str(row["segment_id"])
    text = write_figure(row[field], style)
    return Figure(CROSS_SELL.path, segment, fact, field, row[field], text, CROSS_SELLING, field)


def because(facts: Sequence[Fact]) -> list[str | Figure]:
    """`(Last order: 212 days, all customers 85 days; ...)`, or nothing."""
    said: list[str | Figure] = []
    for fact in facts:
        said += ["; " if said else " (", *told(fact)]
    return [*said, ")"] if said else []


def told(fact: Fact) -> list[str | Figure]:
    """A fact beside that of all customers."""
    if fact.kind in TASTES:
        return [f"{fact.name}: index ", of_fact(fact, "index_to_base")]
    said: list[str | Figure] = [f"{fact.wording.label}: ", of_fact(fact)]
    if fact.base is not None and fact.index_to_base is not None:
        said += [", all customers ", of_fact(fact, "base")]
    return said


def between(low: Figure, high: Figure) -> list[str | Figure]:
    """`1 % to 5 %`; equal ends once."""
    return [low] if low.text == high.text else [low, " to ", high]


def joined(sentences: Sequence[Sentence], between_them: str = ", ") -> list[str | Figure]:
    """Parts with something between them."""
    said: list[str | Figure] = []
    for part in sentences:
        said += [*([between_them] if said else []), *part]
    return said
