"""What the HTML playbooks show of the strategies: the card, the decision matrix and the calendar."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from hm_assets.playbooks.metrics.figure import Figure, Sentence, from_json
from hm_assets.playbooks.strategy.figures import of_journey, of_plan
from hm_assets.playbooks.strategy.plans import BEFORE, ORDINALS
from hm_assets.playbooks.strategy.tables import PARTS
from hm_assets.recommendations.launch.tables import LAUNCHES

Row = Mapping[str, Any]
STRONG, WEAK = 1.05, 0.95
LONG: Final = ("changed", "retention", "growth", "journey")
"""Parts that are lists below the card."""


@dataclass(frozen=True)
class Week:
    """A week of the calendar: its Monday, the season in a word, and what goes out."""

    monday: dt.date
    season: str
    event: Row | None
    why: str


@dataclass(frozen=True)
class Step:
    """A step of the journey: who went on, of the segment and of all."""

    name: str
    share: Figure
    everybody: Figure | None


@dataclass(frozen=True)
class Card:
    """The strategy of a segment.

    Attributes
    ----------
    parts
        Sentences by part (`strategy.tables.PARTS`).
    row
        Its row of the decision matrix.
    weeks
        Its calendar.
    steps
        Its journey.
    """

    parts: Mapping[str, Sequence[Sentence]]
    row: Row
    weeks: Sequence[Week]
    steps: Sequence[Step]

    @property
    def products(self) -> list[str]:
        """What to promote, best first."""
        found: list[str] = json.loads(self.row["products"])
        return found

    @property
    def budget(self) -> Figure | None:
        """Its share of the budget, assumed."""
        if self.row["budget_share"] is None:
            return None
        return of_plan(self.row, "budget_share", "share", assumption=True)

    @property
    def days(self) -> Figure:
        """Days from contact to contact."""
        return of_plan(self.row, "days_between", "days")

    @property
    def is_measured(self) -> bool:
        """Whether a campaign with a group left out stands behind what is expected."""
        pieces = [piece for said in self.parts.get("outcome", []) for piece in said]
        return any(isinstance(piece, Figure) and piece.field == "measured" for piece in pieces)

    @property
    def launches(self) -> list[Sentence]:
        """What is not on sale yet and likeliest theirs."""
        return [said for said in self.parts.get("product", []) if _stands_in(said, LAUNCHES.path)]

    @property
    def lists(self) -> list[tuple[str, Sequence[Sentence]]]:
        """Headings and sentences of the parts below the card, those that say something."""
        return [
            (PARTS[part], said)
            for part in LONG
            if (said := self._told(part)) or (part == "journey" and self.steps)
        ]

    def _told(self, part: str) -> list[Sentence]:
        """The sentences of a part; of the journey those that its picture does not say."""
        said = list(self.parts.get(part, []))
        if part == "journey" and self.steps:
            return [sentence for sentence in said if not any(_is_step(piece) for piece in sentence)]
        return said


@dataclass(frozen=True)
class Plan:
    """The strategies of a month: rows of `playbooks/strategy`, `decision_matrix`, `calendar` and `journey`."""

    strategy: Sequence[Row] = ()
    matrix: Sequence[Row] = ()
    calendar: Sequence[Row] = ()
    journey: Sequence[Row] = ()
    measures: Mapping[int, Mapping[str, float]] = field(default_factory=dict)

    @cached_property
    def cards(self) -> Mapping[int, Card]:
        """The card of each segment that has one."""
        return {row["segment_id"]: self._card(row) for row in self.matrix}

    @property
    def mondays(self) -> list[Week]:
        """The weeks of the calendar, with the season of the shop."""
        first = next(iter(self.cards.values()), None)
        return list(first.weeks) if first else []

    def _card(self, row: Row) -> Card:
        mine = row["segment_id"]
        parts: dict[str, list[Sentence]] = {}
        for line in sorted(
            (line for line in self.strategy if line["segment_id"] == mine), key=lambda line: line["position"]
        ):
            parts.setdefault(line["part"], []).append(from_json(json.loads(line["pieces"])))
        weeks = sorted(
            (week for week in self.calendar if week["segment_id"] == mine), key=lambda week: week["week"]
        )
        return Card(parts, row, [_week(week) for week in weeks], self._steps(mine))

    def _steps(self, segment_id: int) -> list[Step]:
        steps = [row for row in self.journey if row["kind"] == "step"]
        everybody = {row["name"]: of_journey(row) for row in steps if row["segment_id"] < 0}
        mine = sorted(
            (row for row in steps if row["segment_id"] == segment_id), key=lambda row: row["position"]
        )
        return [
            Step(
                f"From the {ORDINALS[BEFORE[row['name']]]} order to the {ORDINALS[row['name']]}",
                of_journey(row),
                everybody.get(row["name"]),
            )
            for row in mine
        ]


def _stands_in(sentence: Sentence, asset: str) -> bool:
    return any(isinstance(piece, Figure) and piece.asset == asset for piece in sentence)


def _is_step(piece: str | Figure) -> bool:
    return isinstance(piece, Figure) and piece.kind == "step"


def _week(row: Row) -> Week:
    season = row["season"]
    word = (
        "not in data"
        if season is None
        else "strong"
        if season >= STRONG
        else "weak"
        if season <= WEAK
        else "usual"
    )
    return Week(row["week_start"], word, row if row["contacts"] else None, row["why"])
