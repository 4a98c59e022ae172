"""The top of the page: what to know and what to do about it, a card for each chapter that has something to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from hm_assets.explore.words import number, percent
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.page.month import Outlook, Row, where
from hm_assets.forecasts.timing.rules import OWN, PRESET


@dataclass(frozen=True)
class Card:
    """A figure with its origin, and what follows from it; `chapter` is where it is told in full.

    `value` is the figure exactly; `asset`, `segment` and `fact` are where it stands.
    """

    title: str
    text: str
    bounds: str
    then: str
    chapter: str
    asset: str
    fact: str
    value: float
    segment: str = ALL


def cards(month: Outlook) -> list[Card]:
    """What is known; nothing where there is no model."""
    return list(_cards(month))


def _cards(month: Outlook) -> Iterator[Card]:
    for title, fact, then, chapter, share in (
        (
            "Order within 90 days",
            "ordering_90d",
            "Plan stock and service for these; the others need a reason to come.",
            "expect",
            True,
        ),
        (
            "Expected spend, 90 days",
            "value_90d_sum",
            "In the price index of the files. New customers come on top.",
            "expect",
            False,
        ),
    ):
        row = month.told(fact)
        if row is not None:
            write = percent if share else number
            yield Card(
                title,
                write(row["value"]),
                _bounds(row, share),
                then,
                chapter,
                "forecasts/segments",
                fact,
                row["value"],
            )
    every = next(where(month.warned, by=ALL), None)
    if every is not None and every["customers"] is not None:
        yield Card(
            "To look after now",
            f"about {every['customers']:,}",
            f"{number(every['at_stake'])} at stake",
            "Write to these first, each for the reason on the list, and leave one in ten out to see what it brings.",
            "warning",
            "forecasts/early_warning",
            "customers",
            every["customers"],
        )
    own = next(where(month.rules, rule=OWN, metric="share", as_of=month.as_of), None)
    preset = next(where(month.rules, rule=PRESET, metric="share", as_of=month.as_of), None)
    if own is not None and preset is not None and own["value"] is not None:
        yield Card(
            "Late by their own rhythm",
            percent(own["value"]),
            f"{percent(preset['value'])} by 90 days",
            "Remind by the own rhythm: 90 days are late for who comes weekly, and early for who comes twice a year.",
            "when",
            "forecasts/churn_rules",
            "share",
            own["value"],
        )


def _bounds(row: Row, share: bool) -> str:
    if row["low"] is None or row["high"] is None:
        return ""
    write = percent if share else number
    return f"{write(row['low'])} to {write(row['high'])}"
