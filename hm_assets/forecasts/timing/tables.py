"""The tables of this room and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

TIMING_SCOREBOARD = Table(
    stage="forecasts",
    name="timing_scoreboard",
    one_row_is="a measure of the windows of the next order by one method, on a past day, of a kind of customers",
    description="The back-test of the windows. Each was made for its past day from what was known then, and is judged "
    "by the next orders of those who ordered within the reach. Intervals are 95 % bootstraps over customers and do not "
    "cover the choice of the day. No row: no past day has 90 days after it and enough before.",
    monthly=True,
    kinds=frozenset({"scikitlearn", "deltalake"}),
    key=("as_of", "method", "level", "of_whom", "metric"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the windows"),
        Column(
            "method",
            "string",
            "waiting is the model; mean_gap (own mean gap and everybody's errors) and same_for_all are the baselines",
        ),
        Column("level", "int16", "How many of a hundred who order should do so within the window", "%"),
        Column(
            "of_whom", "string", "Everybody, or by days with a purchase so far, or by P(order in 90 days)"
        ),
        Column(
            "metric",
            "string",
            "coverage, mean_width_days, interval_score (width, and misses by their distance; lower is better)",
        ),
        optional("value", "float64", "The measure; empty where none of them ordered"),
        optional("low", "float64", "Lower end of its 95 % interval"),
        optional("high", "float64", "Upper end"),
        Column("reach_days", "int16", "Orders within so many days after as_of are meant", "days"),
        Column("customers", "int64", "Customers who ordered within the reach", "customers"),
        optional("ordered_share", "float64", "Their share of these customers"),
        optional("expected_share", "float64", "What the model had said: mean P(order within the reach)"),
        Column("learned_rows", "int64", "Customers of past days that was learned from", "rows"),
        Column("baseline", "boolean", "Whether this is one of the plain methods to beat"),
    ),
)

CHURN_RULES = Table(
    stage="forecasts",
    name="churn_rules",
    one_row_is="a measure of a rule that says who is lost, on a day",
    description="The rules of forecasts/customers: past_90_days and past_cadence. On the month's own day only the "
    "share is known; past days are judged by the 90 days after. Intervals are 95 % bootstraps over customers.",
    monthly=True,
    key=("as_of", "rule", "metric"),
    columns=(
        Column("as_of", "date", "The day; nothing later is in the rule"),
        Column("rule", "string", "past_90_days or past_cadence"),
        Column(
            "metric",
            "string",
            "share (flagged), precision (of the flagged: no order in 90 days), recall (of those without an order: "
            "flagged), quiet_share (no order in 90 days, of all)",
        ),
        optional("value", "float64", "The measure; empty where there is nobody to measure it on"),
        optional("low", "float64", "Lower end of its 95 % interval"),
        optional("high", "float64", "Upper end"),
        Column("customers", "int64", "Customers that it was measured on", "customers"),
        Column("flagged", "int64", "Those whom the rule flags", "customers"),
    ),
)

TABLES = (TIMING_SCOREBOARD, CHURN_RULES)
