"""Tables of facts: one fact by segment, and all facts of one segment."""

from collections.abc import Sequence

from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import NOT_IN_DATA, Column, Content, Line, Marked, Sheet
from hm_assets.profiles.page.month import Row
from hm_assets.profiles.page.pictures_of_facts import SPOKES, indexed, is_clear
from hm_assets.profiles.wording import WORDINGS


def by_segment(told: Told, facts: Sequence[str], field: str = "value") -> Sheet:
    """Facts as lines and segments as columns, all customers beside them."""
    month = told.month
    columns = [Column("Fact"), *(Column(month.short(i), i) for i in month.ids)]
    lines = []
    for fact in facts:
        wording = WORDINGS[fact]
        cells: list[Content] = [told.cell(i, fact, field) for i in month.ids]
        every: list[Content] = [told.base(fact)] if field == "value" else []
        lines.append(Line(f"{wording.label}{f' ({wording.what})' if wording.what else ''}", [*cells, *every]))
    return Sheet([*columns, *([Column("All customers")] if field == "value" else [])], lines)


def profile(told: Told, segment: int) -> Sheet:
    """All facts of a segment: its figure and interval, everybody's, and the index."""
    columns = [
        "Fact",
        "This segment",
        "Lower end (95 %)",
        "Upper end",
        "All customers",
        "Index",
        "Difference",
    ]
    rows = []
    for fact, wording in WORDINGS.items():
        ends = [
            told.cell(segment, fact, field) for field in ("value", "low", "high", "base", "index_to_base")
        ]
        if all(isinstance(cell, str) for cell in ends[:1]) and (segment, fact) not in told.withheld:
            continue
        row = indexed(told.month, segment, fact)
        rows.append(
            (
                f"{wording.label}{f' ({wording.what})' if wording.what else ''}",
                [*(("–" if cell == NOT_IN_DATA else cell) for cell in ends), _difference(row)],
                None,
            )
        )
    return Sheet.of(columns, rows)


def _difference(row: Row | None) -> Content:
    if row is None:
        return "–"
    if not is_clear(row):
        return Marked("not clear")
    return Marked("more" if row["index_to_base"] > 100 else "less")


def spokes(told: Told, segment: int) -> Sheet:
    """The facts of a segment's radar, beside all customers."""
    rows = [
        (words, [told.cell(segment, fact, field) for field in ("value", "base", "index_to_base")], None)
        for fact, words in SPOKES.items()
        if indexed(told.month, segment, fact)
    ]
    return Sheet.of(["Fact", "This segment", "All customers", "Index"], rows)
