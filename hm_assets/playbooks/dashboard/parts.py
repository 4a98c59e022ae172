"""What the dashboard is made of: tabs of views, each a picture with the table of its figures.

A figure stands in a cell as `Figure`, so the page can name the table that it comes from; a picture is never without
its table, so nothing is told by sight alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hm_assets.playbooks.metrics.figure import Figure, Sentence
from hm_assets.warehouse.charts import Block

NOT_IN_DATA = "not in data"
LONGEST_NAME = 80


@dataclass(frozen=True)
class Marked:
    """Text of a cell that is more than text.

    Attributes
    ----------
    text
        As it is printed.
    mark
        `pass`, `warn` or `fail`: how it is coloured.
    figure
        The figure within it, if there is one.
    """

    text: str
    mark: str = ""
    figure: Figure | None = None


Content = str | Figure | Marked


@dataclass(frozen=True)
class Column:
    """A column of a sheet; with a segment it is left out when that segment is not chosen."""

    title: str
    segment: int | None = None


@dataclass(frozen=True)
class Line:
    """A line of a sheet: its heading, then its cells; with a segment it is left out as a column is."""

    heading: str
    cells: Sequence[Content]
    segment: int | None = None


@dataclass(frozen=True)
class Sheet:
    """A table: its columns, the first of which is of headings, and its lines."""

    columns: Sequence[Column]
    lines: Sequence[Line]

    @classmethod
    def of(cls, titles: Sequence[str], rows: Sequence[tuple[str, Sequence[Content], int | None]]) -> "Sheet":
        """A sheet whose lines may belong to segments."""
        return cls([Column(title) for title in titles], [Line(*row) for row in rows])


@dataclass(frozen=True)
class Bare:
    """A view without a picture: its table is always seen."""

    name: str
    title: str
    sources: tuple[str, ...]
    about: str
    note: str = ""
    wide: bool = True


@dataclass(frozen=True)
class View:
    """A picture, or why there is none, and its figures.

    `follows` names what changes it on the page: `segments` the choice of several segments, `assumed` the assumption
    above it. A `Grid` of the stages above is told as `Bare` with a sheet.
    """

    picture: Block | Bare
    sheet: Sheet | None = None
    follows: str = ""

    @property
    def name(self) -> str:
        """Of its picture."""
        return self.picture.name


@dataclass(frozen=True)
class Choice:
    """One of several contents of which a reader chooses one from a list.

    Attributes
    ----------
    value, label
        What stands in the list.
    figures
        Title, figure and what it means.
    said
        Headings with sentences below.
    views
        Pictures and tables.
    links
        Title and file of what says more.
    """

    value: str
    label: str
    lead: Sentence = ()
    figures: Sequence[tuple[str, Figure, str]] = ()
    said: Mapping[str, Sequence[Sentence]] = field(default_factory=dict)
    views: Sequence[View] = ()
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Choices:
    """A list to choose one content from."""

    name: str
    label: str
    options: Sequence[Choice]


@dataclass(frozen=True)
class Several:
    """Segments of which a reader chooses several, and those that are chosen at first."""

    label: str
    segments: Sequence[tuple[int, str, str]]
    chosen: Sequence[int]


@dataclass(frozen=True)
class Assumption:
    """A share in per cent that somebody assumes and a reader may change, with the range that it stands in."""

    label: str
    percent: float
    low: float
    high: float


@dataclass(frozen=True)
class Tab:
    """A tab: what it answers, what stands above, and its contents in order."""

    name: str
    label: str
    title: str
    lead: str
    figures: Sequence[tuple[str, Figure, str]] = ()
    said: Sequence[Sentence] = ()
    several: Several | None = None
    assumption: Assumption | None = None
    parts: Sequence[View | Choices] = ()

    def views(self) -> Iterator[View]:
        """All views in it, also those that are not chosen."""
        for part in self.parts:
            if isinstance(part, View):
                yield part
            else:
                for option in part.options:
                    yield from option.views


def clipped(name: str, longest: int = LONGEST_NAME) -> str:
    """A name of the data that fits into a list and beside a bar."""
    flat = " ".join(name.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"
