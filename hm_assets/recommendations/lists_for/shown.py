"""What the UI shows of lists: how places were chosen and why, and the lists of segments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hm_assets.recommendations.lists_for.segments import overlap
from hm_assets.warehouse import markdown

MOST_OVERLAP = 0.3


def segments(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of `recommendations/segments` of a month: the articles of each, first to last."""
    return markdown.table(
        ["segment", "place", "article", "lift", "price"],
        [
            [
                str(row["segment_id"]),
                str(row["rank"]),
                f"{row['name'] or row['article_id']} ({row['colour'] or 'colour unknown'})",
                f"{row['lift']:.2f} ({row['low']:.2f} to {row['high']:.2f})",
                row["price_step"],
            ]
            for row in rows
        ],
    )


def finding(rows: Sequence[dict[str, Any]], segments_told: Iterable[int], length: int) -> str:
    """How whole the lists are, and how far they overlap."""
    told = list(segments_told)
    counts = {i: sum(row["segment_id"] == i for row in rows) for i in told}
    whole = sum(count >= length for count in counts.values())
    said = f"{whole} of {len(told)} segments have {length} articles"
    short = ", ".join(f"{i}: {count}" for i, count in counts.items() if count < length)
    said += f" (fewer: segment {short})" if short else ""
    shared = overlap(list(rows))
    return said if shared is None else f"{said}; mean pairwise Jaccard of the lists {shared:.2f}"
