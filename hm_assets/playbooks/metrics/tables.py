"""The table of this room."""

from hm_assets.warehouse.schema import Column, Table

METRICS = Table(
    stage="playbooks",
    name="metrics",
    one_row_is="a figure that a document of the month may print",
    description="Gathered from the stages above, not computed. A number in a document that is not in here is a fault.",
    monthly=True,
    key=("asset", "segment", "kind", "fact", "field"),
    columns=(
        Column("as_of", "date", "The day that it describes"),
        Column("asset", "string", "The table that it stands in"),
        Column("version", "string", "The version of that table"),
        Column("segment", "string", "The segment's number, or all"),
        Column("segment_name", "string", "Its name"),
        Column("kind", "string", "What sort of fact: tells apart facts of the same name"),
        Column("fact", "string", "Which row of the segment"),
        Column("field", "string", "Which column of it"),
        Column("value", "float64", "The figure, exactly"),
        Column("text", "string", "The figure as documents print it"),
        Column("label", "string", "What it is, for people"),
        Column("assumption", "bool", "Whether somebody assumed it: never printed without that word"),
    ),
)
TABLES = (METRICS,)
