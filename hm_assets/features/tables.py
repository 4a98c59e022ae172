"""The tables of this stage and their columns."""

from hm_assets.customers.tables import IMPUTATION_SCORES
from hm_assets.features.affinities import CATEGORY, PRIOR_UNITS, STYLES
from hm_assets.features.article_days import RETURN_DAYS
from hm_assets.features.attributes import POSITIONS, parts
from hm_assets.features.windows import SEASONS, WEEKDAYS, WINDOWS
from hm_assets.warehouse.schema import Column, Table, optional

INDEX = "price index"
STAGE = "features"
IN_YEAR = "of the units of the last 365 days"


ARTICLE_DAYS = Table(
    stage=STAGE,
    name="article_days",
    one_row_is="an article's day in a channel",
    description="Read from the lines; everything about articles over time is built from it.",
    monthly=True,
    key=("article_key", "t_dat", "sales_channel_id"),
    columns=(
        Column("article_key", "int64", "The article"),
        Column("t_dat", "date", "Day of the sales"),
        Column("sales_channel_id", "int8", "1 = store, 2 = online"),
        Column("items", "int32", "Units sold", "units"),
        Column("customers", "int32", "Different customers who bought it", "customers"),
        Column("spend", "float64", "Sum of the prices, exact to 1e-9", INDEX),
        Column(
            "returning",
            "int32",
            f"Those who had bought it on an earlier day of the {RETURN_DAYS} days before",
            "customers",
        ),
        Column("customers_of_known_age", "int32", "Those whose age is known", "customers"),
        Column("age_sum", "int64", "Sum of the known ages", "years"),
        Column("customers_under_35", "int32", "Those known to be younger than 35", "customers"),
    ),
)

REFERENCE_PRICES = Table(
    stage=STAGE,
    name="reference_prices",
    one_row_is="an article's day with sales in the 90 days before it",
    description="The mean price paid for it in those 90 days, whatever the channel; the day itself does not count.",
    monthly=True,
    key=("article_key", "t_dat"),
    columns=(
        Column("article_key", "int64", "The article"),
        Column("t_dat", "date", "A day on which it was sold"),
        Column("reference_price", "float64", "Mean price paid in the 90 days before that day", INDEX),
    ),
)

CUSTOMER_DAYS = Table(
    stage=STAGE,
    name="customer_days",
    one_row_is="a customer's day in a channel: what counts as one order",
    description="The files carry no order number, so a basket is customer x day x channel. Read from the lines.",
    monthly=True,
    key=("customer_key", "t_dat", "sales_channel_id"),
    columns=(
        Column("customer_key", "int64", "Who bought"),
        Column("t_dat", "date", "Day of the purchase"),
        Column("sales_channel_id", "int8", "1 = store, 2 = online"),
        Column(
            "new_day",
            "int8",
            "1, or 0 on the second channel of a day: its sum is the number of different days",
        ),
        Column("items", "int32", "Units bought", "units"),
        Column("articles", "int32", "Different articles among them", "articles"),
        Column("spend", "float64", "Sum of the prices, exact to 1e-9", INDEX),
        Column(
            "items_referenced", "int32", "Units of articles that were sold in the 90 days before", "units"
        ),
        Column("items_below_reference", "int32", "Those at least 5 % below their reference price", "units"),
        Column("spend_referenced", "float64", "Price paid for the units with a reference price", INDEX),
        Column("reference_spend", "float64", "What these would have cost at their reference prices", INDEX),
    ),
)

ATTRIBUTE_VALUES = Table(
    stage=STAGE,
    name="attribute_values",
    one_row_is="a value of an article attribute that has a position",
    description="The values with most articles in the catalogue, by attribute. All others are position 0.",
    key=("attribute", "position"),
    columns=(
        Column("attribute", "string", ", ".join(POSITIONS)),
        Column("position", "int16", "1 = most articles; names a column of features/customer_tastes"),
        Column("value", "string", "As the catalogue says it"),
        Column("articles", "int64", "Articles with this value", "articles"),
    ),
)

