"""How lookalikes did, for the UI and the docs, in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.recommendations.lookalikes.back_test import ALL

NOTHING = "No past day has 30 days after it, and product types with a seed and buyers enough."


def scores(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of all days and types of `recommendations/lookalike_scores` of a month; of the only one, where it is."""
    told = [row for row in rows if row["as_of"] == ALL] or list(rows)
    if not told:
        return NOTHING
    judged = len({(row["as_of"], row["product_type"]) for row in rows if row["as_of"] != ALL})
    lines = [
        f"{judged} days and product types.",
        "",
        "| picked | lift of the first tenth | verdict |",
        "|---|---|---|",
    ]
    for row in told:
        ends = f" ({row['low']:.2f} to {row['high']:.2f})" if row.get("low") is not None else ""
        lines.append(f"| {row['picked']} | {row['lift']:.2f}{ends} | {row['verdict'] or '-'} |")
    return "\n".join(lines)
