"""The pages of the segments: all of them at a glance, and one with its words, figures, products and documents."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from hm_assets.playbooks.strategy.tables import PARTS, STRATEGY
from hm_assets.profiles.wording import WORDINGS, write_number
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.serving import documents, look, products
from hm_assets.serving.on_shelf import FORMATS
from hm_assets.serving.published import Keeper, Published, Segment, rows_of
from hm_assets.settings import Settings

HEADINGS: Final[Mapping[str, str]] = {
    "who": "Who they are",
    "defining": "What tells them apart",
    "strength": "Strengths",
    "pain": "Pains",
    "opportunity": "Opportunities",
}
AT_A_GLANCE: Final = (
    "share_of_customers",
    "share_of_spend_365d",
    "recency_days",
    "orders_365d",
    "spend_365d",
)


def router(settings: Settings, keeper: Keeper) -> APIRouter:
    """The pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/segments", response_class=HTMLResponse)
    def everyone() -> str:
        """All segments of the published month, the one that spends most first."""
        now = keeper.current()
        found = sorted(now.segments.values(), key=lambda s: (s.id == NO_PURCHASE, -_spend(s), s.id))
        return look.render(
            "segments.html.j2",
            title=_finding(found),
            here="/segments",
            now=now,
            headings=[WORDINGS[name].label for name in AT_A_GLANCE],
            rows=[(segment, _glance(segment)) for segment in found],
        )

    @routes.get("/segments/{number}", response_class=HTMLResponse)
    def one(number: str) -> str:
        """One segment."""
        now = keeper.current()
        # By its text: a number of 5,000 digits is none to Python.
        segment = next((each for each in now.segments.values() if str(each.id) == number), None)
        if segment is None:
            raise HTTPException(404, "There is no segment of that number.")
        month = f"{now.month:%Y-%m}"
        return look.render(
            "segment.html.j2",
            title=segment.name,
            here="/segments",
            now=now,
            segment=segment,
            said=said(segment),
            facts=figures(segment),
            products=products.of_segment(segment.products),
            strategy=_strategy(settings, now, segment),
            documents=documents.of_segment(settings.reports_dir, month, segment.id),
            formats=FORMATS,
            month=month,
        )

    return routes


def said(segment: Segment) -> list[tuple[str, list[str]]]:
    """The sentences of a segment under their headings."""
    found: dict[str, list[str]] = {}
    for kind, sentence in segment.characteristics:
        found.setdefault(HEADINGS.get(kind, kind), []).append(sentence)
    return list(found.items())


def figures(segment: Segment) -> list[tuple[str, str, str, str]]:
    """The facts that have words: label, figure, the same of everybody, and how it was measured."""
    found = []
    for name, wording in WORDINGS.items():
        row = next((each for each in segment.facts if each["fact"] == name), None)
        if row is not None:
            base = (
                ""
                if row["base"] is None or row["kind"] == "size"
                else write_number(row["base"], wording.style)
            )
            found.append((wording.label, write_number(row["value"], wording.style), base, wording.what))
    return found


def _glance(segment: Segment) -> list[str]:
    values = [(segment.fact(name), WORDINGS[name].style) for name in AT_A_GLANCE]
    nothing = "none" if segment.id == NO_PURCHASE else "not told"
    return [nothing if value is None else write_number(value, style) for value, style in values]


def _finding(segments: Sequence[Segment]) -> str:
    """What the first of them, which spends most, brings; where that is not told, what the page is."""
    for segment in segments[:1]:
        customers, spend = (segment.fact(f"share_of_{what}") for what in ("customers", "spend_365d"))
        if customers is not None and spend is not None:
            shares = [write_number(share, "share") for share in (spend, customers)]
            return f"{segment.name.split(':')[0]} bring {shares[0]} of the year’s spend with {shares[1]} of customers"
    return "The segments"


def _spend(segment: Segment) -> float:
    return segment.fact("spend_365d") or 0.0


def _strategy(settings: Settings, now: Published, segment: Segment) -> list[tuple[str, Sequence[Any]]]:
    """The lines of `playbooks/strategy` by part, where the month has them: (heading, [(text, is assumed)])."""
    lines = [
        row for row in rows_of(settings.warehouse, STRATEGY, now.month) if row["segment_id"] == segment.id
    ]
    lines.sort(key=lambda row: int(row["position"]))
    # What the page says from the profiles already is not said twice.
    parts = [part for part in PARTS if part not in HEADINGS]
    found = [
        (PARTS[part], [(row["text"], row["assumption"]) for row in lines if row["part"] == part])
        for part in parts
    ]
    return [(heading, texts) for heading, texts in found if texts]
