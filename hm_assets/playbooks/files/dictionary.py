"""The data dictionary, out of the registry of tables: what every table and column means, and how often it is made."""

import re
from collections.abc import Iterator
from typing import Final

from hm_assets.playbooks.files.blocks import Block, heading, paragraph, table
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.text import clean, short
from hm_assets.warehouse.schema import Column, Table

HEAD = ("Column", "Type", "Unit", "Range", "May be empty", "Meaning")
MEANING = 500
AFTER_A_SENTENCE: Final = re.compile(r"(?<=\. )")
RANGES = {"share": "between 0 and 1", "boolean": "true or false"}


def dictionary(c: Contents) -> list[Block]:
    """A table for each table of the warehouse, by stage."""
    blocks: list[Block] = [
        heading("Data dictionary", 1, "What every table and column means"),
        paragraph(
            "Made from the registry that also checks each table when it is written, so it cannot differ from the data. "
            "The smallest and largest value of a column are those of one customer and therefore not told; a range "
            "stands where the meaning of the column fixes it.",
            "lead",
        ),
    ]
    stage = ""
    for each in c.tables:
        if each.stage != stage:
            stage = each.stage
            blocks.append(heading(stage.capitalize(), 2))
        blocks += [
            heading(each.path, 3),
            paragraph(AFTER_A_SENTENCE.split(about(each)), "small"),
            table(HEAD, list(rows_of(each)), widths=[8, 3, 3, 3, 3, 11], size=6.4, most=MEANING),
        ]
    return blocks


def about(each: Table) -> str:
    """What a row is, and how often the table is made."""
    often = (
        "Made anew for each month."
        if each.monthly
        else "One for all months, made when what it reads changes."
    )
    described = f" {each.description}" if each.description else ""
    return _plain(f"One row is {each.one_row_is}. {often}{described}")


def rows_of(each: Table) -> Iterator[list[str]]:
    """A row for each column, under `HEAD`."""
    for column in each.stored_columns:
        yield [
            column.name,
            column.type,
            column.unit or "",
            range_of(column),
            "yes" if column.nullable else "no",
            _plain(column.description),
        ]


def range_of(column: Column) -> str:
    """The range that a column's meaning fixes; empty where none does."""
    is_share = column.unit == "share" or column.name.endswith("share") or column.name.startswith("p_order_")
    return RANGES.get("share" if is_share else column.type, "")


def texts(c: Contents) -> list[str]:
    """What the dictionary says, as it is cut: for the number checker, which holds it to be text and no figure."""
    whole = [clean(about(each)) for each in c.tables]
    cells = [text for each in c.tables for row in rows_of(each) for text in row]
    return [*whole, *cells, *(short(text, MEANING) for text in cells)]


def _plain(text: str) -> str:
    """Without the marks of code, which a page shows as they are."""
    return text.replace("`", "")
