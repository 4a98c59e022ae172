"""Sentences in pieces: text, and figures that know which fact they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Literal, cast

from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.wording import WORDINGS, write_number

Row = Mapping[str, Any]
"""A row of `profiles/segment_profiles`."""
Facts = Mapping[str, Row]
"""A segment's rows by fact; its most over-indexed value of a kind of taste by that kind."""
Field = Literal["value", "base", "index_to_base"]
NAME = "name"


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence; with a `kind` and a `fact` it is the figure of that row's `field`, in words."""

    text: str
    kind: str | None = None
    fact: str | None = None
    field: Field = "value"

    def as_json(self) -> list[str | None]:
        """As plain values."""
        return [self.text, self.kind, self.fact, self.field]

    @classmethod
    def from_json(cls, value: Sequence[str | None]) -> "Piece":
        """The inverse of `as_json`."""
        text, kind, fact, field = value
        return cls(text or "", kind, fact, cast(Field, field))


def fill(template: str, facts: Facts) -> list[Piece] | None:
    """A sentence of ours with its figures, or None where one of them is not in the data.

    `{recency_days}` is the figure of the fact, `{recency_days.base}` that of all customers with purchases,
    `{category.index_to_base}` an index, `{category.name}` the name of the value.
    """
    pieces = []
    for text, wanted, _, _ in Formatter().parse(template):
        if text:
            pieces.append(Piece(text))
        if wanted is None:
            continue
        name, _, field = wanted.partition(".")
        row = facts.get(name)
        if row is None:
            return None
        if field == NAME:
            pieces.append(Piece(str(row["fact"])))
            continue
        which = cast(Field, field or "value")
        if row[which] is None:
            return None
        pieces.append(Piece(written(row, which), row["kind"], row["fact"], which))
    return pieces


def written(row: Row, field: Field = "value") -> str:
    """A figure for people."""
    if field == "index_to_base":
        return write_number(row[field], "count")
    wording = WORDINGS.get(row["fact"]) if row["kind"] not in TASTES else None
    style = wording.style if wording else "share" if row["unit"] == "share" else "number"
    if style == "share" and 0 < row[field] < 0.0005:
        return "under 0.1 %"
    return write_number(row[field], style)


def plain(pieces: Sequence[Piece]) -> str:
    """The sentence as text."""
    return "".join(piece.text for piece in pieces)
