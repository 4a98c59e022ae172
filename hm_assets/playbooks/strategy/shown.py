"""What the UI shows of the strategies besides their tables."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hm_assets.playbooks.strategy.tables import PARTS

Row = Mapping[str, Any]
NOTHING: Final = "No segment has facts for this month."
SHOWN: Final = ("changed", "channel", "offer", "frequency", "tactic", "retention")


def matrix(rows: Sequence[Row]) -> str:
    """The decision matrix as a table."""
    if not rows:
        return NOTHING
    said = [
        "| IF segment | THEN products | template | offer | channel | every | budget (assumption) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        share = "no forecast" if row["budget_share"] is None else f"{row['budget_share']:.0%}"
        cells = (
            row["segment_name"],
            ", ".join(json.loads(row["products"])[:3]) or "none sure enough",
            *(row[name] for name in ("template", "offer", "channel")),
            f"{row['days_between']} days",
            share,
        )
        said.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(said)


def calendar(rows: Sequence[Row]) -> str:
    """Weeks by segments: a dot where something goes out."""
    if not rows:
        return NOTHING
    weeks = sorted({row["week_start"] for row in rows})
    said = [f"| segment | {' | '.join(f'{week:%d %b}' for week in weeks)} |", f"|---|{'---|' * len(weeks)}"]
    for segment in sorted({row["segment_id"] for row in rows}):
        mine = sorted((row for row in rows if row["segment_id"] == segment), key=lambda row: row["week"])
        cells = ("●" if row["contacts"] else " " for row in mine)
        said.append(f"| {_cell(mine[0]['segment_name'])} | {' | '.join(cells)} |")
    return "\n".join(said)


def strategies(rows: Sequence[Row]) -> str:
    """The first lines of each segment."""
    said = []
    for segment in sorted({row["segment_id"] for row in rows}):
        mine = [row for row in rows if row["segment_id"] == segment]
        said.append(f"**{_cell(mine[0]['segment_name'])}**\n")
        said += [
            f"- {PARTS[row['part']]}: {_cell(row['text'])}"
            for row in mine
            if row["part"] in SHOWN and row["position"] == 1
        ]
        said.append("")
    return "\n".join(said) or NOTHING


def _cell(text: str) -> str:
    """Text of the data as text: no markup, no column of its own."""
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return "".join(f"\\{c}" if c in "*_`[]#" else c for c in escaped)
