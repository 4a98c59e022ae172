"""The blocks that PDF files are made of, as plain data; `templates/look.typ` draws them.

A sentence becomes a list of texts, each with whether it is a figure: the template sets figures bold and never breaks
them. A colour is a hex code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hm_assets.playbooks.files.text import parts, short
from hm_assets.playbooks.metrics.figure import Figure, Sentence

Block = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A bar: its length (0 to 1), what stands at its end, its colour, and where it begins (0 to 1)."""

    share: float
    text: str
    colour: str
    start: float = 0.0


def sentence(said: Sentence | str) -> list[dict[str, Any]]:
    """A sentence for the template."""
    return [{"t": t, "f": f} for t, f in parts([said] if isinstance(said, str) else said)]


def heading(text: str, level: int = 2, kicker: str = "") -> Block:
    """A heading; level 1 is the title of a page."""
    return {"kind": "heading", "level": level, "text": short(text, 160), "kicker": short(kicker, 80)}


def paragraph(said: Sentence | str, kind: str = "text") -> Block:
    """A paragraph: `text`, `lead`, `small` or `note`."""
    return {"kind": kind, "parts": sentence(said)}


def bullets(items: Iterable[Sentence | str], kind: str = "bullets") -> Block:
    """A list; of kind `steps` it is numbered."""
    return {"kind": kind, "items": [sentence(item) for item in items]}


def numbers(items: Iterable[tuple[str, Figure | None, str]]) -> Block:
    """A row of large figures, each with a label and a note; those that are not in the data say so."""
    told = [
        {"label": label, "text": figure.text if figure else "not in data", "note": note}
        for label, figure, note in items
    ]
    return {"kind": "numbers", "items": told}


def bars(
    title: str,
    rows: Iterable[tuple[str, Sequence[Bar]]],
    *,
    legend: Sequence[tuple[str, str]] = (),
    note: str = "",
    mark: float | None = None,
    label_width: int = 34,
) -> Block:
    """Horizontal bars by row; `mark` is where an upright line stands (0 to 1), `label_width` in percent."""
    return {
        "kind": "bars",
        "title": title,
        "legend": [{"text": text, "colour": colour} for text, colour in legend],
        "note": note,
        "mark": mark,
        "label-width": label_width,
        "rows": [
            {
                "label": short(label, 60),
                "bars": [
                    {
                        "share": min(1.0, max(0.0, bar.share)),
                        "start": bar.start,
                        "text": bar.text,
                        "colour": bar.colour,
                    }
                    for bar in found
                ],
            }
            for label, found in rows
        ],
    }


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str | Figure | None]],
    *,
    widths: Sequence[int],
    right: Sequence[int] = (),
    size: float = 7.6,
    most: int = 160,
) -> Block:
    """A table; a figure is shown as it is printed everywhere, None as a dash."""

    def cell(value: str | Figure | None) -> dict[str, str]:
        if isinstance(value, Figure):
            return {"t": value.text}
        return {"t": "–" if value is None else short(value, most)}

    return {
        "kind": "table",
        "head": list(head),
        "rows": [[cell(value) for value in row] for row in rows],
        "widths": list(widths),
        "right": list(right),
        "size": size,
    }


def pairs(items: Iterable[tuple[str, Sequence[Sentence]]], label_width: int = 24) -> Block:
    """Labels with their sentences; those without a sentence are left out."""
    told = [{"label": k, "sentences": [sentence(s) for s in v]} for k, v in items if v]
    return {"kind": "pairs", "items": told, "label-width": label_width}


def timeline(phases: Iterable[Mapping[str, Any]]) -> Block:
    """Phases side by side: `when`, `title`, `steps`, `owner`, `colour`."""
    return {"kind": "timeline", "phases": [dict(phase) for phase in phases]}


def columns(left: Sequence[Block], right: Sequence[Block], widths: tuple[int, int] = (1, 1)) -> Block:
    """Two columns of blocks."""
    return {"kind": "columns", "left": list(left), "right": list(right), "widths": list(widths)}


def cards(found: Iterable[tuple[str, Sequence[Block]]], height: int) -> Block:
    """Cards two in a line, each with its colour; `height` in millimetres."""
    told = [{"colour": colour, "blocks": list(blocks)} for colour, blocks in found]
    return {"kind": "cards", "cards": told, "height": height}


def page_break() -> Block:
    """What follows begins on a new page."""
    return {"kind": "break"}


def when(found: object, *blocks: Block) -> list[Block]:
    """These blocks where there is something to show, else none."""
    return list(blocks) if found else []
