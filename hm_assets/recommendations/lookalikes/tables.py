"""The table of this room and its columns."""

from hm_assets.warehouse.schema import Column, Table, optional

LOOKALIKE_SCORES = Table(
    stage="recommendations",
    name="lookalike_scores",
    one_row_is="a way to pick a tenth of the customers for a product type on a past day, and its lift",
    description="The seed bought the product type in the 30 days up to the day; picked is from everybody else, judged "
    "is who bought it in the 30 days after. Nothing later than the day is in a score. Intervals of 95 %: of a day and "
    "type over customers, of all over days and their types.",
    monthly=True,
    key=("as_of", "product_type", "picked"),
    columns=(
        Column("as_of", "string", "The past day, or all: the mean of days and types"),
        Column("product_type", "string", "The product type, or all"),
        Column(
            "picked",
            "string",
            "lookalikes; most_active (orders of 90 days, then the latest); rfm_similarity (the same method on recency, "
            "purchase days and spend); random (what a draw expects)",
        ),
        Column("seed", "int64", "Customers who had bought it", "customers"),
        Column("pool", "int64", "Customers to pick from", "customers"),
        Column("buyers", "int64", "Those of them who bought it in the 30 days after", "customers"),
        Column(
            "lift", "float64", "Share of the picked tenth that bought it, over the share of all to pick from"
        ),
        optional("low", "float64", "Lower end of its interval"),
        optional("high", "float64", "Upper end"),
        Column(
            "verdict",
            "string",
            "Of the paired difference to lookalikes: lookalikes are better, better than lookalikes, no difference; "
            "empty where nothing is compared",
        ),
    ),
)

TABLES = (LOOKALIKE_SCORES,)
