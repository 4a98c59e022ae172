"""Cells of CSV files that a spreadsheet shows and never runs."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

FORMULA_MARKS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
MARK: Final = "\ufeff"
"""Tells spreadsheets that a text is UTF-8."""


def inert(value: Any) -> Any:
    """A cell: text that begins like a formula gets an apostrophe, what is no number is empty."""
    if isinstance(value, str):
        text = CONTROL.sub(" ", value)
        return f"'{text}" if text.lstrip().startswith(FORMULA_MARKS) else text
    return "" if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV with inert cells."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return MARK + text.getvalue()
