"""Numbers in a text, as people read them, and whether a figure may be printed that way.

Structural numbers are no figures: a date, a page, a window of days that is part of a fact's meaning, a level of
confidence. They are declared here, as the phrases in which they stand; the number alone would not do.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import takewhile
from typing import Final

MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
SHORT_MONTHS: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
STRUCTURAL: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # When and from what it was made.
        r"\d{4}-\d{2}(-\d{2})?(-[0-9a-f]{8,})?(?![\d-])",
        rf"\b\d{{1,2}} (?:{MONTHS}) \d{{4}}\b",
        rf"\b(?:{MONTHS}) \d{{4}}\b",
        rf"\b\d{{1,2}} (?:{SHORT_MONTHS})\b(?: \d{{4}}\b)?",
        r"\bversions? [0-9a-f]{6,}\b",
        r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8,}\b",
        r"\barticle \d{1,10}(?:\b|…)|\(\d{10}\)",
        # Where it stands in the document.
        r"\b(?:[Pp]age|[Ss]lide) \d+ of \d+\b",
        # Windows, which are part of what a fact means.
        r"\b(?:(?:last|next|within|of|in|for|the) )+(?:30|60|90|365) days\b",
        r"\b(?:last |next |within |of |in |the )*12 months\b",
        r"\b[Ww]eeks? \d{1,2}(?:[–-]\d{1,2})?(?: to \d{1,2})?\b",
        r"\bfirst 28 days\b",
        r"\bper 1,000 members\b",
        # Conventions of the statistics, and rules of the platform.
        r"\b(?:80|95) % (?:confidence )?intervals?\b",
        r"\bfalse discovery rate 5 %",
        r"\bMAP@12\b",
        r"\bvan Buuren 2018\b",
        r"\b[Ii]ndex 100\b|\b100 = \w+|\bindex \(100\b|\btowards 100\b|\btowards 1 where\b",
        r"\bbetween 5 % and 60 %",
        r"\(10 % left out\)",
        r"\ball customers:? 100\b",
        r"\bfewer than 20\b|\bto the nearest 20\b|\bk = 20\b",
    )
)
# The number of an item in a list stands at the beginning of its line.
ITEM: Final = re.compile(r"(?m)^\s*\d{1,2}\.(?=\s|$)")
NUMBER: Final = re.compile(r"(?<![\w.,])(?P<sign>[-−+])?(?P<digits>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<unit>[%×]))?")
ONE_IN: Final = re.compile(r"\b1 in (\d+)\b")
# A name that is too long for its place ends in this mark.
CUT: Final = "…"
LONG_NAME: Final = 12
SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True)
class Number:
    """A number as it is printed; `unit` is %, × or nothing."""

    text: str
    value: Decimal
    unit: str = ""

    @property
    def token(self) -> tuple[Decimal, int, str]:
        """What tells two printed numbers apart: the value, its decimals and its unit."""
        return self.value, -int(self.value.as_tuple().exponent), self.unit

    def shows(self, figure: float) -> bool:
        """Whether a figure, rounded to the decimals of this number, is this number."""
        return any(self._rounds(shown) for shown in self.scaled(figure))

    def scaled(self, figure: float) -> tuple[float, ...]:
        """What a figure is in this number's unit: in hundreds, or, with ×, as itself or as an index of 100."""
        return {"%": (100 * figure,), "×": (figure / 100, figure)}.get(self.unit, (figure,))

    def _rounds(self, figure: float) -> bool:
        step = Decimal(1).scaleb(int(self.value.as_tuple().exponent))
        # As Python prints a float: exactly halfway goes to the even digit, of the float as it is.
        return Decimal(figure).quantize(step, ROUND_HALF_EVEN) == self.value


def numbers(text: str) -> Iterator[Number]:
    """The numbers of a text in order; those inside words (`W38`) are part of a name."""
    for found in NUMBER.finditer(plain(text)):
        digits = found["digits"].rstrip(",").replace(",", "")
        sign = "-" if found["sign"] in ("-", "−") else ""
        yield Number(found[0].strip(), Decimal(sign + digits), found["unit"] or "")


def plain(text: str) -> str:
    """With ordinary single spaces, so that a line break or a narrow space makes no difference."""
    return SPACES.sub(" ", text)


def without_structure(text: str, names: Iterable[str] = ()) -> str:
    """The text without names (longest first) and without structural numbers."""
    text = ITEM.sub(" ", text)
    text = plain(text)
    for name in names:
        if name in text:
            # As a whole: a name that ends in a digit must not take the beginning of a figure with it.
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
        if CUT in text and len(name) >= LONG_NAME:
            text = _without_cut(text, name)
    for pattern in STRUCTURAL:
        text = pattern.sub(" ", text)
    return text


def _without_cut(text: str, name: str) -> str:
    """The text without beginnings of the name that end in a mark of a cut."""
    begins = text.find(name[:LONG_NAME])
    while begins >= 0:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(text[begins:], name, strict=False))
        same = sum(1 for _ in alike)
        ends = begins + same + len(text[begins + same :]) - len(text[begins + same :].lstrip())
        if text[ends : ends + 1] == CUT:
            text = f"{text[:begins]} {text[ends + 1 :]}"
        begins = text.find(name[:LONG_NAME], begins + 1)
    return text
