"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table

NO_PURCHASE = 0

CANDIDATES = Table(
    stage="segments",
    name="candidates",
    one_row_is="one clustering that was tried: an algorithm with a number of segments",
    description="Fitted once; kept until the settings, the code or a retrain decision ask for new ones.",
    key=("algorithm", "k"),
    columns=(
        Column("algorithm", "string", "kmeans"),
        Column("k", "int32", "Number of segments", "segments"),
        Column("silhouette", "float64", "Mean silhouette on a sample, in the space clustered on"),
        Column("min_share", "float64", "Share of customers with purchases in the smallest segment"),
        Column("max_share", "float64", "The same for the largest"),
        Column("verdict", "string", "chosen, admissible, or why not"),
        Column("trained_as_of", "date", "The day whose snapshot it was fitted on"),
        Column("customers", "int64", "Customers it was fitted on", "customers"),
        Column("recipe", "string", "Hash of settings and code that it was fitted with"),
        Column("model", "string", "Transformation and centres, as JSON"),
    ),
)

ASSIGNMENTS = Table(
    stage="segments",
    name="assignments",
    one_row_is="a customer's segment as of a month's end",
    description="Scored with the champion, never refitted for a month. Customers without a purchase are in "
    f"segment {NO_PURCHASE} and in no share.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", f"The segment; {NO_PURCHASE} = no purchase yet"),
        Column(
            "confidence",
            "float64",
            "Distance to the runner-up's centre over the sum of both distances: 0.5 = on the border, 1 = at the centre",
            nullable=True,
        ),
        Column("runner_up", "int32", "The second nearest segment", nullable=True),
        Column("model_version", "string", "Version of the champion"),
        Column("restated", "boolean", "Whether the month lies before the model's training day"),
    ),
)

TABLES = (CANDIDATES, ASSIGNMENTS)