CUSTOMER_ATTRIBUTES = Table(
    stage=STAGE,
    name="customer_attributes",
    one_row_is="a value of an article attribute that a customer bought in the month",
    description="Read from the lines. For each attribute the units add up to the lines.",
    monthly=True,
    key=("customer_key", "attribute", "value"),
    columns=(
        Column("customer_key", "int64", "Who bought"),
        Column("attribute", "string", ", ".join(POSITIONS)),
        Column("value", "string", "As the catalogue says it; unknown where it says nothing"),
        Column("items", "int32", "Units bought", "units"),
        Column("spend", "float64", "Sum of the prices, exact to 1e-9", INDEX),
    ),
)

CUSTOMER_TASTES = Table(
    stage=STAGE,
    name="customer_tastes",
    one_row_is="a customer with a purchase in the month",
    description="Units by position of features/attribute_values; position 0 is every value without a position.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "Who bought"),
        *(
            Column(name, "int32", f"Units of {attribute} at position {name.rpartition('_')[2]}", "units")
            for attribute in POSITIONS
            for name in parts(attribute)
        ),
    ),
)

SCORE_CUTS = Table(
    stage=STAGE,
    name="score_cuts",
    one_row_is="a cut-point of a score in a month",
    description="Quantiles over the customers seen by as_of. A score counts how many cut-points a value exceeds.",
    monthly=True,
    key=("measure", "cut"),
    columns=(
        Column("measure", "string", "recency, frequency, monetary or value_tier"),
        Column("cut", "int16", "Number of the cut-point, from 1"),
        Column("quantile", "float64", "The quantile that it is"),
        Column("value", "float64", "The cut-point, in the unit of the measure"),
    ),
)

HISTORY = (
    Column("recency_days", "int32", "as_of minus the last day with a purchase", "days"),
    Column("tenure_days", "int32", "as_of minus the first day with a purchase in the files", "days"),
    Column("purchase_days", "int32", "Different days with a purchase, so far", "days"),
    Column("orders", "int32", "Orders (customer x day x channel), so far", "orders"),
    Column("items", "int32", "Units bought, so far", "units"),
    Column("spend", "float64", "Sum of prices, so far", INDEX),
    Column("length_days", "int32", "From the first to the last day with a purchase (LRFMS)", "days"),
    optional(
        "came_back_share_90d",
        "float32",
        "Share of the purchase days at least 90 days back that were followed by another within 90 days; "
        "the stand-in for satisfaction in LRFMS, as the files hold no rating and no return",
    ),
    Column("cohort_month", "date", "Month of the first purchase in the files"),
)

SCORES = (
    Column("recency_score", "int8", "1-5 by the month's cut-points of recency_days; 5 = most recent"),
    Column("frequency_score", "int8", "1-5 by those of purchase_days; 5 = most often"),
    Column("monetary_score", "int8", "1-5 by those of spend; 5 = most"),
    Column("rfm_score", "float32", "Mean of the three scores"),
    Column(
        "value_tier", "string", "low, medium, high, premium: below the 50, 80, 95 % quantile of spend, above"
    ),
)


def window_columns(days: int) -> tuple[Column, ...]:
    """The columns of one window."""
    return (
        Column(f"orders_{days}d", "int32", f"Orders in the last {days} days", "orders"),
        Column(f"items_{days}d", "int32", f"Units in the last {days} days", "units"),
        Column(f"spend_{days}d", "float64", f"Sum of prices in the last {days} days", INDEX),
        Column(
            f"purchase_days_{days}d",
            "int32",
            f"Different days with a purchase in the last {days} days",
            "days",
        ),
        optional(f"basket_{days}d", "float64", f"Spend per order in the last {days} days", INDEX),
        optional(
            f"below_reference_share_{days}d",
            "float32",
            f"Share of the units of the last {days} days at least 5 % below the article's reference price",
        ),
        optional(
            f"discount_{days}d",
            "float32",
            f"1 minus paid / reference price over the last {days} days; stands in for a discount, which the files lack",
        ),
    )


