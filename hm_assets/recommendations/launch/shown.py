"""The scores of launches for the UI and the docs, in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.warehouse import markdown


def scores(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `recommendations/launch_scores` of a month, a line each, the latest day first."""
    ordered = sorted(rows, key=lambda row: row["as_of"], reverse=True)
    return markdown.table(
        ["day", "launches", "buyers", "method", "measure", "value (95 % interval)", "verdict"],
        [
            [
                row["as_of"],
                row["launches"],
                row["buyers"],
                row["method"],
                row["metric"],
                figure(row["value"], row["low"], row["high"]),
                row["verdict"],
            ]
            for row in ordered
        ],
    )


def figure(value: float | None, low: float | None, high: float | None) -> str:
    """A figure with its limits.

    >>> figure(2.0, 1.5, 2.5)
    '2.00 (1.50-2.50)'
    """
    return "not known" if value is None else f"{value:.2f} ({low:.2f}-{high:.2f})"
