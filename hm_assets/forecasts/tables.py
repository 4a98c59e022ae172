"""The tables of this stage and their columns."""

from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.warehouse.schema import Column, Table, optional

STAGE = "forecasts"
NO_MODEL = "none"

SCOREBOARD = Table(
    stage=STAGE,
    name="scoreboard",
    one_row_is="a measure of a model's probabilities of an order within a horizon, on a past day",
    description="The back-test. Each model was fitted for its past day on what was known then: outcomes that were over "
    "on that day. It is judged by what came after, up to the end of the month. Intervals are 95 % bootstraps over "
    "customers and do not cover the choice of the day. No row: no past day has 90 days after it and enough before.",
    monthly=True,
    kinds=frozenset({"scikitlearn", "lightgbm", "deltalake"}),
    key=("as_of", "model", "horizon_days", "metric"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the model"),
        Column(
            "model",
            "string",
            "base_rate and recency are the baselines; rfm_logistic, logistic, lightgbm, random_forest, neural_network",
        ),
        Column("horizon_days", "int16", "An order within so many days is what is predicted", "days"),
        Column(
            "metric",
            "string",
            "auc, average_precision, brier, ece (ten groups of equal size), mean_error (predicted minus true share)",
        ),
        optional("value", "float64", "The measure; empty where nobody, or everybody, ordered"),
        optional("low", "float64", "Lower end of its 95 % interval"),
        optional("high", "float64", "Upper end"),
        Column("customers", "int64", "Customers that it was judged on", "customers"),
        optional("base_rate", "float64", "The share of them that ordered"),
        Column("learned_rows", "int64", "Customers of past days that the model learned from", "rows"),
        Column("baseline", "boolean", "Whether this is one of the plain models to beat"),
        Column("chosen", "boolean", "Whether this model is the one to take"),
        Column("why", "string", "Why that one is taken"),
    ),
)

INDEX = "price index"
# Horizon in words -> the name of its value; see value/.
VALUE = (
    optional(
        "p_active", "float64", "Probability of still being a customer on as_of; empty where nobody came back"
    ),
    *(
        column
        for name, ahead in (("value_90d", "90 days"), ("value_12m", "365 days"))
        for column in (
            optional(name, "float64", f"Expected spend within {ahead} after as_of", INDEX),
            optional(f"{name}_low", "float64", "Lower limit of its 80 % interval", INDEX),
            optional(f"{name}_high", "float64", "Upper limit", INDEX),
        )
    ),
    optional(
        "value_extrapolated",
        "boolean",
        "Whether value_12m rests on 90 days: no past day with a year after it could be compared",
    ),
    Column("value_version", "string", f"Version of the model of value; {NO_MODEL} where there is none"),
)

CUSTOMERS = Table(
    stage=STAGE,
    name="customers",
    one_row_is="a customer with a line on or before as_of, and what they will do next",
    description="P(order) by the model of forecasts/order_model, value by that of forecasts/value_model. Without a "
    "model (the files are too short) its figures are empty and its version is none.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        *(
            optional(
                f"p_order_{days}d",
                "float64",
                f"Probability of an order within {days} days after as_of; never falls with the horizon",
            )
            for days in HORIZONS
        ),
        Column("model_version", "string", f"Version of the model; {NO_MODEL} where there is none"),
        Column("restated", "boolean", "Whether as_of lies before the training day of one of the models"),
        *VALUE,
    ),
)

TABLES = (SCOREBOARD, CUSTOMERS)
