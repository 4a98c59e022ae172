"""The workbook of a month: the same figures as numbers, to sort, filter and calculate with.

A cell holds the exact figure and shows it as documents print it. Text is written as text: a name that begins like a
formula or an address stays a name.
"""

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any, Final

from hm_assets.playbooks.files import dictionary, words
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.text import clean, written
from hm_assets.playbooks.files.zips import reproducible
from hm_assets.playbooks.metrics.figure import ALL, Figure
from hm_assets.playbooks.strategy.tables import PARTS
from hm_assets.profiles.wording import WORDINGS
from hm_assets.warehouse.pictures import BLUE, GREY

SHEETS: Final = ("Read me", "Segments", "Strategy", "Figures", "Assumptions", "Sources", "Data dictionary")
LONGEST_CELL: Final = 32_000  # Excel refuses more than 32,767 characters
OVERVIEW: Final = (
    *("customers", "share_of_customers", "share_of_spend_365d", "recency_days", "orders", "orders_365d"),
    *("spend_365d", "spend_per_order", "price_per_item", "items_per_order", "online_share", "discount_share"),
    *("age", "fashion_news", "club_active"),
    *("ordering_90d", "leaving_90d", "value_90d", "value_12m", "past_cadence"),
)
LABELS: Final = {
    "ordering_90d": "Expected to order within 90 days",
    "leaving_90d": "Expected not to order within 90 days",
    "value_90d": "Expected spend of 90 days, each (price index)",
    "value_12m": "Expected spend of 12 months, each (price index)",
    "past_cadence": "Late by their own rhythm",
}


def workbook(c: Contents) -> bytes:
    """The workbook as an Excel file; equal contents give equal bytes."""
    import xlsxwriter

    sink = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(sink, options) as book:
        moment = dt.datetime.combine(c.store.as_of, dt.time())
        book.set_properties(
            {"title": f"Customer segments {c.month}", "author": "hm_assets", "created": moment}
        )
        look = _Look(book)
        _read_me(look, c)
        _segments(look, c)
        _strategy(look, c)
        _figures(look, c, "Figures", [f for f in c.store.figures.values() if not f.assumption])
        _figures(look, c, "Assumptions", [f for f in c.store.figures.values() if f.assumption])
        _sources(look, c)
        _dictionary(look, c)
    return reproducible(sink.getvalue(), c.store.as_of)


class _Look:
    """Formats of the workbook, and how a table is written."""

    def __init__(self, book: Any) -> None:
        font = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.book = book
        self.title = book.add_format({**font, "font_size": 16, "bold": True})
        self.head = book.add_format(
            {**font, "bold": True, "font_color": "white", "bg_color": "#0B5FA5", "text_wrap": True}
        )
        self.plain = book.add_format(font)
        self.wrapped = book.add_format({**font, "text_wrap": True})
        self.bold = book.add_format({**font, "bold": True})
        self._numbers: dict[str, Any] = {}
        self._font = font

    def number(self, figure: Figure) -> Any:
        """The format under which a cell shows a figure as it is printed."""
        form = _form(figure.text)
        if form not in self._numbers:
            self._numbers[form] = self.book.add_format({**self._font, "num_format": form, "align": "right"})
        return self._numbers[form]

    def sheet(self, name: str, widths: Sequence[int]) -> Any:
        """A new sheet with columns of these widths (characters)."""
        made = self.book.add_worksheet(name)
        for place, width in enumerate(widths):
            made.set_column(place, place, width, self.plain)
        made.hide_gridlines(2)
        return made

    def put(self, sheet: Any, row: int, column: int, value: str | Figure | None, form: Any = None) -> None:
        """A cell: text as text, a figure as a number, nothing where there is none."""
        if isinstance(value, Figure):
            sheet.write_number(row, column, value.value, self.number(value))
        elif value is not None:
            sheet.write_string(row, column, clean(value)[:LONGEST_CELL], form or self.plain)

    def table(
        self, sheet: Any, top: int, head: Sequence[str], rows: Sequence[Sequence[str | Figure | None]]
    ) -> None:
        """A table with a frozen, filtered head."""
        for column, text in enumerate(head):
            self.put(sheet, top, column, text, self.head)
        for place, row in enumerate(rows, top + 1):
            for column, value in enumerate(row):
                self.put(sheet, place, column, value, self.wrapped)
        sheet.freeze_panes(top + 1, 1)
        if rows:
            sheet.autofilter(top, 0, top + len(rows), len(head) - 1)


