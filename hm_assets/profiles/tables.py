"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table

SEGMENT_PROFILES = Table(
    stage="profiles",
    name="segment_profiles",
    one_row_is="a fact about a segment, beside the same fact about all customers with purchases",
    monthly=True,
    key=("segment_id", "kind", "fact"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", "The segment; 0 = no purchase yet"),
        Column("segment_name", "string", "Its name: each word is a statement that holds on the data"),
        Column("kind", "string", "size, behaviour, value, demographic, engagement or category"),
        Column("fact", "string", "What is measured; for kind category a product type"),
        Column("unit", "string", "Unit of the value", nullable=True),
        Column("value", "float64", "The fact for the segment"),
        Column(
            "low", "float64", "Lower end of the 95 % interval (of the index for categories)", nullable=True
        ),
        Column("high", "float64", "Upper end", nullable=True),
        Column("base", "float64", "The same fact for all customers with purchases", nullable=True),
        Column("index_to_base", "float64", "100 x value / base; shrunken for categories", nullable=True),
    ),
)

TABLES = (SEGMENT_PROFILES,)
