"""What all files of a month are made of: the store of figures, the lines of the strategy, and whose data it is."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.facts import NO_PURCHASE
from hm_assets.playbooks.files.text import BRIEF, LONGEST, NAME, brief, short
from hm_assets.playbooks.metrics.figure import Figure, Sentence
from hm_assets.playbooks.metrics.of_strategy import line
from hm_assets.playbooks.metrics.store import Store
from hm_assets.playbooks.strategy.tables import PARTS
from hm_assets.profiles.words.pieces import Piece
from hm_assets.warehouse.schema import Table

Row = Mapping[str, Any]
Lines = Mapping[str, Mapping[str, Sequence[Sentence]]]


@dataclass(frozen=True)
class Contents:
    """What the files of a month say.

    Attributes
    ----------
    store
        Their figures.
    lines
        By segment and part of the strategy: its lines in order.
    source
        The data in words.
    segmentation, made_of
        Which model made the segments, and what it went by.
    banner
        What must be read first: that a failed criterion was signed for.
    tables
        The registry: what the data dictionary describes.
    version
        Of the store of figures.
    has_strategy
        Whether the strategy was made; else its lines are what the profiles say.
    weeks
        How many weeks the calendar of the strategy looks ahead; 0: there is none.
    """

    store: Store
    lines: Lines
    source: str
    segmentation: str = ""
    made_of: str = ""
    banner: str = ""
    tables: Sequence[Table] = ()
    version: str = "unknown"
    has_strategy: bool = True
    weeks: int = 0

    @property
    def month(self) -> str:
        """`2020-09`."""
        return f"{self.store.month:%Y-%m}"

    @property
    def as_of(self) -> str:
        """`22 September 2020`."""
        day = self.store.as_of
        return f"{day.day} {day:%B %Y}"

    @property
    def segments(self) -> list[str]:
        """All, the largest first."""
        return list(self.store.names)

    @property
    def buyers(self) -> list[str]:
        """Those who have bought."""
        return [segment for segment in self.segments if segment != str(NO_PURCHASE)]

    @property
    def by_spend(self) -> list[str]:
        """Those who have bought, who brings most spend first."""
        return sorted(
            self.buyers, key=lambda s: (-(self.store.value(s, "share_of_spend_365d") or 0.0), int(s))
        )

    @property
    def by_id(self) -> list[str]:
        """Those who have bought, by their number."""
        return sorted(self.buyers, key=int)

    def name(self, segment: str) -> str:
        """Of a segment, cut where it is too long."""
        return short(self.store.names[segment], NAME)

    def brief(self, segment: str) -> str:
        """Of a segment, for a chart."""
        return brief(self.store.names[segment], self.store.names.values())

    def said(self, segment: str, part: str, most: int | None = None) -> Sequence[Sentence]:
        """The lines of a part, at most so many."""
        return self.lines.get(segment, {}).get(part, ())[:most]

    def get(self, segment: str, fact: str, which: str = "value") -> Figure | None:
        """A figure of the store."""
        return self.store.get(segment, fact, which)

    def texts(self) -> list[str]:
        """What in the files is no figure, as it is and as it is cut: for the number checker."""
        figures = self.store.figures.values()
        found = {self.source, self.segmentation, self.made_of, self.banner, *self.store.names.values()}
        found |= {f"the next {self.weeks} weeks"} if self.weeks else set()
        found |= {text for figure in figures for text in (figure.label, figure.fact)}
        cut = [short(text, most) for text in found for most in (LONGEST, NAME, BRIEF)]
        return sorted({*found, *cut, *(self.brief(segment) for segment in self.segments)} - {""})


def lines_of(strategy: Iterable[Row], words: Iterable[Row], store: Store) -> Lines:
    """The lines of each segment by part, in the order of a playbook.

    Parameters
    ----------
    strategy
        A month of `playbooks/strategy`; where there are no rows of a part, what the profiles say takes its place.
    words
        A month of `profiles/segment_words`.
    store
        The figures: a sentence of the profiles whose figures are withheld is left out.
    """
    found: dict[str, dict[str, list[Sentence]]] = {}
    order = list(PARTS)
    for row in sorted(
        strategy, key=lambda r: (int(r["segment_id"]), order.index(r["part"]), int(r["position"]))
    ):
        found.setdefault(str(row["segment_id"]), {}).setdefault(row["part"], []).append(line(row))
    of_profiles: dict[str, dict[str, list[Sentence]]] = {}
    for row in sorted(words, key=lambda r: (int(r["segment_id"]), r["kind"], int(r["position"]))):
        sentence = _sentence(row, store)
        if sentence is not None and row["kind"] in PARTS:
            of_profiles.setdefault(str(row["segment_id"]), {}).setdefault(row["kind"], []).append(sentence)
    return {
        segment: {**of_profiles.get(segment, {}), **found.get(segment, {})}
        for segment in sorted({*found, *of_profiles})
    }


def _sentence(row: Row, store: Store) -> Sentence | None:
    """A sentence of the profiles with the figures of the store; None where one of them may not be told."""
    said: list[str | Figure] = []
    for piece in (Piece.from_json(each) for each in json.loads(row["pieces"])):
        if not piece.kind or not piece.fact:
            said.append(piece.text)
            continue
        key = (PROFILES, str(row["segment_id"]), piece.kind, piece.fact, piece.field)
        figure = store.figures.get(key)
        if figure is None:
            return None
        # Said in a word (“once”) it stays a word; else it is printed as everywhere.
        in_words = not any(c.isdigit() for c in piece.text)
        said.append(replace(figure, text=piece.text) if in_words else figure)
    return said