RHYTHM = (
    optional(
        "price_slope_365d",
        "float32",
        "Slope of units per order on price relative to its reference, last 365 days; from 5 orders on",
        "units",
    ),
    optional("mean_gap_days", "float32", "Mean days between purchase days; from two days on", "days"),
    optional("sd_gap_days", "float32", "Standard deviation of these gaps; from three days on", "days"),
    optional("usual_gap_days", "float32", "Median of these gaps; from three days on", "days"),
    optional("overdue_days", "float32", "recency_days minus usual_gap_days", "days"),
    Column("left_truncated", "int8", "1 where the first purchase lies in the first 90 days of the data"),
    Column(
        "lifecycle_stage",
        "string",
        "new: first purchase under 90 days ago; else by recency active (under 90), cooling (180), lapsing (365), lost",
    ),
)

CHANNELS_AND_TIMES = (
    Column("online_orders_365d", "int32", "Orders online in the last 365 days", "orders"),
    optional("online_share_365d", "float32", f"Online share {IN_YEAR}"),
    optional(
        "online_share_change", "float32", "Online share of the last 90 days minus that of the 275 before"
    ),
    *(
        optional(f"{name}_share_365d", "float32", f"Share bought on a {name.title()} {IN_YEAR}")
        for name in WEEKDAYS
    ),
    *(optional(f"{name}_share_365d", "float32", f"Share bought in {name} {IN_YEAR}") for name in SEASONS),
)

DIVERSITY = tuple(
    column
    for attribute in ("product_group", "section", "colour")
    for column in (
        optional(
            f"{attribute}_entropy",
            "float32",
            f"Entropy of the units by {attribute}, 12 months (RFM-D)",
            "nats",
        ),
        Column(f"{attribute}_values", "int16", f"Different positions of {attribute} bought, 12 months"),
    )
)

COMPOSITION = tuple(
    Column(
        f"clr_{name}",
        "float32",
        f"Centred log ratio of the share of {name} (features/attribute_values), 12 months, half a unit added to each",
    )
    for attribute in ("index_group", "product_group", "colour")
    for name in parts(attribute)
)

TOPIC_MIX = tuple(
    optional(
        f"{name}_share",
        "float32",
        f"Share of the units of 12 months that are most about {name.replace('_', ' ')}",
    )
    for name in parts("topic")
    if name != "topic_0"
)

CUSTOMER_FEATURES = Table(
    stage=STAGE,
    name="customer_features",
    one_row_is="a customer with a line on or before as_of, as seen on that day",
    description="as_of is the latest day with a line in the month, or its end where there is none. "
    "A window of w days is (as_of - w, as_of]; 12 months are this calendar month, up to as_of, and the eleven before.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        *HISTORY,
        *SCORES,
        *(column for days in WINDOWS for column in window_columns(days)),
        *RHYTHM,
        *CHANNELS_AND_TIMES,
        *DIVERSITY,
        *COMPOSITION,
        *TOPIC_MIX,
    ),
)

