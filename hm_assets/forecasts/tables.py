"""The tables of this stage and their columns."""

from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.warehouse.schema import Column, Table, optional

STAGE = "forecasts"
NO_MODEL = "none"

BACK_TEST = Table(
    stage=STAGE,
    name="back_test",
    one_row_is="a customer of a judged past day, what a model said of them then, and what they did",
    description="The customers behind the scores of a month; each model knew what was known on the judged day.",
    monthly=True,
    kinds=frozenset({"scikitlearn", "lightgbm", "deltalake"}),
    key=("as_of", "model", "customer_key"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the model"),
        Column("model", "string", "As in forecasts/scoreboard"),
        Column("customer_key", "int64", "The customer"),
        Column(
            "place",
            "int32",
            "Position in the order of behaviour, from 0: no draw reads ids",
        ),
        *(
            Column(f"p_order_{days}d", "float64", f"Probability of an order within {days} days")
            for days in HORIZONS
        ),
        optional(
            "days_to_next", "int32", "Days to the next order; empty where there was none within 90", "days"
        ),
        Column("later_spend", "float64", "Sum of prices in the 90 days after", "price index"),
        Column("spend_365d", "float64", "Sum of prices in the 365 days before", "price index"),
        optional("mean_order", "float64", "Mean order of all judged customers up to that day", "price index"),
        Column("learned_rows", "int64", "Customers of past days that the model learned from", "rows"),
        *(
            Column(
                f"threshold_{days}d",
                "float64",
                "Probability from which an order is expected, chosen on the latest past day that was learned from",
            )
            for days in HORIZONS
        ),
        *(
            optional(
                f"year_before_{days}d",
                "float64",
                f"Share that ordered within {days} days after the same month of the year before",
            )
            for days in HORIZONS
        ),
    ),
)

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
            "base_rate and recency are the baselines; mbg_nbd, pareto_nbd, rfm_logistic, logistic, lightgbm, xgboost "
            "(where it is installed), random_forest, neural_network, stacking",
        ),
        Column("horizon_days", "int16", "An order within so many days is what is predicted", "days"),
        Column(
            "metric",
            "string",
            "auc, average_precision, brier, ece (ten groups of equal size), mean_error (predicted minus true share), "
            "f1_weighted (F1 of who orders and of who does not, by their shares)",
        ),
        optional("value", "float64", "The measure; empty where nobody, or everybody, ordered"),
        optional("low", "float64", "Lower end of its 95 % interval"),
        optional("high", "float64", "Upper end"),
        optional(
            "threshold",
            "float64",
            "Of f1_weighted: the probability from which an order is expected, chosen on the latest day learned from",
        ),
        Column("customers", "int64", "Customers that it was judged on", "customers"),
        optional("base_rate", "float64", "The share of them that ordered"),
        optional(
            "base_rate_year_before",
            "float64",
            "The same share after this month of the year before, of whom was a customer then; empty where unknown",
        ),
        Column("learned_rows", "int64", "Customers of past days that the model learned from", "rows"),
        Column("baseline", "boolean", "Whether this is one of the plain models to beat"),
        Column("chosen", "boolean", "Whether this model is the one to take"),
        Column("why", "string", "Why that one is taken"),
    ),
)

ORDERS = (
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
)
"""The columns that the model of the next order fills."""

WINDOW = "of the days between which the next order lies, if it comes within window_reach_days, with"
TIMING = (
    optional(
        "usual_gap_days",
        "float64",
        "Usual days between purchase days: her own, drawn towards everybody's; from two purchase days on",
        "days",
    ),
    *(
        optional(f"next_order_{end}_{level}", "date", f"{name} {WINDOW} {level} %")
        for level in (50, 80)
        for end, name in (("low", "First"), ("high", "Last"))
    ),
    optional(
        "window_reach_days", "int16", "How far the windows look: a year, or what the files teach", "days"
    ),
    optional("overdue_days", "int32", "Days past the usual gap; 0 = not yet", "days"),
    optional(
        "cadence_horizon_days",
        "int32",
        "Days without an order after which she is late by her own cadence; after one purchase day everybody's",
        "days",
    ),
    optional("past_cadence", "boolean", "Whether recency_days is beyond that"),
    Column("past_90_days", "boolean", "Whether she has not ordered for 90 days or more: the preset"),
    Column("timing_version", "string", f"Version of forecasts/timing_model; {NO_MODEL} where there is none"),
)
"""The columns that `timing` fills."""

INDEX = "price index"
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
    description="P(order) by the model of forecasts/order_model, windows and cadence by forecasts/timing_model, value "
    "by forecasts/value_model. Without a model (the files are too short) its columns are empty, its version is none.",
    monthly=True,
    key=("customer_key",),
    columns=(*ORDERS, *TIMING, *VALUE),
)

IMBALANCE = Table(
    stage=STAGE,
    name="imbalance",
    one_row_is="a measure of a model whose rarer outcome was weighted or filled up, on a past day",
    description="What weights of classes, SMOTE and ADASYN change, beside the untreated model. Expanding folds in "
    "time: fitted on past days, recalibrated on a later one, judged on a still later one; the 90 days after each were "
    "over by the next. Only what is learned is treated. No row: the files are shorter than about eleven months, or all "
    "did the same.",
    monthly=True,
    kinds=frozenset({"scikitlearn", "lightgbm", "deltalake"}),
    key=("as_of", "model", "treatment", "recalibration", "metric"),
    columns=(
        Column("as_of", "date", "The judged day"),
        Column(
            "model", "string", "logistic, lightgbm, random_forest; a single model of an order within 90 days"
        ),
        Column("treatment", "string", "none, weights, smote, adasyn"),
        Column("recalibration", "string", "none, isotonic, platt"),
        Column(
            "metric",
            "string",
            "auc, average_precision, brier, ece, mean_error, f1_weighted (threshold from the day of recalibration)",
        ),
        optional("value", "float64", "The measure; empty where nobody, or everybody, ordered"),
        optional("low", "float64", "Lower end of its 95 % interval over customers"),
        optional("high", "float64", "Upper end"),
        Column("customers", "int64", "Customers that it was judged on", "customers"),
        Column("base_rate", "float64", "The share of them that ordered"),
        Column("learned_rows", "int64", "Customers of past days before the treatment", "rows"),
        Column("taught_share", "float64", "The share that ordered among them after the treatment, by weight"),
        Column("baseline", "boolean", "Whether this is the untreated model"),
    ),
)

TABLES = (BACK_TEST, SCOREBOARD, CUSTOMERS, IMBALANCE)
