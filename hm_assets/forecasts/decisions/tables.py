"""The tables of this room and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

ORDERS = "mean orders"
ASSUMPTIONS = Column(
    "assumptions", "string", "What is assumed of the campaign (HM_CAMPAIGN_...), not measured"
)

PROFIT = Table(
    stage="forecasts",
    name="profit",
    one_row_is="a measure in money of a model on a judged past day",
    description="A campaign against leaving (no order within 90 days). Who leaves is known from the past; that an "
    "incentive keeps them is assumed. Intervals are 95 % bootstraps over customers, the same draws for every model.",
    monthly=True,
    key=("as_of", "model", "metric"),
    columns=(
        Column("as_of", "date", "The judged day"),
        Column("model", "string", "As in forecasts/scoreboard; base_rate contacts everybody or nobody"),
        Column(
            "metric",
            "string",
            "emp: expected maximum profit per customer, one value for all (Verbraken et al. 2013), in mean "
            "orders; emp_fraction: share contacted for it; cost: what wrong contacts and missed leavers cost per "
            "customer, each at their own value, contacting whom it pays by the probability, in mean orders; "
            "savings: 1 minus that cost over that of the better of contacting nobody and everybody; "
            "emp_above_chosen: emp minus the chosen model's",
        ),
        optional("value", "float64", "The measure; empty where it is not defined"),
        optional("low", "float64", "Lower end of its 95 % interval"),
        optional("high", "float64", "Upper end"),
        Column("customers", "int64", "Customers that it was judged on", "customers"),
        Column("chosen", "boolean", "Whether this model is the one that is taken, by its Brier score"),
        Column(
            "best_by_money",
            "boolean",
            "Whether it has the largest mean emp of all models over the judged days",
        ),
        Column("words", "string", "Which model money would choose, and whether that is another"),
        ASSUMPTIONS,
    ),
)

THRESHOLDS = Table(
    stage="forecasts",
    name="thresholds",
    one_row_is="an audience: the customers likeliest to leave, or to order, up to a share",
    description="What a threshold gives: who is in it today, and how many of the same share did so on the latest "
    "judged day. Profit is that of a campaign against leaving; what a contact adds for those who order anyhow nobody "
    "knows from the files, so it stays empty for them.",
    monthly=True,
    key=("audience", "top_percent"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("audience", "string", "leaves (no order within 90 days) or orders (one within 90 days)"),
        Column("top_percent", "int16", "The likeliest so many per cent of all customers", "%"),
        Column("threshold", "float64", "Their smallest probability of doing so"),
        Column("customers", "int64", "Customers in it today", "customers"),
        Column("expected_hits", "float64", "How many of them will, by the model", "customers"),
        optional("judged_as_of", "date", "The past day of the true shares; empty where none can be judged"),
        optional("precision", "float64", "Of the same share on that day, those who did"),
        optional("precision_low", "float64", "Lower end of its 95 % interval (Wilson)"),
        optional("precision_high", "float64", "Upper end"),
        optional("recall", "float64", "Of all who did on that day, those in this share"),
        optional("recall_low", "float64", "Lower end of its 95 % interval (Wilson)"),
        optional("recall_high", "float64", "Upper end"),
        optional(
            "value_at_risk",
            "float64",
            "Sum of value x P(leave), the shop's share of it; empty for who orders",
            ORDERS,
        ),
        optional("cost", "float64", "Expected cost of contacting them; empty for who orders", ORDERS),
        optional("profit", "float64", "Expected profit, each at their own value", ORDERS),
        optional(
            "profit_low", "float64", "The same where few are kept (the 10 % quantile of the share)", ORDERS
        ),
        optional("profit_high", "float64", "Where many are kept (the 90 % quantile)", ORDERS),
        Column("value_from", "string", "Where a customer's value comes from: value_12m or spend_365d"),
        ASSUMPTIONS,
        Column("contact", "float64", "Assumed cost of a contact", ORDERS),
        Column("incentive", "float64", "Assumed cost of the incentive for who takes it", ORDERS),
        Column("kept_share", "float64", "Assumed share of leavers who take it and stay, in the mean"),
        Column("kept_share_low", "float64", "The 10 % quantile of that share"),
        Column("kept_share_high", "float64", "The 90 % quantile"),
    ),
)

BUDGETS = Table(
    stage="forecasts",
    name="budgets",
    one_row_is="a budget spent on one ranking of the customers",
    description="Shares of what contacting everybody would cost, spent from the top of the ranking until the next "
    "customer is too much; at random: what the same share of everybody earns. By the model's own probabilities "
    "and values: what is compared are rankings, and no profit is promised.",
    monthly=True,
    key=("ranking", "budget_percent"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("ranking", "string", "value_at_risk (value x P(leave)), value, p_leave or random"),
        Column("budget_percent", "int16", "Of the cost of contacting everybody", "%"),
        Column("budget", "float64", "The budget", ORDERS),
        Column("customers", "int64", "Customers who are contacted", "customers"),
        Column("cost", "float64", "What that costs, expected", ORDERS),
        Column("profit", "float64", "Expected profit", ORDERS),
        Column("profit_low", "float64", "Where few are kept (the 10 % quantile of the share)", ORDERS),
        Column("profit_high", "float64", "Where many are kept (the 90 % quantile)", ORDERS),
        Column("value_from", "string", "Where a customer's value comes from: value_12m or spend_365d"),
        ASSUMPTIONS,
    ),
)

TABLES = (PROFIT, THRESHOLDS, BUDGETS)
