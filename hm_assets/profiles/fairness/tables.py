"""The table of this room and its columns."""

from hm_assets.warehouse.schema import Column, Table

AGE_PARITY = Table(
    stage="profiles",
    name="age_parity",
    one_row_is="an age band in a segment: how likely its customers are to be in it",
    description="A choice of segments is a choice of ages where bands are not alike. Ages are known or drawn and "
    "pooled; what would tell of fewer than 20 customers is withheld, and warns where it must be under four fifths "
    "of the likeliest.",
    monthly=True,
    key=("segment_id", "age_band"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", "The segment"),
        Column("segment_name", "string", "Its name"),
        Column("age_band", "string", "age_under_25, age_25_34, age_35_49 or age_50_plus"),
        Column("share", "float64", "Share of the segment's customers in the band", nullable=True),
        Column("base", "float64", "The same share of all customers with purchases", nullable=True),
        Column(
            "ratio", "float64", "Share / base: 1 = as likely as anybody to be in the segment", nullable=True
        ),
        Column("low", "float64", "Lower end of the ratio's 95 % interval", nullable=True),
        Column("high", "float64", "Upper end", nullable=True),
        Column(
            "parity",
            "float64",
            "Of the segment: its lowest ratio over its highest, of those told; empty where a withheld one warns",
            nullable=True,
        ),
        Column("parity_high", "float64", "The most that these intervals allow for it", nullable=True),
        Column("verdict", "string", "What that means for who is addressed"),
    ),
)

TABLES = (AGE_PARITY,)
