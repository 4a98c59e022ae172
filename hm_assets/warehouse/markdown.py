"""Tables in markdown, as the Dagster UI shows them."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with one line per row; what would break a cell is escaped.

    >>> print(table(["a", "b"], [["x|y", None]]))
    | a | b |
    |---|---|
    | x\\|y |  |
    """
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
