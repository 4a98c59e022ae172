"""The tables of this room and their columns."""

from hm_assets.forecasts.tables import STAGE
from hm_assets.warehouse.schema import Column, Table, optional

VALUE_SCOREBOARD = Table(
    stage=STAGE,
    name="value_scoreboard",
    one_row_is="a measure of a model's value of customers within a horizon, on a past day",
    description="The back-test of value. Each model was fitted for its past day on what was known then. Intervals are "
    "95 % bootstraps over customers and do not cover the choice of the day. A year is judged on the latest day that "
    "has 365 days after it. No row: no past day has 90 days after it and enough before.",
    monthly=True,
    kinds=frozenset({"scipy", "lightgbm", "deltalake"}),
    key=("as_of", "model", "horizon_days", "tenth", "metric"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the model"),
        Column(
            "model",
            "string",
            "naive (the baseline), mbg_nbd, pareto_nbd (both with Gamma-Gamma), lightgbm_tweedie",
        ),
        Column("horizon_days", "int16", "Spend within so many days is what is predicted", "days"),
        Column("tenth", "int16", "0 = all customers; 1 to 10 = a tenth by prediction, 1 the lowest"),
        Column(
            "metric",
            "string",
            "mae and rmse (mean absolute and root mean squared error, in price index), spearman, gini (of true spend "
            "in the order of the prediction, by the largest possible), top_10_capture (share of true spend of the "
            "predicted top tenth), total_ratio (predicted by true), coverage_80 (share within the 80 % interval), "
            "order_log_loss (of an order in 90 days); of each tenth predicted and spent: the means, in price index",
        ),
        optional("value", "float64", "The measure; empty where nobody spent anything"),
        optional("low", "float64", "Lower end of its 95 % interval"),
        optional("high", "float64", "Upper end"),
        Column("customers", "int64", "Customers that it was judged on", "customers"),
        Column("learned_rows", "int64", "Customers of past days that could be learned from", "rows"),
        Column("baseline", "boolean", "Whether this is the plain model to beat"),
        Column(
            "extrapolated", "boolean", "Whether no year was over on that day that the figure could rest on"
        ),
        Column("chosen", "boolean", "Whether this model leads"),
        Column("why", "string", "Why that one leads"),
    ),
)

TABLES = (VALUE_SCOREBOARD,)
