"""What a chart of a page is: a finding as its title, a picture for Plotly, and where its figures come from.

A chart is plain data (Plotly's JSON), so that nothing heavy is imported to make it; the tests hold it against Plotly's
schema. Colours are those of `warehouse/pictures.py`; what differs by colour also differs by symbol, dash or label.
"""

import html
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hm_assets.warehouse.pictures import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION

Trace = dict[str, Any]
SERIES = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, BLACK, GREY)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
SYMBOLS = ("circle", "square", "diamond", "x", "triangle-up", "cross", "circle-open", "square-open")
MORE_IS_DARKER = [[0, "#f3f7fb"], [0.5, SKY], [1, "#003f66"]]
LESS_AND_MORE = [[0, VERMILION], [0.5, "#ffffff"], [1, BLUE]]
FONT = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
INK, LINE = "#1b1f24", "#d9dee4"


@dataclass(frozen=True)
class Chart:
    """One picture: `about` says who is counted, `sources` are the tables that it shows.

    `narrow` is what its layout changes on a phone, by path: `{"yaxis.tickfont.size": 9}`.
    """

    name: str
    title: str
    data: Sequence[Trace]
    layout: Mapping[str, Any]
    sources: tuple[str, ...]
    about: str
    note: str = ""
    height: int = 380
    wide: bool = False
    narrow: Mapping[str, Any] = field(default_factory=dict)

    def plotly(self) -> dict[str, Any]:
        """What `Plotly.newPlot` takes."""
        base: dict[str, Any] = {
            "font": {"family": FONT, "size": 13, "color": INK},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 60, "r": 16, "t": 16, "b": 50},
            "colorway": list(SERIES),
            "height": self.height,
            "hovermode": "closest",
            "legend": {
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "x": 0,
                "xanchor": "left",
                "itemsizing": "constant",
            },
            "showlegend": False,
        }
        found = {"data": list(self.data), "layout": {**base, **self.layout}}
        return found | {"narrow": dict(self.narrow)} if self.narrow else found


@dataclass(frozen=True)
class Cell:
    """Text of a table with what it is sorted by, and whether a rule is kept (`pass`, `fail`)."""

    text: str
    order: float | None = None
    mark: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Grid:
    """A table of a page; its cells are text, or a `Cell` where it is sorted by something else."""

    name: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    sources: tuple[str, ...]
    about: str
    note: str = ""
    wide: bool = True
    sortable: bool = False


@dataclass(frozen=True)
class NotEnough:
    """What would stand here if there were more data, and why it does not."""

    name: str
    title: str
    reason: str


Block = Chart | Grid | NotEnough


def without_gaps(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, where the last of an odd number that stand two in a line gets a line of its own."""
    narrow = [i for i, block in enumerate(blocks) if isinstance(block, NotEnough) or not block.wide]
    last = blocks[narrow[-1]] if narrow else None
    if len(narrow) % 2 == 0 or not isinstance(last, Chart):
        return list(blocks)
    return [*blocks[: narrow[-1]], replace(last, wide=True), *blocks[narrow[-1] + 1 :]]


@dataclass(frozen=True)
class Section:
    """A chapter of the page: what it answers, and its blocks."""

    name: str
    title: str
    lead: str
    blocks: Sequence[Block] = field(default_factory=tuple)


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with a label (with its unit), a light grid, and room for its ticks."""
    base: dict[str, Any] = {"gridcolor": LINE, "zeroline": False, "automargin": True, "linecolor": LINE}
    return {**base, "title": {"text": title, "standoff": 10}, **more}


def axes(x: str, y: str, **more: Any) -> dict[str, Any]:
    """Layout with two plain axes; `xaxis` and `yaxis` in `more` add to them."""
    return {
        **more,
        "xaxis": axis(x, **more.get("xaxis", {})),
        "yaxis": axis(y, **more.get("yaxis", {})),
    }


def label(text: object, width: int = 18) -> str:
    """Text of the data as a label: nothing in it is markup, and long ones break into lines."""
    lines = textwrap.wrap(str(text), width, break_long_words=False) or [str(text)]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def interval(values: Sequence[float], lows: Sequence[float | None], highs: Sequence[float | None]) -> Trace:
    """Error bars of 95 % intervals."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if high is None else high - value for value, high in zip(values, highs, strict=True)],
        "arrayminus": [0 if low is None else value - low for value, low in zip(values, lows, strict=True)],
        "color": INK,
        "thickness": 1.2,
        "width": 4,
    }
