"""Slides in one look: titles, texts that fit their boxes, tables, and native charts that can be edited.

All measures are inches on a page of 13.33 by 7.5. Text is set as large as its box allows and never smaller than can be
read from the back; what does not fit is left out, and the notes say where all of it stands.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hm_assets.playbooks.files.text import clean, parts, short
from hm_assets.playbooks.metrics.figure import Figure, Sentence

WIDTH, HEIGHT = 13.333, 7.5
MARGIN: Final = 0.6
FONT: Final = "Arial"
INK, MUTE, ACCENT, SOFT, DARK = "1B1F24", "5A636E", "0B5FA5", "EEF4F9", "003F66"
SIZES: Final = (24, 22, 20, 18, 17, 16, 15, 14, 13, 12, 11)
TABLE_SIZES: Final = (14, 13, 12, 11, 10)
TITLE_SIZES: Final = (28, 26, 24, 22, 20)
# Width of a character and height of a line, in ems: a little more than Arial needs, bold figures included.
CHARACTER, LINE, GAP = 0.47, 1.22, 0.45


@dataclass(frozen=True)
class Box:
    """Where something stands on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Series:
    """One series of a chart: its name, its figures in the order of the categories, and its colour."""

    name: str
    figures: Sequence[Figure | None]
    colour: str


BODY: Final = Box(MARGIN, 1.55, WIDTH - 2 * MARGIN, 5.1)
LEFT: Final = Box(MARGIN, 1.55, 5.6, 5.1)
RIGHT: Final = Box(6.6, 1.55, WIDTH - 6.6 - MARGIN, 5.1)


class Slides:
    """A deck that is being made."""

    def __init__(self, footer: str) -> None:
        from pptx import Presentation
        from pptx.util import Inches

        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
        self.footer = short(footer, 170)

    def add(self, title: str, notes: Sequence[str], dark: bool = False) -> Any:
        """A slide with a title that states its finding, and what to say."""
        slide = self.deck.slides.add_slide(self.deck.slide_layouts[5])
        box = Box(MARGIN, 2.2, WIDTH - 2 * MARGIN, 1.6) if dark else Box(MARGIN, 0.4, WIDTH - 2 * MARGIN, 1.0)
        if dark:
            _fill(slide.background.fill, DARK)
        shape = slide.shapes.title
        _place(shape, box)
        text = short(title, 150)
        sizes = [s for s in TITLE_SIZES if lines(text, box.width, s) * s * LINE / 72 <= box.height]
        size = 36 if dark else (sizes or [TITLE_SIZES[-1]])[0]
        _write(shape.text_frame, [[(text, True)]], size, "FFFFFF" if dark else INK, bullet=False)
        slide.notes_slide.notes_text_frame.text = "\n".join(clean(note) for note in notes if note)
        return slide

    def numbers(self, slide: Any, box: Box, found: Sequence[tuple[str, Figure | None]]) -> None:
        """Large figures side by side, each with what it is; those that are not in the data are left out."""
        told = [(label, figure) for label, figure in found if figure is not None]
        width = (box.width - 0.2 * (len(told) - 1)) / max(1, len(told))
        for i, (label, figure) in enumerate(told):
            left = box.left + i * (width + 0.2)
            self.text(slide, Box(left, box.top, width, 0.9), [[figure]], size=32, bullet=False, fill=SOFT)
            below = Box(left, box.top + 0.9, width, box.height - 0.9)
            self.text(slide, below, [label], size=14, colour=MUTE, bullet=False, fill=SOFT)

    def finish(self) -> Any:
        """Numbers and feet on all slides."""
        many = len(self.deck.slides)
        for number, slide in enumerate(self.deck.slides, 1):
            tint = "FFFFFF" if number == 1 else MUTE
            self.text(slide, Box(MARGIN, 6.95, 10.6, 0.35), [self.footer], size=9, colour=tint, bullet=False)
            page = f"Slide {number} of {many}"
            self.text(slide, Box(11.3, 6.95, 1.45, 0.35), [page], size=9, colour=tint, bullet=False)
        return self.deck

    def text(
        self,
        slide: Any,
        box: Box,
        said: Sequence[Sentence | str],
        *,
        size: int | None = None,
        colour: str = INK,
        bullet: bool = True,
        fill: str = "",
    ) -> None:
        """Sentences in a box, each a paragraph; figures are bold."""
        from pptx.util import Inches

        told = [list(parts([one] if isinstance(one, str) else one)) for one in said]
        plain = ["".join(text for text, _ in one) for one in told]
        fits, many = (size, len(told)) if size else fitted(plain, box)
        if not many:
            return
        shape = slide.shapes.add_textbox(*(Inches(n) for n in (box.left, box.top, box.width, box.height)))
        if fill:
            _fill(shape.fill, fill)
        _write(shape.text_frame, told[:many], fits, colour, bullet)

    def table(
        self,
        slide: Any,
        box: Box,
        head: Sequence[str],
        rows: Sequence[Sequence[str | Figure | None]],
        widths: Sequence[float],
    ) -> None:
        """A table; rows that do not fit are left out, the first ones stay."""
        from pptx.util import Inches, Pt

        texts = [[_cell(value) for value in row] for row in rows]
        total = sum(widths)
        room = [box.width * width / total for width in widths]
        for size in TABLE_SIZES:
            heights = [
                max(lines(text, room[i], size) for i, text in enumerate(row)) * size * LINE / 72 + 0.12
                for row in texts
            ]
            kept = [i for i in range(len(texts)) if sum(heights[: i + 1]) + 0.4 <= box.height]
            if len(kept) == len(texts):
                break
        if not kept:
            return
        height = 0.4 + sum(heights[i] for i in kept)
        frame = slide.shapes.add_table(
            len(kept) + 1, len(head), *(Inches(n) for n in (box.left, box.top, box.width, height))
        )
        made = frame.table
        for i, width in enumerate(room):
            made.columns[i].width = Inches(width)
        made.rows[0].height = Inches(0.4)
        for i in kept:
            made.rows[i + 1].height = Inches(heights[i])
        for y, row in enumerate([list(head), *(texts[i] for i in kept)]):
            for x, text in enumerate(row):
                cell = made.cell(y, x)
                cell.margin_left = cell.margin_right = Inches(0.08)
                cell.margin_top = cell.margin_bottom = Inches(0.04)
                _fill(cell.fill, ACCENT if y == 0 else (SOFT if y % 2 else "FFFFFF"))
                cell.text = text
                font = cell.text_frame.paragraphs[0].runs[0].font if text else None
                if font is not None:
                    font.size, font.name, font.bold = Pt(size), FONT, y == 0
                    font.color.rgb = _rgb("FFFFFF" if y == 0 else INK)

    def chart(
        self,
        slide: Any,
        box: Box,
        categories: Sequence[str],
        series: Sequence[Series],
        *,
        form: str,
        upright: bool = False,
        labels: bool = True,
    ) -> None:
        """A native bar chart; `form` is how its figures are written (`0%`). Nothing where it would be empty."""
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
        from pptx.util import Inches, Pt

        if not categories or not any(figure for one in series for figure in one.figures):
            return
        data = CategoryChartData(number_format=form)  # type: ignore[no-untyped-call]
        data.categories = [short(name, 40) for name in categories]
        for one in series:
            values = [figure.value if figure else None for figure in one.figures]
            data.add_series(short(one.name, 90), values)  # type: ignore[no-untyped-call]
        kind = XL_CHART_TYPE.COLUMN_CLUSTERED if upright else XL_CHART_TYPE.BAR_CLUSTERED
        where = (Inches(n) for n in (box.left, box.top, box.width, box.height))
        made = slide.shapes.add_chart(kind, *where, data).chart
        made.font.size, made.font.name = Pt(12), FONT
        made.font.color.rgb = _rgb(INK)
        made.has_legend = len(series) > 1
        if not made.has_legend:
            made.has_title = True
            made.chart_title.text_frame.text = short(one.name, 90)
            made.chart_title.text_frame.paragraphs[0].runs[0].font.size = Pt(12)
        else:
            made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        made.value_axis.visible = False
        made.value_axis.has_major_gridlines = False
        made.category_axis.format.line.color.rgb = _rgb("D9DEE4")
        made.category_axis.has_major_gridlines = False
        made.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        made.category_axis.reverse_order = not upright  # the first stands on top
        plot = made.plots[0]
        plot.gap_width, plot.overlap, plot.has_data_labels = 55, -5, labels
        if labels:
            plot.data_labels.number_format, plot.data_labels.number_format_is_linked = form, False
            plot.data_labels.font.size = Pt(11)
        for one, shown in zip(series, plot.series, strict=True):
            _fill(shown.format.fill, one.colour.lstrip("#"))
            shown.invert_if_negative = False


