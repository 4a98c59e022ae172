"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

AS_OF = Column("as_of", "date", "The day on which this is true")
SEGMENT = Column("segment", "string", "The segment, or all")

DRIFT = Table(
    stage="monitoring",
    name="drift",
    one_row_is="a feature of a segment, or of all customers, compared with an earlier month",
    description="Customers with an order in the last 365 days, placed by the frozen champion in both months. Judged "
    "against the same month a year before where the file reaches a year further back, but for what grows with the "
    "file; the month of the training stands beside. Chance is two samples of one population, dealt out anew. "
    "Segments under 20 customers are left out.",
    monthly=True,
    key=("reference", "feature", "segment"),
    columns=(
        AS_OF,
        Column("reference", "string", "last_year or training"),
        Column("reference_month", "date", "First day of the month compared with"),
        Column("feature", "string", "A column as the champion's space sees it, a category, or segment_sizes"),
        SEGMENT,
        Column("customers_before", "int64", "Customers in the reference", "customers"),
        Column("customers", "int64", "Customers now", "customers"),
        Column("psi", "float64", "Population stability index over tenths of the reference, or categories"),
        Column("psi_null", "float64", "95 % limit of that by chance"),
        optional("ks", "float64", "Kolmogorov-Smirnov statistic, ties kept; numbers only"),
        optional("wasserstein", "float64", "How far values moved on average", "sd of the reference"),
        optional("wasserstein_null", "float64", "95 % limit of that by chance", "sd of the reference"),
        optional("chi_square", "float64", "Pearson's statistic; categories only"),
        Column("p", "float64", "Chance of such a ks, or chi_square, in two samples of one population"),
        optional("p_year", "float64", "Chance that a year without change shows this anywhere; where judged"),
        optional("shift", "float64", "New mean minus old mean", "sd of the reference"),
        optional("low", "float64", "Lower end of its 95 % interval", "sd of the reference"),
        optional("high", "float64", "Upper end", "sd of the reference"),
        Column("judged", "boolean", "Whether this comparison may raise an alarm"),
        Column("large", "boolean", "Whether it moved by 0.1 sd or more; a category by a PSI of 0.02"),
        Column("alarm", "boolean", "Judged, large, and p_year at most 0.05"),
        Column("lasting", "boolean", "An alarm that stood in the month before, too"),
        Column("words", "string", "The same as a sentence"),
    ),
)

_FIGURES = (
    ("share", "Share of the customers with purchases", None),
    ("silhouette", "Centroid silhouette with the centres of the training month", None),
    ("distance", "Mean distance to the own centre of the training month", "sd"),
    ("spend_365d", "Spend per customer in the last 365 days", "price index"),
    ("share_of_spend_365d", "Share of all spend in the last 365 days", None),
    ("orders_365d", "Orders per customer in the last 365 days", "orders"),
    ("active_share", "Share that ordered in the last 90 days", None),
)

MODEL_QUALITY = Table(
    stage="monitoring",
    name="model_quality",
    one_row_is="a segment, or all, in a month: how well the frozen champion fits, and what the segment brings",
    description="Each figure beside that of the month the champion was trained on.",
    monthly=True,
    key=("segment",),
    columns=(
        AS_OF,
        SEGMENT,
        Column("customers", "int64", "Customers with a purchase", "customers"),
        *(optional(name, "float64", words, unit) for name, words, unit in _FIGURES),
        *(
            optional(f"training_{name}", "float64", f"{words}, in training", unit)
            for name, words, unit in _FIGURES
        ),
        Column("model_version", "string", "Version of the champion"),
        Column("trained_as_of", "date", "Its training day"),
    ),
)

CHALLENGES = Table(
    stage="monitoring",
    name="challenges",
    one_row_is="a challenger that was fitted because of a retrain decision or a person",
    description="Kept for ever; the champion of the time is only replaced by one that won.",
    key=("champion_version", "as_of"),
    columns=(
        Column("as_of", "date", "The day whose customers it was fitted on"),
        Column("champion_version", "string", "Version of the champion that it had to beat"),
        Column("candidate", "string", "The lab's choice on these customers: algorithm, segments, space"),
        Column("asked_by", "string", "The retrain decision, or a person"),
        optional("decision", "string", "What the retrain decision said; empty where a person asked"),
        Column("won", "boolean", "Whether it was promoted"),
        Column("reasons", "string", "Each comparison in a sentence"),
        optional("stability_gain", "float64", "Stability over null, challenger minus champion"),
        optional("separation_gain", "float64", "Centroid silhouette over null, challenger minus champion"),
        optional(
            "later_gain", "float64", "Omega squared of later spend, challenger minus champion, same customers"
        ),
        optional("later_gain_low", "float64", "Lower end of its 95 % interval"),
        optional("later_gain_high", "float64", "Upper end"),
        optional("promoted_version", "string", "Version that it became"),
        Column("recipe", "string", "Hash of settings and code of the lab"),
    ),
)

TABLES = (DRIFT, MODEL_QUALITY, CHALLENGES)
