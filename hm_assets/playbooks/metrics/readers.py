"""What a reader sees in a document: texts with their place, marked figures, values of cells and charts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from hm_assets.warehouse.errors import ContractError

UNSEEN: Final = ("style", "script", "title")
SHOWN_ATTRIBUTES: Final = ("aria-label", "alt")
BLOCKS: Final = (
    *(
        "p",
        "li",
        "td",
        "th",
        "tr",
        "div",
        "dd",
        "dt",
        "h1",
        "h2",
        "h3",
        "small",
        "text",
        "ul",
        "ol",
        "table",
    ),
    *("section", "header", "footer", "main", "svg", "option", "summary", "caption"),
)


@dataclass(frozen=True)
class Text:
    """A text of a document, and where it stands."""

    place: str
    text: str


@dataclass(frozen=True)
class Marked:
    """A text that says which figure it shows: its key, and its value."""

    place: str
    text: str
    key: tuple[str, str, str, str, str]
    value: float


@dataclass(frozen=True)
class Value:
    """A number that is stored as a number: of a cell, or of a chart."""

    place: str
    value: float


Shown = Text | Marked | Value


def read(path: Path) -> list[Shown]:
    """Everything that a document shows.

    Raises
    ------
    ContractError
        There is no reader for documents of this kind.
    """
    reader = READERS.get(path.suffix)
    if reader is None:
        raise ContractError(
            f"{path.name}: the number checker reads {', '.join(READERS)}; give it one of them"
        )
    return list(reader(path))


class _Page(HTMLParser):
    """Texts of a page by block; what stands in an element with `data-value` is marked.

    What all figures of a table's line have in common may stand on the line (`dashboard/origins.py`).
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self._text: list[str] = []
        self._hidden = 0
        self._open: tuple[dict[str, str | None], list[str]] | None = None
        self._line: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in UNSEEN:
            self._hidden += 1
        if tag in BLOCKS:
            self.end()
        if tag == "br":
            self.handle_data(" ")
        if tag == "tr":
            self._line = told
        self.shown += [Text(self._place(), told[name] or "") for name in SHOWN_ATTRIBUTES if told.get(name)]
        if "data-value" in told:
            self._open = (self._line | told, [])

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        if self._open and tag == "span":
            told, text = self._open
            key = tuple(
                told.get(f"data-{name}") or "" for name in ("asset", "segment", "kind", "fact", "field")
            )
            self.shown.append(
                Marked(self._place(), "".join(text), key, float(told["data-value"] or "nan"))  # type: ignore[arg-type]
            )
            self._open = None
            self._text.append(" ")
        if tag == "tr":
            self._line = {}
        if tag in BLOCKS:
            self.end()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            (self._open[1] if self._open else self._text).append(data)

    def end(self) -> None:
        """Close the block that is open."""
        text = "".join(self._text).strip()
        if text:
            self.shown.append(Text(self._place(), text))
        self._text = []

    def _place(self) -> str:
        return f"line {self.getpos()[0]}"


def _html(path: Path) -> Iterator[Shown]:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.end()
    yield from page.shown


def _pdf(path: Path) -> Iterator[Shown]:
    from pypdf import PdfReader

    for number, page in enumerate(PdfReader(path).pages, 1):
        yield Text(f"page {number}", page.extract_text())


def _pptx(path: Path) -> Iterator[Shown]:
    from pptx import Presentation

    for number, slide in enumerate(Presentation(str(path)).slides, 1):
        for shape in slide.shapes:
            place = f"slide {number}, {shape.name}"
            if shape.has_text_frame:
                yield Text(place, shape.text_frame.text)
            if shape.has_table:
                for row in shape.table.rows:
                    for cell in row.cells:
                        yield Text(place, cell.text)
            if shape.has_chart:
                yield from _chart(shape.chart, place)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield Text(f"slide {number}, notes", slide.notes_slide.notes_text_frame.text)


def _chart(chart: Any, place: str) -> Iterator[Shown]:
    for plot in chart.plots:
        for category in plot.categories:
            yield Text(place, str(category))
        for series in plot.series:
            yield Text(place, series.name)
            for value in series.values:
                if value is not None:
                    yield Value(place, float(value))


def _xlsx(path: Path) -> Iterator[Shown]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                place = f"{sheet.title}!{getattr(cell, 'coordinate', '')}"
                if isinstance(cell.value, bool) or cell.value is None:
                    continue
                if isinstance(cell.value, int | float):
                    yield Value(place, float(cell.value))
                elif isinstance(cell.value, str):
                    yield Text(place, cell.value)
    book.close()


READERS: Final[Mapping[str, Callable[[Path], Iterator[Shown]]]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".pptx": _pptx,
    ".xlsx": _xlsx,
}