def lines(text: str, width: float, size: int) -> int:
    """How many lines a text takes in a box of that width (inches), at a size (points)."""
    room = max(1, int((width - 0.2) * 72 / (size * CHARACTER)))
    count, used = 1, 0
    for word in text.split():
        length = len(word)
        if used and used + 1 + length > room:
            count, used = count + 1, 0
        count += max(0, math.ceil(length / room) - 1)
        used += length + (1 if used else 0)
    return count


def fitted(texts: Sequence[str], box: Box) -> tuple[int, int]:
    """The largest size at which the texts fit their box, and how many of them do at the smallest."""

    def height(many: int, size: int) -> float:
        each = sum(lines(text, box.width - 0.25, size) for text in texts[:many])
        return (each * LINE + many * GAP) * size / 72 + 0.1

    for size in SIZES:
        if height(len(texts), size) <= box.height:
            return size, len(texts)
    smallest = SIZES[-1]
    return smallest, max((n for n in range(len(texts) + 1) if height(n, smallest) <= box.height), default=0)


def _cell(value: str | Figure | None) -> str:
    if isinstance(value, Figure):
        return value.text
    return "–" if value is None else short(value, 200)


def _place(shape: Any, box: Box) -> None:
    from pptx.util import Inches

    shape.left, shape.top, shape.width, shape.height = (
        Inches(n) for n in (box.left, box.top, box.width, box.height)
    )


def _write(
    frame: Any, told: Sequence[Sequence[tuple[str, bool]]], size: int, colour: str, bullet: bool
) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    for place, one in enumerate(told):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(size * GAP)
        if bullet and len(told) > 1:
            one = [("• ", False), *one]  # noqa: PLW2901
        for text, bold in one:
            run = paragraph.add_run()
            run.text = text
            run.font.size, run.font.name, run.font.bold = Pt(size), FONT, bold
            run.font.color.rgb = _rgb(colour)


def _fill(fill: Any, colour: str) -> None:
    fill.solid()
    fill.fore_color.rgb = _rgb(colour)


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour)  # type: ignore[no-untyped-call]
