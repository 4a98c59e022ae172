"""Holds a document against the store of figures: a number that is printed and is not in the store is a fault.

A marked text (`data-value`) is held against its own figure. Any other number must be printed just as a figure of the
store is, in a document about one segment as a figure of that segment or of all together. A value of a cell or of a
chart must be the value of a figure. Dates, windows and other structural numbers are declared in `numbers.py`; names
that hold digits come from the store, and from who wrote the document.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Final

from hm_assets.playbooks.facts import NO_PURCHASE
from hm_assets.playbooks.metrics import readers
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.playbooks.metrics.numbers import ONE_IN, Number, numbers, plain, without_structure
from hm_assets.playbooks.metrics.store import Store
from hm_assets.profiles.wording import WORDINGS

SAME: Final = 1e-9  # of the larger value: a spreadsheet keeps 15 digits
LETTERS: Final = 3
UNDER: Final = "under "


@dataclass(frozen=True)
class Fault:
    """A number that no figure stands behind."""

    document: str
    place: str
    number: str

    def __str__(self) -> str:
        return f"{self.document}, {self.place}: {self.number} is not in playbooks/metrics"


@dataclass(frozen=True)
class Scope:
    """The figures that a document may print, and the names in it that hold digits.

    Attributes
    ----------
    store
        All figures of the month.
    segments
        Whose figures, besides those of all together; None: everybody's.
    names
        Texts of the document that are no figures: names out of the data, and what was written by hand.
    """

    store: Store
    segments: Collection[str] | None = None
    names: Collection[str] = ()

    @cached_property
    def figures(self) -> Sequence[Figure]:
        """The figures in scope."""
        who = None if self.segments is None else {ALL, *self.segments}
        return [f for f in self.store.figures.values() if who is None or f.segment in who]

    @cached_property
    def printed(self) -> frozenset[tuple[Decimal, int, str]]:
        """All numbers as the figures are printed."""
        texts = [figure.text for figure in self.figures]
        texts += [_as_times(figure) for figure in self.figures if figure.field == "index_to_base"]
        return frozenset(number.token for text in texts for number in numbers(text))

    @cached_property
    def values(self) -> Sequence[float]:
        """All values, in order."""
        return sorted({figure.value for figure in self.figures})

    @cached_property
    def shares(self) -> Sequence[float]:
        """Values that may be said as `1 in 5`."""
        return [figure.value for figure in self.figures if figure.text.endswith("%")]

    @cached_property
    def known_names(self) -> Sequence[str]:
        """Names with a digit, the longest first."""
        wordings = (text for wording in WORDINGS.values() for text in (wording.label, wording.what))
        of_figures = (text for figure in self.figures for text in (figure.label, figure.fact))
        found = {*self.store.names.values(), *of_figures, *wordings, *self.names}
        # Of an article a page may print the name alone.
        found |= {name.split(" (article ")[0].split(",")[0] for name in found if " (article " in name}
        with_digits = {plain(name).strip() for name in found if any(c.isdigit() for c in name)}
        # A name that is little more than a number would hide that number everywhere; one that is only a month would
        # leave the day of a date behind.
        told = (
            name
            for name in with_digits
            if sum(c.isalpha() for c in name) >= LETTERS and any(map(str.isdigit, without_structure(name)))
        )
        return sorted(told, key=lambda name: (-len(name), name))

    @cached_property
    def whole_names(self) -> frozenset[str]:
        """The same, to be looked up."""
        return frozenset(self.known_names)


def faults(path: Path, scope: Scope) -> list[Fault]:
    """The numbers of a document that are not in the store, in the order of the document.

    Raises
    ------
    ContractError
        The document is of a kind that cannot be read.
    """
    return [
        Fault(path.name, shown.place, number)
        for shown in readers.read(path)
        for number in _not_in_store(shown, scope)
    ]


def _not_in_store(shown: readers.Shown, scope: Scope) -> Iterable[str]:
    if isinstance(shown, readers.Value):
        return [] if _is_value(shown.value, scope.values) else [f"{shown.value:g}"]
    if isinstance(shown, readers.Marked):
        return _marked(shown, scope)
    return _free(shown.text, scope)


def _free(text: str, scope: Scope) -> list[str]:
    """Numbers of a text that does not say which figures they are."""
    if not any(c.isdigit() for c in text) or plain(text).strip() in scope.whole_names:
        return []
    rest = without_structure(text, scope.known_names)
    wrong = []
    for found in ONE_IN.finditer(rest):
        if not any(_is_one_in(share, int(found[1])) for share in scope.shares):
            wrong.append(found[0])
    rest = ONE_IN.sub(" ", rest)
    return wrong + [number.text for number in numbers(rest) if not _is_printed(number, scope)]


def _is_printed(number: Number, scope: Scope) -> bool:
    """Whether a figure is printed so; the × of a multiple stands in the sentence around it."""
    value, decimals, unit = number.token
    return number.token in scope.printed or (unit == "×" and (value, decimals, "") in scope.printed)


def _marked(shown: readers.Marked, scope: Scope) -> list[str]:
    figure = scope.store.figures.get(shown.key)
    if figure is None or not _same(figure.value, shown.value):
        return [f"{shown.text.strip()} ({'/'.join(shown.key)})"]
    text = plain(shown.text).strip()
    ones = [int(found[1]) for found in ONE_IN.finditer(text)]
    if ones:
        return [] if all(_is_one_in(figure.value, many) for many in ones) else [text]
    said = {number.token for number in numbers(figure.text)}
    return [n.text for n in numbers(text) if n.token not in said and not _shows(n, figure, text)]


def _shows(number: Number, figure: Figure, text: str) -> bool:
    if text.startswith(UNDER):
        return any(shown < float(number.value) for shown in number.scaled(figure.value))
    # The lower end of an interval stands without its %, which follows the upper one.
    as_share = replace(number, unit="%")
    return number.shows(figure.value) or (figure.text.endswith("%") and as_share.shows(figure.value))


def _as_times(figure: Figure) -> str:
    """An index as a multiple, as the playbooks write it beside a bar."""
    ratio = figure.value / 100
    if ratio < 0.1:
        return "0.1 ×"
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2g} × {ratio:.2f} ×"


def _is_one_in(share: float, many: int) -> bool:
    return many > 0 and abs(share * many - 1) <= 0.07


def _is_value(value: float, values: Sequence[float]) -> bool:
    place = bisect_left(values, value)
    return any(_same(other, value) for other in values[max(0, place - 1) : place + 1])


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(1.0, abs(one), abs(other))


def segment_of(name: str) -> str | None:
    """The segment that a document is about, by its file name; None for all."""
    parts = name.split("-")
    return parts[1] if parts[0] == "segment" and len(parts) > 2 and parts[1].isdigit() else None


def scope_of(name: str, store: Store, names: Collection[str]) -> Scope:
    """What a document of that file name may print; who has not bought may be spoken of anywhere."""
    segment = segment_of(name)
    return Scope(store, None if segment is None else {segment, str(NO_PURCHASE)}, names)