FEATURE_SETS = Table(
    stage=STAGE,
    name="feature_sets",
    one_row_is="a column of features/customer_features that a model may take",
    description="Which named set it is in, whether it was kept and why, and the numbers of its scalings. Learned on "
    "the latest month, at most 100,000 customers, and kept until a refit is asked for.",
    key=("feature",),
    columns=(
        Column("position", "int16", "Order: of two columns that say the same, the first stays"),
        Column("feature", "string", "The column"),
        Column("smallest_set", "string", "basic, behavioural or comprehensive; each holds those before it"),
        Column("kept", "boolean", "Whether it varies and says something of its own"),
        Column("reason", "string", "Why it is kept or dropped"),
        Column("scaled_variance", "float64", "Variance after scaling to 0-1 by the 1st and 99th percentile"),
        optional("most_like", "string", "The kept column before it that it is most correlated with"),
        optional("correlation", "float64", "Pearson's r with that one"),
        Column("share_empty", "float64", "Share of the customers without a value; the median stands in"),
        Column("median", "float64", "Fills empty values; centre of robust scaling"),
        Column("mean", "float64", "Centre of standard scaling"),
        Column("sd", "float64", "Its scale; 0 where the column is constant"),
        Column("minimum", "float64", "Start of min-max scaling"),
        Column("maximum", "float64", "Its end"),
        Column("lower_quartile", "float64", "With the upper one the scale of robust scaling"),
        Column("upper_quartile", "float64", "See lower_quartile"),
        Column(
            "loadings",
            "array<float64>",
            "Weight of the standardised column in each principal component; none where it is dropped",
        ),
        Column("trained_as_of", "date", "as_of of the month that this was learned on"),
        Column("recipe", "string", "Hash of code version and seed: unchanged, so kept"),
    ),
)


def _sold(days: int) -> tuple[Column, ...]:
    return (
        Column(f"items_{days}d", "int32", f"Units sold in the last {days} days", "units"),
        Column(
            f"orders_{days}d",
            "int32",
            f"Purchases (customer x day x channel) of it in the last {days} days",
            "purchases",
        ),
        optional(
            f"popularity_{days}d",
            "float32",
            f"Percentile of these units among the articles sold in the last {days} days, from 0 to 1; "
            "ties share it, empty where not sold",
        ),
    )


ARTICLE_FEATURES = Table(
    stage=STAGE,
    name="article_features",
    one_row_is="an article sold on or before as_of, as seen on that day",
    description="as_of is the latest day with a line in the month, or its end where there is none. "
    "A window of w days is (as_of - w, as_of]. Who bought it is counted by purchase: customer x day x channel.",
    monthly=True,
    key=("article_key",),
    columns=(
        Column("article_key", "int64", "The article"),
        Column("as_of", "date", "The day on which this is true"),
        Column("launch_day", "date", "First day sold in the files"),
        Column("age_days", "int32", "as_of minus the launch day", "days"),
        Column("left_truncated", "int8", "1 where the launch day lies in the first 90 days of the data"),
        Column("days_since_sold", "int32", "as_of minus the last day sold", "days"),
        Column(
            "in_stock",
            "int8",
            "1 where sold in the last 7 days; stands in for stock, which the files lack",
        ),
        Column("items", "int32", "Units sold, so far", "units"),
        *(column for days in WINDOWS for column in _sold(days)),
        optional("price_90d", "float64", "Mean price paid in the last 90 days", INDEX),
        optional("price_365d", "float64", "Mean price paid in the last 365 days", INDEX),
        optional(
            "price_position_90d",
            "float32",
            "Percentile of price_90d among the articles of its product type sold in the last 90 days, 0 = cheapest; "
            "ties share it, an only one is at 0.5, empty where the type is unknown",
        ),
        optional(
            "return_share_365d",
            "float32",
            f"Share of the purchases of the last 365 days by somebody who had bought it on an earlier day of the "
            f"{RETURN_DAYS} days before (repeat rate)",
        ),
        optional("online_share_90d", "float32", "Online share of the units of the last 90 days"),
        optional("online_share_365d", "float32", f"Online share {IN_YEAR}"),
        optional(
            "buyers_mean_age_365d",
            "float32",
            "Mean age at the purchases of the last 365 days by customers of known age",
            "years",
        ),
        optional(
            "buyers_under_35_share_365d",
            "float32",
            "Share of these purchases by customers under 35, where the trough between the two humps of ages begins",
        ),
    ),
)

