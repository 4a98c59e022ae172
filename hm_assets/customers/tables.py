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

MISSINGNESS = Table(
    stage="customers",
    name="missingness",
    one_row_is="a column of the customer file",
    description="known + unknown = rows, and unknown = empty + refused - structural, always. The 40 % rule is asked "
    "after the recoding: an empty FN is a no and no gap.",
    key=("column",),
    columns=(
        Column("position", "int8", "Order of the columns in the file"),
        Column("column", "string", "Name in the file"),
        Column("rows", "int64", "Customers in the file"),
        Column("empty", "int64", "Delivered empty"),
        Column("structural", "int64", "Empty or unreadable flags, which mean no"),
        Column(
            "refused", "int64", "Delivered with something that is no value: an age of 5, N/A, a placeholder"
        ),
        Column("known", "int64", "With a value after recoding"),
        Column("unknown", "int64", "Without a value after recoding"),
        Column("share_unknown", "float64", "unknown / rows", "share"),
        Column(
            "over_limit", "boolean", "More than 40 % unknown after recoding: neither filled nor used to fill"
        ),
        Column("mechanism", "string", "Why values are missing, as far as the data tell"),
        Column("decision", "string", "What is done about it"),
    ),
)

MISSING_PATTERNS = Table(
    stage="customers",
    name="missing_patterns",
    one_row_is="a set of attributes that are unknown together",
    description="The customers of all patterns add up to those of the file.",
    key=("pattern",),
    columns=(
        Column("pattern", "string", "The unknown attributes, or: nothing unknown"),
        Column("columns_unknown", "int8", "How many they are"),
        Column("club_member_status_unknown", "boolean", "Whether it is unknown"),
        Column("fashion_news_frequency_unknown", "boolean", "Whether it is unknown"),
        Column("age_unknown", "boolean", "Whether it is unknown"),
        Column("postal_code_unknown", "boolean", "Whether it is unknown"),
        Column("customers", "int64", "Customers with this pattern"),
        Column("share", "float64", "Of all customers", "share"),
    ),
)

MISSINGNESS_TESTS = Table(
    stage="customers",
    name="missingness_tests",
    one_row_is="a test of why values are unknown",
    description="Little's test (1988) of missing completely at random; per column a logistic regression of being "
    "unknown on the other attributes (missing at random given those); and, as no data can tell whether a value is "
    "missing because of what it is, how far the mean age would move if it were. Read the effect first: with many "
    "customers a tiny one is significant too. Intervals are not widened for picking the strongest level.",
    key=("test", "column", "assumed_years"),
    columns=(
        Column("test", "string", "little_mcar, logistic_mar or mnar_sensitivity"),
        Column("column", "string", "What it is about"),
        Column(
            "assumed_years",
            "int8",
            "Of mnar_sensitivity: unknown ages minus expected",
            "years",
            nullable=True,
        ),
        Column("customers", "int64", "Customers that count"),
        Column("unknown", "int64", "Of these: with an unknown value"),
        Column("effect", "float64", "How much it matters", nullable=True),
        Column("effect_is", "string", "What the effect measures"),
        Column("statistic", "float64", "Chi-squared of the test", nullable=True),
        Column("degrees_of_freedom", "int32", "Of that chi-squared", nullable=True),
        Column("p_value", "float64", "Chance of such a statistic at random; empty = no test", nullable=True),
        Column(
            "auc", "float64", "Unknown told from known by the regression; 0.5 = not at all", nullable=True
        ),
        Column("strongest", "string", "The level that tells most, its interval considered", nullable=True),
        Column(
            "odds_ratio", "float64", "Its odds against the attribute's most frequent level", nullable=True
        ),
        Column("low", "float64", "95 % interval of the odds ratio: lower end", nullable=True),
        Column("high", "float64", "95 % interval of the odds ratio: upper end", nullable=True),
        Column("finding", "string", "In words"),
    ),
)

TABLES = (CUSTOMERS, MISSINGNESS, MISSING_PATTERNS, MISSINGNESS_TESTS, IMPUTATIONS, IMPUTATION_SCORES)
