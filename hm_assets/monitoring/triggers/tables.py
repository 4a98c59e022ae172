"""The tables of this room and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

SEGMENT_EVENTS = Table(
    stage="monitoring",
    name="segment_events",
    one_row_is="a customer's change of segment that a rule of triggers.toml waits for",
    description="A change is the difference between two looks at the latest month. A promoted model, a corrected past "
    "and the first look change no customer, and give no row.",
    key=("rule", "look", "customer_key"),
    columns=(
        Column("look", "int64", "Number of the look that saw it; 1 is the baseline and sees nothing"),
        Column("rule", "string", "Name of the rule"),
        Column("action", "string", "file or webhook"),
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day that the segment is true on"),
        Column("segment_before", "int32", "The segment at the look before; 0 = no purchase, or not on file"),
        Column("segment_id", "int32", "The segment now"),
        Column("model_version", "string", "Version of the champion that placed the customer"),
        # When something was seen and sent is a matter of the clock, and no content.
        Column("seen_at", "timestamp('UTC', 6)", "When it was seen", measured=True),
        Column(
            "sent_at",
            "timestamp('UTC', 6)",
            "When the action was done and acknowledged; empty = not yet",
            nullable=True,
            measured=True,
        ),
    ),
)

LAST_SEGMENTS = Table(
    stage="monitoring",
    name="last_segments",
    one_row_is="a customer at the last look",
    description="What the next look compares with.",
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("look", "int64", "Number of the look"),
        Column("as_of", "date", "The day that the segment is true on"),
        Column("segment_id", "int32", "The segment; 0 = no purchase yet"),
        Column("model_version", "string", "Version of the champion that placed the customer"),
        Column("items_before", "int64", "Units bought before the month of as_of", "units"),
        optional("spend_before", "float64", "What they cost; empty = nothing bought before", "price units"),
    ),
)

TABLES = (SEGMENT_EVENTS, LAST_SEGMENTS)