AFFINITIES = Table(
    stage=STAGE,
    name="affinities",
    one_row_is="a value of an article attribute that a customer bought in 12 months",
    description=f"How much a customer takes to a category ({CATEGORY}) or a style ({', '.join(STYLES)}), and at which "
    "prices, compared to all customers with a purchase in the same 12 months: this calendar month, up to as_of, and "
    f"the eleven before. Drawn towards 1 by {PRIOR_UNITS} units. A position without a row was not bought: "
    f"its affinity is {PRIOR_UNITS} / (expected_12m + {PRIOR_UNITS}). Made for the latest month of a run.",
    monthly=True,
    key=("customer_key", "attribute", "position"),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        Column("attribute", "string", ", ".join((CATEGORY, *STYLES))),
        Column("position", "int16", "Of features/attribute_values"),
        Column("items_12m", "int32", "Units with this value, 12 months", "units"),
        Column("units_12m", "int32", "Units in all, 12 months", "units"),
        Column("expected_12m", "float32", "Units with this value, bought like everybody", "units"),
        Column(
            "affinity", "float32", f"(items_12m + {PRIOR_UNITS}) / (expected_12m + {PRIOR_UNITS}); 1 = as all"
        ),
        optional(
            "price_level",
            "float32",
            "Mean price paid for units with this value / that of all customers, drawn towards 1 (price fit)",
        ),
    ),
)

IMPUTED_AGES = Table(
    stage=STAGE,
    name="imputed_ages",
    one_row_is="a customer of unknown age, filled in one draw with what they bought up to as_of",
    description="The draws of customers/imputations, made anew by predictive mean matching on a bootstrap: attributes "
    "as the draw has them, units, mean price, and shares by index group, product group and section, all so far. Who "
    "has not bought keeps the draw from attributes. A figure is made once per draw and pooled by Rubin's rules. "
    "Draws of two months are independent: a customer's age in one draw may differ between months.",
    monthly=True,
    key=("customer_key", "draw"),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day up to which purchases count"),
        Column("draw", "int16", "Number of the draw, from 1, as in customers/imputations"),
        Column("age", "int16", "As drawn; always one that a customer has", "years"),
        Column("bought", "int8", "1 where purchases were used; 0: from attributes only"),
    ),
)

AGE_ESTIMATES = Table(
    stage=STAGE,
    name="age_estimates",
    one_row_is="a customer of unknown age, with the one age that is closest on average",
    description="For a page that shows one number of one person, never for distributions, shares or tests: estimates "
    "crowd between the two humps of the ages, where few customers are (features/imputed_age_scores). Conditional "
    "median by gradient boosting on the predictors of features/imputed_ages.",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day up to which purchases count"),
        Column("age", "float32", "Estimate; the median of the known ages where nothing was bought", "years"),
        Column("bought", "int8", "1 where purchases were used; 0: the median"),
    ),
)

IMPUTED_AGE_SCORES = Table(
    stage=STAGE,
    name="imputed_age_scores",
    one_row_is="a method of filling ages, tried on known ages of customers who bought",
    description="As customers/imputation_scores, with what they bought up to as_of beside what they state. "
    "Made for the latest month of a run.",
    monthly=True,
    key=IMPUTATION_SCORES.key,
    columns=(
        Column("as_of", "date", "The day up to which purchases count"),
        *IMPUTATION_SCORES.columns,
    ),
)

TABLES = (
    ARTICLE_DAYS,
    REFERENCE_PRICES,
    CUSTOMER_DAYS,
    ATTRIBUTE_VALUES,
    CUSTOMER_ATTRIBUTES,
    CUSTOMER_TASTES,
    SCORE_CUTS,
    CUSTOMER_FEATURES,
    FEATURE_SETS,
    ARTICLE_FEATURES,
    AFFINITIES,
    IMPUTED_AGES,
    AGE_ESTIMATES,
    IMPUTED_AGE_SCORES,
)
