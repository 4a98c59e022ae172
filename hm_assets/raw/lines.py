"""Which line of its file a row stands on. A CSV reader counts rows; a person who mends a file looks for a line.

A row is one line further down for every line break inside a value above it, for every line of a broken row and
for every blank line.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hm_assets.raw.files import CHUNK

FIRST_DATA_LINE = 2


def lines_at(plain: Path, positions: Iterable[int], blank: Iterable[int]) -> list[int]:
    """The line of the row that is said to begin at each byte position (counted from 1, ascending).

    DuckDB puts the beginning of a row into the blank lines above it, so those are passed over.
    """
    empty = set(blank)
    lines, line, at = [], 1, 0
    with plain.open("rb") as file:
        for position in positions:
            while at < position and (chunk := file.read(min(CHUNK, position - at))):
                line += chunk.count(b"\n")
                at += len(chunk)
            begins = line
            while begins in empty:
                begins += 1
            lines.append(begins)
    return lines


def blank_lines(plain: Path) -> list[int]:
    """The numbers of the lines that hold nothing, inside a quoted value or not."""
    with plain.open("rb") as file:
        return [number for number, line in enumerate(file, 1) if line in (b"\n", b"\r\n")]


def runs(
    tall_rows: Iterable[tuple[int, int]], broken: Iterable[tuple[int, int]], blank: Iterable[int]
) -> list[tuple[int, int]]:
    """The runs of well-formed rows on consecutive lines, as (first row, its line).

    Parameters
    ----------
    tall_rows
        Well-formed rows with line breaks inside, as (number of the row from 1, its line breaks), ascending.
    broken
        Broken rows, as (line, lines that it takes).
    blank
        Blank lines; those inside a row are recognised and count for nothing.

    >>> runs(tall_rows=[(2, 1)], broken=[(3, 1)], blank=[5, 7])
    [(1, 2), (2, 4), (3, 6), (4, 8)]
    """
    found = {1: FIRST_DATA_LINE}
    row, line = 1, FIRST_DATA_LINE
    others: Sequence[tuple[int, int]] = sorted([*broken, *((number, 1) for number in blank)])
    at = 0
    for tall, breaks in [*tall_rows, (None, 0)]:
        while at < len(others) and (tall is None or others[at][0] <= line + tall - row):
            start, height = others[at]
            at += 1
            if start >= line:
                row += start - line
                line = start + height
                found[row] = line
        if tall is not None:
            line += tall - row + 1 + breaks
            row = tall + 1
            found[row] = line
    return sorted(found.items())
