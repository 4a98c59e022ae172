"""The table of this room and its columns."""

from hm_assets.warehouse.schema import Column, Table

PASSPORT_CRITERIA = Table(
    stage="profiles",
    name="passport_criteria",
    one_row_is="a criterion that a segment, or all of them together, is held against",
    description="What may be published is decided in profiles/passports. Only the blocking criteria can fail.",
    monthly=True,
    key=("scope", "criterion"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("scope", "string", "Whom it is about: all segments, or segment and its id"),
        Column("segment_id", "int32", "The segment; empty for all together", nullable=True),
        Column("segment_name", "string", "Its name", nullable=True),
        Column("position", "int32", "Place on the page"),
        Column("criterion", "string", "What is held against a threshold"),
        Column("title", "string", "The same for people"),
        Column("status", "string", "PASS, WARN, FAIL, or not measured"),
        Column("blocking", "boolean", "Whether a FAIL keeps the segments from being published"),
        Column("value", "float64", "The figure", nullable=True),
        Column("low", "float64", "Lower end of its 95 % interval", nullable=True),
        Column("high", "float64", "Upper end", nullable=True),
        Column("threshold", "string", "What is asked for"),
        Column("words", "string", "What the figure says"),
        Column(
            "withheld",
            "boolean",
            "Whether it would tell of fewer than 20 people: no figure of it leaves the platform",
        ),
        Column("model_version", "string", "Version of the champion"),
    ),
)

TABLES = (PASSPORT_CRITERIA,)
