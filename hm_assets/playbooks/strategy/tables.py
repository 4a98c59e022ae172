"""The table of what to do about each segment."""

from typing import Final

from hm_assets.warehouse.schema import Column, Table

PARTS: Final = {
    "changed": "What changed since last month",
    "who": "Who they are",
    "defining": "What tells them apart",
    "strength": "Strengths",
    "pain": "Pains",
    "channel": "Channel",
    "tone": "Tone",
    "offer": "Offer",
    "frequency": "Frequency",
    "product": "Products to promote",
    "tactic": "Tactics",
    "outcome": "Expected outcome (assumption)",
    "budget": "Budget share",
    "owner": "Owner",
    "retention": "Retention",
    "growth": "Growth",
    "journey": "Journey and drop-offs",
    "missing": "Not in the data",
}
"""The parts of a strategy in the order of a playbook, with their headings."""

STRATEGY = Table(
    stage="playbooks",
    name="strategy",
    one_row_is="a line of a segment's strategy",
    description="Each line follows from facts by a rule of the rules file; its figures are those of playbooks/metrics.",
    monthly=True,
    key=("segment_id", "part", "position"),
    columns=(
        Column("as_of", "date", "The day that it rests on"),
        Column("segment_id", "int32", "The segment"),
        Column("segment_name", "string", "Its name"),
        Column("part", "string", f"One of {', '.join(PARTS)}"),
        Column("position", "int16", "Place among the segment's lines of the part, from 1"),
        Column("text", "string", "The line, for people"),
        Column(
            "pieces",
            "string",
            "The line as JSON with its figures apart: a list of texts and figures (playbooks/metrics/figure.py)",
        ),
        Column("rule", "string", "The rule of the rules file that gave it; empty: from the facts alone"),
        Column("assumption", "bool", "Whether a figure in it is assumed, and editable"),
    ),
)
TABLES = (STRATEGY,)
