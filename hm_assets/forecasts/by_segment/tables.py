"""The tables of this room and their columns."""

from hm_assets.forecasts.cutoffs import HORIZONS
from hm_assets.forecasts.tables import STAGE
from hm_assets.warehouse.schema import Column, Table, optional

ALL = "all"
INDEX = "price index"

SEGMENTS = Table(
    stage=STAGE,
    name="segments",
    one_row_is="a measure of what the customers of a segment (or all) will do",
    description="80 % intervals. Of an expected share: what chance leaves open for these customers "
    "(Poisson-binomial), and how far the model was off in segments on past days. Of a value: the customers' own "
    "intervals, taken as independent, and the model's relative error of the share that orders; an error that all "
    "values share is not in it. Of a median or a counted share: what another sample of such customers would give.",
    monthly=True,
    key=("segment", "measure"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("segment", "string", f"The segment, or {ALL} with a purchase"),
        Column(
            "measure",
            "string",
            f"{', '.join(f'ordering_{days}d' for days in HORIZONS)} (expected share that orders), leaving_90d (that "
            "does not), next_order_days (median days to the middle of the usual window), value_90d, value_12m "
            "(expected spend per customer), value_90d_sum, value_12m_sum, past_cadence, past_90_days (shares that "
            "are), value_12m_of_new (per customer who came in the last 90 days)",
        ),
        optional("value", "float64", "The measure; empty where it is not known of anybody"),
        optional("low", "float64", "Lower end of its 80 % interval"),
        optional("high", "float64", "Upper end"),
        Column("unit", "string", f"share, days or {INDEX}"),
        Column("customers", "int64", "Customers that it rests on", "customers"),
    ),
)

PAST_OUTLOOK = Table(
    stage=STAGE,
    name="past_outlook",
    one_row_is="a customer of a judged past day, what would have been said of them then, and when they ordered",
    description="What segment_scores and early_warning_scores are made of. The kept kind of model, fitted for the past "
    "day on what was known then; segments are those of today's champion. No row: there is no model, or no past day.",
    monthly=True,
    kinds=frozenset({"scikitlearn", "lightgbm", "deltalake"}),
    key=("as_of", "customer_key"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the model"),
        Column("customer_key", "int64", "The customer"),
        optional("segment_id", "int32", "The segment on that day"),
        *(
            Column(f"p_order_{days}d", "float64", f"Probability of an order within {days} days")
            for days in HORIZONS
        ),
        optional("p_order_90d_before", "float64", "Of the month before, by the same model"),
        Column("recency_days", "int32", "Days since the last order", "days"),
        Column("purchase_days", "int32", "Days with an order so far", "days"),
        optional("gaps_since", "float64", "Own usual gaps since the last order"),
        Column("spend_365d", "float64", "Sum of prices in the 365 days before", INDEX),
        optional("days_to_next", "int32", "Days to the next order; empty where none within 90", "days"),
    ),
)

SEGMENT_SCORES = Table(
    stage=STAGE,
    name="segment_scores",
    one_row_is="the expected and the true share of a segment (or all) that ordered within a horizon after a past day",
    description="The kept kind of model, fitted for the past day on what was known then. Segments are those of today's "
    "champion. Without an earlier judged day nothing is known of the model's error, and there is no interval.",
    monthly=True,
    key=("as_of", "segment", "horizon_days"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the model"),
        Column("segment", "string", f"The segment on that day, or {ALL}"),
        Column("horizon_days", "int16", "An order within so many days", "days"),
        Column("customers", "int64", "Customers with a purchase in it", "customers"),
        Column("expected", "float64", "Expected share that orders"),
        optional("low", "float64", "Lower end of the 80 % interval as it would have been told that day"),
        optional("high", "float64", "Upper end"),
        Column("ordered", "float64", "The share that did"),
        Column("chance", "float64", "Variance of that share by chance alone, were all probabilities right"),
        optional("inside", "boolean", "Whether it lies within the interval"),
    ),
)

EARLY_WARNING = Table(
    stage=STAGE,
    name="early_warning",
    one_row_is="a customer on the list of those to look after",
    description="Who bought in the last half year, is more likely to leave than to order, and meets one of three "
    "rules, ranked by the value at stake; capped. The action is a suggestion: nothing here shows that it works.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        Column("rank", "int32", "1 = most at stake"),
        optional("segment_id", "int32", "The segment"),
        Column("reason", "string", "The first that holds: overdue, falling or at_stake"),
        Column("why", "string", "All rules that hold, in words"),
        Column("suggestion", "string", "What could be done, from a fixed table; no effect is claimed"),
        Column("p_order_90d", "float64", "Probability of an order within 90 days"),
        optional("p_order_90d_before", "float64", "The same of the month before, by the same model"),
        Column("value_at_stake", "float64", "Value x (1 - p_order_90d)", INDEX),
        Column("value_from", "string", "What the value is: value_12m, or spend_365d where none is forecast"),
    ),
)

EARLY_WARNING_SCORES = Table(
    stage=STAGE,
    name="early_warning_scores",
    one_row_is="a way to pick customers on a past day, and what became of them in the 90 days after",
    description="Lists of the same size from the same customers (who bought in the half year before). 95 % "
    "bootstraps over customers. The list was made with a model fitted for that day on what was known then; value is "
    "last year's spend, as no forecast of value is made for past days.",
    monthly=True,
    key=("as_of", "pick"),
    columns=(
        Column("as_of", "date", "The past day"),
        Column(
            "pick",
            "string",
            "early_warning; random (what a draw expects); ninety_days (no order for 90 days, highest spend first)",
        ),
        Column("listed", "int64", "Customers picked", "customers"),
        Column("customers", "int64", "Customers to pick from", "customers"),
        optional("left", "float64", "Share of them without an order in the 90 days after"),
        optional("left_low", "float64", "Lower end of the 95 % interval"),
        optional("left_high", "float64", "Upper end"),
        optional("lift", "float64", "This share over that of everybody to pick from"),
        optional("lift_low", "float64", "Lower end"),
        optional("lift_high", "float64", "Upper end"),
        optional("lost_spend", "float64", "Last year's spend of those who left, per customer picked", INDEX),
        optional("lost_spend_low", "float64", "Lower end"),
        optional("lost_spend_high", "float64", "Upper end"),
        optional("before_90_days", "float64", "Share picked whose last order was less than 90 days ago"),
    ),
)

TABLES = (SEGMENTS, PAST_OUTLOOK, SEGMENT_SCORES, EARLY_WARNING, EARLY_WARNING_SCORES)
