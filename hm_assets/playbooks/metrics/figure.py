"""A figure that knows where it stands, and a sentence made of text and figures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from hm_assets.profiles.wording import Style, write_number

ALL: Final = "all"


@dataclass(frozen=True)
class Figure:
    """A number that a document prints.

    Attributes
    ----------
    asset
        The table that it stands in, e.g. `forecasts/segments`.
    segment
        Of which segment (its number as text), or `all`.
    fact, field
        Which row of the segment, and which column of it.
    value
        Exactly.
    text
        As documents print it.
    kind
        What sort of fact: tells apart facts of the same name.
    label
        What it is, for people who read a table.
    assumption
        Whether somebody assumed it: never to be printed without that word.
    """

    asset: str
    segment: str
    fact: str
    field: str
    value: float
    text: str
    kind: str = "outlook"
    label: str = ""
    assumption: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What tells it from all other figures of a month."""
        return self.asset, self.segment, self.kind, self.fact, self.field

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


Sentence = Sequence[str | Figure]


def write_figure(value: float, style: Style = "number") -> str:
    """A figure as documents print it; what is too small to be written says so instead of nothing."""
    if style == "share" and 0 < value < 0.0005:
        return "under 0.1 %"
    if style == "number" and 0 < value < 0.001:
        return "under 0.001"
    return write_number(value, style)


def plain(sentence: Sentence) -> str:
    """The sentence as text."""
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


def as_json(sentence: Sentence) -> list[str | dict[str, Any]]:
    """A sentence as plain values."""
    return [part if isinstance(part, str) else part.as_json() for part in sentence]


def from_json(parts: Sequence[str | dict[str, Any]]) -> Sentence:
    """The inverse of `as_json`."""
    return [part if isinstance(part, str) else Figure(**part) for part in parts]
