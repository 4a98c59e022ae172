"""Figures of the segments: what they are, what they will do, and why.

Which rows and columns may be printed, and how. What would tell of fewer than twenty customers is not gathered, so no
document can print it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hm_assets.forecasts.by_segment.tables import SEGMENTS as OUTLOOK
from hm_assets.forecasts.by_segment.withheld import of_few
from hm_assets.forecasts.why.tables import SEGMENT_REASONS as REASONS
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.facts import Fact, Field, facts_of
from hm_assets.playbooks.metrics.figure import Figure, write_figure
from hm_assets.playbooks.outlook import LATE
from hm_assets.profiles.fairness.privacy import Amount, segments_withheld
from hm_assets.profiles.wording import Style

Row = Mapping[str, Any]
FIELDS: Sequence[Field] = ("value", "low", "high", "base", "index_to_base")
STYLES: Mapping[str, Style] = {"share": "share", "days": "days", "customers": "count"}


def of_profiles(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of `profiles/segment_profiles`; give the rows that `fairness.privacy.without` leaves."""
    for segment in sorted({int(row["segment_id"]) for row in rows}):
        for fact in facts_of(segment, rows):
            for field in FIELDS:
                number = fact.number(field)
                if number is not None:
                    yield Figure(
                        PROFILES,
                        str(segment),
                        fact.name,
                        field,
                        number,
                        fact.written(field),
                        fact.kind,
                        _label(fact, field),
                    )


def of_outlook(rows: Sequence[Row], sizes: Mapping[int, int]) -> Iterator[Figure]:
    """Of `forecasts/segments`: what is expected of each segment and of all together.

    Parameters
    ----------
    rows
        A month of it.
    sizes
        Customers of each segment.
    """
    hidden = {str(segment) for segment in segments_withheld(sizes)}
    few = of_few(rows, LATE)
    for row in rows:
        if row["segment"] in hidden or (row["measure"] == LATE and row["segment"] in few):
            continue
        style = STYLES.get(row["unit"], "number")
        for field in ("value", "low", "high"):
            if row[field] is not None:
                text = write_figure(row[field], style)
                yield Figure(
                    OUTLOOK.path,
                    row["segment"],
                    row["measure"],
                    field,
                    row[field],
                    text,
                    "outlook",
                    row["measure"].replace("_", " "),
                )


def of_reasons(rows: Sequence[Row], sizes: Mapping[int, int]) -> Iterator[Figure]:
    """Of `forecasts/segment_reasons`: what moves the chance of an order most, and of how many."""
    hidden = {str(segment) for segment in segments_withheld(sizes)}
    for row in rows:
        if row["segment"] in hidden or Amount(row["customers"], row["moved"]).is_small():
            continue
        fact, share = f"{row['theme']} {row['effect']}", row["share"]
        text = write_figure(share, "share")
        yield Figure(REASONS.path, row["segment"], fact, "share", share, text, label=fact)


def _label(fact: Fact, field: Field) -> str:
    return fact.wording.label if field == "value" else f"{fact.wording.label}, {field.replace('_', ' ')}"
