"""The tables of this room and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

MOST = 3
"""Drivers of a customer."""
POINTS = "difference of probabilities"
ALL = "all"

DRIVERS = Table(
    stage="forecasts",
    name="drivers",
    one_row_is="a customer with a line on or before as_of, and what moves their P(order within 90 days) most",
    description="SHAP values beside the average customer of the month, inputs that tell the same thing added to one "
    "theme. `reference`, the three drivers and `others` add up to p_order_90d. What the model reads in a customer is "
    "no cause: changing it need change nothing. A theme is told only where customers with such a value are, by "
    "themselves, likelier or less likely to order as it says; else it is in `others`. Empty where there is no model, "
    "or one that says the same of everybody.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        *(
            column
            for rank in range(1, MOST + 1)
            for column in (
                optional(
                    f"driver_{rank}",
                    "string",
                    "In words; empty where no more themes are told, or below a tenth of a percentage point",
                ),
                optional(f"theme_{rank}", "string", "What it is about"),
                optional(f"input_{rank}", "string", "The input that did most of it"),
                optional(f"points_{rank}", "float64", "What the theme adds to P(order)", POINTS),
            )
        ),
        optional("others", "float64", "What all other themes add", POINTS),
        optional("reference", "float64", "P(order) of the average customer of the month"),
        Column("model_version", "string", "Version of the model of orders; none where there is none"),
    ),
)

IMPORTANCE = Table(
    stage="forecasts",
    name="importance",
    one_row_is="an input, or a theme of inputs, and how much P(order within 90 days) rests on it",
    description="Two answers: how far it moves the probabilities of the month's customers (SHAP), and what a model of "
    "the same kind loses on the latest judged day when it is shuffled among customers (Breiman 2001). Of two inputs "
    "that tell the same neither is missed alone; the row of their theme shuffles both together. Intervals are 95 % and "
    "over customers, those of the losses over shufflings as well.",
    monthly=True,
    kinds=frozenset({"lightgbm", "deltalake"}),
    key=("level", "name"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("level", "string", "input or theme"),
        Column("name", "string", "The input or the theme"),
        Column("theme", "string", "The theme"),
        optional("mean_points", "float64", "Mean absolute SHAP value", POINTS),
        optional("mean_points_low", "float64", "Lower end of its interval", POINTS),
        optional("mean_points_high", "float64", "Upper end", POINTS),
        optional(
            "direction",
            "float64",
            "Rank correlation of the input's value with what it adds: 1 = more of it raises, -1 = lowers; inputs only",
        ),
        optional("judged_as_of", "date", "The past day of the losses; empty where none can be judged"),
        optional("brier_loss", "float64", "By how much the Brier score rises when it is shuffled"),
        optional("brier_loss_low", "float64", "Lower end of its interval"),
        optional("brier_loss_high", "float64", "Upper end"),
        optional("auc_loss", "float64", "By how much the AUC falls when it is shuffled"),
        optional("auc_loss_low", "float64", "Lower end of its interval"),
        optional("auc_loss_high", "float64", "Upper end"),
        Column("model_version", "string", "Version of the model of orders"),
    ),
)

LIME = Table(
    stage="forecasts",
    name="lime",
    one_row_is="an input of one of a few customers, by SHAP and by LIME",
    description="LIME (Ribeiro, Singh and Guestrin 2016) draws points around a customer and fits a line to what the "
    "model says of them: another draw, another line. It stands here to be compared with; drivers come from SHAP. The "
    "customers are those in the middle of equal parts by P(order).",
    monthly=True,
    key=("example", "input"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("example", "int16", "The customer, from the lowest P(order) upwards"),
        Column("input", "string", "The input"),
        Column("p_order_90d", "float64", "P(order within 90 days) of the customer"),
        Column("shap", "float64", "What the input adds by SHAP", POINTS),
        Column("lime", "float64", "The same by LIME, mean over seeds", POINTS),
        Column("lime_low", "float64", "Smallest of the seeds", POINTS),
        Column("lime_high", "float64", "Largest", POINTS),
        Column("model_version", "string", "Version of the model of orders"),
    ),
)

SEGMENT_REASONS = Table(
    stage="forecasts",
    name="segment_reasons",
    one_row_is="a theme that moves P(order within 90 days) of customers of a segment (or all) most, up or down",
    description="Of each customer the first driver of forecasts/drivers counts. No row: there is no model, or one that "
    "says the same of everybody.",
    monthly=True,
    key=("segment", "theme", "effect"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("segment", "string", f"The segment, or {ALL} with a purchase"),
        Column("rank", "int16", "1 = of most customers; of equally many the first by name"),
        Column("theme", "string", "What the driver is about"),
        Column("effect", "string", "raises or lowers, beside the average customer of the month"),
        Column("share", "float64", "Share of the segment's customers whose first driver it is"),
        Column("moved", "int64", "These customers", "customers"),
        Column("customers", "int64", "Customers of the segment with an outlook", "customers"),
        Column("model_version", "string", "Version of the model of orders"),
    ),
)

TABLES = (DRIVERS, IMPORTANCE, LIME, SEGMENT_REASONS)