def _form(text: str) -> str:
    """`0.0%` for `8.4 %`, `#,##0` for `1,234`; a figure under the smallest that is printed shows its digits."""
    if text.startswith("under "):
        return "0.00%" if text.endswith("%") else "General"
    digits = text.strip().lstrip("-").split(" ")[0]
    decimals = len(digits.partition(".")[2]) if digits.replace(",", "").replace(".", "").isdigit() else 0
    if text.endswith("%"):
        return f"0.{'0' * decimals}%" if decimals else "0%"
    if "," in digits:
        return "#,##0"
    return f"0.{'0' * decimals}" if decimals else ("0" if digits.isdigit() else "General")


def _read_me(look: _Look, c: Contents) -> None:
    sheet = look.sheet("Read me", [110])
    lines: list[tuple[str, Any]] = [
        (f"Customer segments, {c.month}", look.title),
        (written(words.finding(c)), look.bold),
        *(((c.banner, look.bold),) if c.banner else ()),
        (f"As of {c.as_of}. Source: {c.source}.", look.wrapped),
        (
            f"Every number stands in playbooks/metrics, version {c.version}; “Sources” names the tables.",
            look.wrapped,
        ),
        ("A cell holds the exact figure and shows it rounded.", look.wrapped),
        ("Spend is a price index: the source hides its currency.", look.wrapped),
        ("Segments: a row for each segment, with a chart. Strategy: what to do, line by line.", look.wrapped),
        (
            "Figures: all of them. Assumptions: those that nobody has measured yet; edit them here to try others.",
            look.wrapped,
        ),
        ("An empty cell is not in the data, or would tell of too few customers.", look.wrapped),
    ]
    for row, (text, form) in enumerate(lines):
        look.put(sheet, row, 0, text, form)


def _segments(look: _Look, c: Contents) -> None:
    facts = [fact for fact in OVERVIEW if any(c.get(segment, fact) for segment in c.segments)]
    sheet = look.sheet("Segments", [44, *[14] * len(facts)])
    rows = [[c.name(segment), *(c.get(segment, fact) for fact in facts)] for segment in c.segments]
    look.table(sheet, 0, ["Segment", *(_label(fact) for fact in facts)], rows)
    pair = [facts.index(fact) + 1 for fact in ("share_of_customers", "share_of_spend_365d") if fact in facts]
    many = len(c.buyers)
    if not pair or not many:
        return
    chart = look.book.add_chart({"type": "bar"})
    for column, colour in zip(pair, (GREY, BLUE), strict=False):
        chart.add_series(
            {
                "name": ["Segments", 0, column],
                "categories": ["Segments", 1, 0, many, 0],
                "values": ["Segments", 1, column, many, column],
                "fill": {"color": colour},
                "data_labels": {"value": True, "num_format": "0%"},
                "gap": 60,
            }
        )
    chart.set_title({"name": "Who brings the spend", "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 760, "height": 90 + 52 * many})
    sheet.insert_chart(len(rows) + 3, 0, chart)


def _label(fact: str) -> str:
    wording = WORDINGS.get(fact)
    if wording is None:
        return LABELS[fact]
    return f"{wording.label} ({wording.what})" if wording.what else wording.label


def _strategy(look: _Look, c: Contents) -> None:
    sheet = look.sheet("Strategy", [44, 26, 110])
    rows = [
        [c.name(segment), PARTS[part], written(line)]
        for segment in c.segments
        for part in PARTS
        for line in c.said(segment, part)
    ]
    look.table(sheet, 0, ["Segment", "Part", "Line"], rows)


def _figures(look: _Look, c: Contents, name: str, figures: Sequence[Figure]) -> None:
    sheet = look.sheet(name, [44, 50, 20, 14, 14, 30, 24])
    rows: list[list[str | Figure | None]] = [
        [
            "all customers" if f.segment == ALL else c.name(f.segment),
            f.label or f.fact,
            f.field,
            f,
            f.text,
            f.asset,
            f.kind,
        ]
        for f in figures
    ]
    look.table(sheet, 0, ["Segment", "Figure", "Which", "Value", "As printed", "Table", "Kind"], rows)


def _sources(look: _Look, c: Contents) -> None:
    sheet = look.sheet("Sources", [40, 40])
    read = sorted({figure.asset for figure in c.store.figures.values()})
    rows = [
        ["playbooks/metrics", c.version],
        *([asset, c.store.versions.get(asset, "unknown")] for asset in read),
    ]
    look.table(sheet, 0, ["Table", "Version"], rows)


def _dictionary(look: _Look, c: Contents) -> None:
    sheet = look.sheet("Data dictionary", [34, 30, 14, 14, 14, 12, 90])
    rows = [[each.path, *row] for each in c.tables for row in dictionary.rows_of(each)]
    look.table(sheet, 0, ["Table", *dictionary.HEAD], rows)
