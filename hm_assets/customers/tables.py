"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table

CUSTOMERS = Table(
    stage="customers",
    name="customers",
    one_row_is="a customer, with or without purchases",
    description="Attributes recoded as what they mean; what is unknown stays empty.",
    key=("customer_key",),
    columns=(
        Column("customer_id", "string", "The retailer's id"),
        Column("customer_key", "int64", "First 60 bits of md5(customer_id)"),
        Column("fn", "int8", "1 where the customer gets fashion news; an empty FN is a 0"),
        Column("active", "int8", "1 where active for communication; an empty Active is a 0"),
        Column(
            "club_member_status", "string", "ACTIVE, PRE-CREATE, LEFT CLUB; empty = unknown", nullable=True
        ),
        Column(
            "fashion_news_frequency",
            "string",
            "NONE (also where delivered as None), REGULARLY, MONTHLY; empty = unknown",
            nullable=True,
        ),
        Column("age", "int16", "Whole years, 16-99; empty = unknown or impossible", "years", nullable=True),
        Column("postal_code", "string", "Hashed; empty where it was the placeholder", nullable=True),
    ),
)

IMPUTATIONS = Table(
    stage="customers",
    name="imputations",
    one_row_is="a customer with an unknown attribute, filled in one draw",
    description="Several draws, each a plausible whole; a figure is made once per draw and pooled by Rubin's rules. "
    "Filled from the other attributes only, never from purchases.",
    key=("customer_key", "draw"),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("draw", "int16", "Number of the draw, from 1"),
        Column("age", "int16", "Known or drawn; empty where too few ages are known", "years", nullable=True),
        Column("club_member_status", "string", "Known or drawn; empty as age", nullable=True),
        Column("fashion_news_frequency", "string", "Known or drawn; empty as age", nullable=True),
        Column("age_imputed", "int8", "1 where the age is drawn"),
        Column("club_member_status_imputed", "int8", "1 where the club status is drawn"),
        Column("fashion_news_frequency_imputed", "int8", "1 where the news frequency is drawn"),
    ),
)

IMPUTATION_SCORES = Table(
    stage="customers",
    name="imputation_scores",
    one_row_is="a method of filling ages, tried on known ages that were hidden",
    description="MCAR hides at random; MAR hides more of unusual club statuses and fewer of those who get news. "
    "The share in the trough is that of 34 to 42 years, between the two humps of the ages.",
    key=("mechanism", "method"),
    columns=(
        Column("mechanism", "string", "How ages were hidden: MCAR or MAR"),
        Column("method", "string", "How they were filled"),
        Column("masked", "int64", "Ages hidden, all folds and repeats together"),
        Column("draws", "int16", "Draws per hidden age"),
        Column(
            "mean_absolute_error", "float64", "Of the mean of the draws; the median is hard to beat", "years"
        ),
        Column("mean_absolute_error_low", "float64", "95 % interval over customers, low end", "years"),
        Column("mean_absolute_error_high", "float64", "The same, high end", "years"),
        Column(
            "ks_distance", "float64", "Largest distance between the distributions of a draw and the truth"
        ),
        Column("trough_share", "float64", "Share of filled ages from 34 to 42"),
        Column("true_trough_share", "float64", "The same of the hidden ages"),
        Column("impossible_share", "float64", "Share of filled ages outside 16 to 99"),
        Column("mean_error", "float64", "Mean filled age minus mean hidden age", "years"),
        Column("sd", "float64", "Standard deviation of the filled ages", "years"),
        Column("true_sd", "float64", "The same of the hidden ages", "years"),
        Column("interval_cover", "float64", "Share of hidden ages inside their 90 % interval", nullable=True),
        Column("interval_width", "float64", "Mean width of these intervals", "years", nullable=True),
    ),
)

TABLES = (CUSTOMERS, IMPUTATIONS, IMPUTATION_SCORES)
