"""The tables of this stage and their columns: small facts, one month each, that the report shows."""

from hm_assets.explore.measures import INDEX
from hm_assets.warehouse.schema import Column, Table, optional

AS_OF = Column("as_of", "date", "The day on which this is true")


def _table(
    name: str, one_row_is: str, key: tuple[str, ...], *columns: Column, description: str = ""
) -> Table:
    return Table(
        stage="explore",
        name=name,
        one_row_is=one_row_is,
        description=description,
        monthly=True,
        key=key,
        columns=(AS_OF, *columns),
    )


QUESTIONS = _table(
    "questions",
    "a question that comes first, with its answer in words",
    ("question",),
    Column("position", "int8", "Order on the page"),
    Column("question", "string", "Its name"),
    Column("text", "string", "The question in words"),
    Column("answer", "string", "The answer in a line, with its figures"),
    optional("unit", "string", "Unit of the value"),
    optional("value", "float64", "The figure that answers it; empty where the data are too few"),
    optional(
        "low", "float64", "Lower end of its 95 % interval (quartile of the tenure, bar of the silhouette)"
    ),
    optional("high", "float64", "Upper end"),
    optional("customers", "int64", "Customers that count", "customers"),
)

DISTRIBUTIONS = _table(
    "distributions",
    "a measure of a customer, over all customers with a purchase",
    ("feature",),
    Column("feature", "string", "Column of features/customer_features, or age of the customer file"),
    Column("label", "string", "The measure in words"),
    Column("unit", "string", "Its unit"),
    Column("customers", "int64", "Customers with a purchase so far", "customers"),
    Column("known", "int64", "Those with a value", "customers"),
    optional("share_unknown", "float64", "Those without one", "share"),
    optional("share_zero", "float64", "Zeros among the known", "share"),
    optional("mean", "float64", "Mean, in its unit"),
    optional("sd", "float64", "Standard deviation, in its unit"),
    optional("minimum", "float64", "Smallest value"),
    optional("q25", "float64", "First quartile"),
    optional("median", "float64", "Median"),
    optional("q75", "float64", "Third quartile"),
    optional("q95", "float64", "95 % quantile"),
    optional("maximum", "float64", "Largest value"),
    optional("skewness", "float64", "Third standardised moment; 0 = symmetric"),
    optional("kurtosis", "float64", "Fourth standardised moment minus 3; 0 = as a normal distribution"),
    optional("skewness_logged", "float64", "Skewness of log(1 + x), prices in multiples of a small price"),
    optional("outliers_iqr", "float64", "Beyond 1.5 interquartile ranges from the quartiles", "share"),
    optional("outliers_z", "float64", "Beyond 3 standard deviations from the mean", "share"),
    optional(
        "outliers_robust", "float64", "Beyond 3.5 robust deviations (1.4826 MAD) from the median", "share"
    ),
    Column("decision", "string", "keep, transform (a logarithm), cap, or leave out"),
    Column("reason", "string", "Why"),
    description="All rows, no sample. The decision is advice for models that mind skew and outliers.",
)

HISTOGRAMS = _table(
    "histograms",
    "a bin of a measure's histogram",
    ("feature", "bin"),
    Column("feature", "string", "The measure, as in explore/distributions"),
    Column("bin", "int16", "Number of the bin, from 0"),
    Column("low", "float64", "Lower end, inside; the first bin also holds what lies below"),
    optional("high", "float64", "Upper end, outside; empty for the last bin, which holds all beyond"),
    Column("customers", "int64", "Customers in it", "customers"),
    Column("share", "float64", "Of those with a value", "share"),
)

CORRELATIONS = _table(
    "correlations",
    "a pair of measures",
    ("measure_a", "measure_b"),
    Column("measure_a", "string", "The one"),
    Column("measure_b", "string", "The other"),
    Column("customers", "int64", "With an order in the last 365 days and all measures known", "customers"),
    Column("a_logged", "boolean", "Whether the logarithm of the one is taken, as explore/distributions says"),
    Column("b_logged", "boolean", "The same of the other"),
    optional("pearson", "float64", "Pearson's r, after the logarithms; empty where a measure is constant"),
    optional("spearman", "float64", "Spearman's rank correlation"),
    optional("low", "float64", "Its 95 % interval: lower end"),
    optional("high", "float64", "Upper end"),
    Column(
        "form", "string", "none (both under 0.1), linear, monotone, not linear (they differ by 0.1), constant"
    ),
)

GROUPS = _table(
    "groups",
    "a group of customers",
    ("grouping", "group"),
    Column(
        "grouping",
        "string",
        "age_band, lifecycle_stage, value_tier, channel, club_member_status, fashion_news",
    ),
    Column("group", "string", "The group"),
    Column("customers", "int64", "With a purchase so far", "customers"),
    Column("spend_365d", "float64", "Mean spend of the last 365 days", INDEX),
    optional("spend_low", "float64", "Its 95 % interval: lower end", INDEX),
    optional("spend_high", "float64", "Upper end", INDEX),
    Column("orders_365d", "float64", "Mean orders of the last 365 days", "orders"),
    optional("orders_low", "float64", "Its 95 % interval: lower end", "orders"),
    optional("orders_high", "float64", "Upper end", "orders"),
    Column("recency_days", "float64", "Median days since the last order", "days"),
)

RFM_GRID = _table(
    "rfm_grid",
    "a recency score and a frequency score that customers have",
    ("recency_score", "frequency_score"),
    Column("recency_score", "int8", "1-5; 5 = most recent"),
    Column("frequency_score", "int8", "1-5; 5 = most often"),
    Column("customers", "int64", "Customers with both", "customers"),
    Column("spend", "float64", "Their mean spend so far", INDEX),
    Column("monetary_score", "float64", "Their mean monetary score"),
)

CONCENTRATION = _table(
    "concentration",
    "a top share of the year's customers by spend",
    ("top_percent",),
    Column("top_percent", "int16", "The best so many percent"),
    Column("customers", "int64", "How many these are", "customers"),
    Column("share_of_spend", "float64", "What they bring of the last 365 days' spend", "share"),
    Column("least_spend", "float64", "The spend of the last of them", INDEX),
)

HYPOTHESES = _table(
    "hypotheses",
    "a belief about customers, tested",
    ("hypothesis",),
    Column("position", "int8", "Order on the page"),
    Column("hypothesis", "string", "Its name"),
    Column("claim", "string", "The belief in words"),
    Column("groups", "string", "Who is compared"),
    Column("test", "string", "The test"),
    Column("effect_is", "string", "What the effect is"),
    Column("no_effect", "float64", "The effect that says nothing"),
    Column("smallest_that_matters", "float64", "The smallest distance from it that would matter"),
    optional("customers", "int64", "Customers (or weeks) that count"),
    optional("effect", "float64", "The effect; empty where the data are too few"),
    optional("low", "float64", "Its 95 % interval: lower end"),
    optional("high", "float64", "Upper end"),
    optional("standardised", "float64", "The effect as r, d or phi, to compare beliefs"),
    optional("statistic", "float64", "Of the test"),
    optional("p_value", "float64", "Chance of such a statistic if there were no effect"),
    optional("p_adjusted", "float64", "The same by Holm, for all beliefs tested at once"),
    Column(
        "verdict",
        "string",
        "holds, the opposite holds, too small to matter, not shown, or not enough data",
    ),
)

SEASONALITY = _table(
    "seasonality",
    "a week of sales, counted back from as_of",
    ("week_end",),
    Column("week_end", "date", "Last day of the seven"),
    Column("items", "int64", "Units sold", "units"),
    Column("spend", "float64", "Sum of prices", INDEX),
    Column("orders", "int64", "Orders", "orders"),
    optional("trend", "float64", "Trend (STL on logs); empty with less than two years", "units"),
    optional("seasonal", "float64", "Factor of the week of the year"),
    optional("remainder", "float64", "Factor that neither explains"),
    description="items = trend x seasonal x remainder.",
)

CALENDAR = _table(
    "calendar",
    "a weekday of the last 52 weeks, or a month",
    ("kind", "year", "position"),
    Column("kind", "string", "weekday or month"),
    Column("position", "int8", "Monday or January is 1"),
    optional("year", "int16", "Of a month"),
    Column("label", "string", "Its name"),
    Column("days", "int16", "Days that count", "days"),
    Column("items_per_day", "float64", "Units sold on a day", "units"),
    Column("index", "float64", "Against the mean day of the 52 weeks, or of all days; 100 = the same"),
    optional("low", "float64", "95 % interval of the index over weeks: lower end"),
    optional("high", "float64", "Upper end"),
)

COHORTS = _table(
    "cohorts",
    "a cohort in a month since its first purchase",
    ("cohort_month", "months_since"),
    Column("cohort_month", "date", "Month of the first purchase in the files"),
    Column("months_since", "int16", "Calendar months since then", "months"),
    Column("customers", "int64", "Customers of the cohort", "customers"),
    Column("active", "int64", "Those with a purchase in that month", "customers"),
    Column("share_active", "float64", "active / customers", "share"),
    Column(
        "left_truncated", "boolean", "One of the first three cohorts: many were customers before the data"
    ),
    Column("whole_month", "boolean", "Whether as_of lies past the end of that month"),
)

CATEGORY_REVENUE = _table(
    "category_revenue",
    "a category of a level, sold in the last 365 days",
    ("level", "parent", "category"),
    Column("level", "string", "index_group, product_group or product_type"),
    optional("parent", "string", "The product group of a product type"),
    Column("category", "string", "As the catalogue says it; unknown where it says nothing"),
    Column("items", "int64", "Units sold", "units"),
    Column("spend", "float64", "Revenue: sum of prices", INDEX),
    Column("articles", "int64", "Different articles sold", "articles"),
    Column("spend_per_item", "float64", "Mean price of a unit", INDEX),
    Column("share_of_spend", "float64", "Of the revenue of its level", "share"),
    optional("spend_before", "float64", "Revenue of the 365 days before; empty without two years", INDEX),
    optional("change", "float64", "spend / spend_before - 1", "share"),
)

PRICE_CURVES = _table(
    "price_curves",
    "a tenth of relative price in a product group or value tier",
    ("kind", "value", "relative_price"),
    Column("kind", "string", "category (the eight product groups with most units) or value_tier"),
    Column("value", "string", "The product group or tier"),
    Column("relative_price", "float64", "Middle of the bin of paid / usual price; 1 = 0.95 to 1.05"),
    Column("observations", "int64", "Days of an article, or orders of a customer"),
    Column("units", "int64", "Units on them", "units"),
    Column("units_each", "float64", "Units on each", "units"),
    optional(
        "index_to_usual", "float64", "Against the usual price; 100 = the same; empty for under 30 of either"
    ),
    optional("slope", "float64", "Of log units on log relative price within an article or customer"),
    optional("slope_low", "float64", "Its 95 % interval, clustered: lower end"),
    optional("slope_high", "float64", "Upper end"),
    description="The last 365 days; the usual price is the mean of the 90 days before. Days and orders without a "
    "sale are not in the files, so this is what goes together, not what a price causes.",
)

AFFINITY_NETWORK = _table(
    "affinity_network",
    "two sections with enough customers in both",
    ("section_a", "section_b"),
    Column("section_a", "string", "The one"),
    Column("section_b", "string", "The other"),
    Column("index_group_a", "string", "Index group with most articles of the one"),
    Column("index_group_b", "string", "The same of the other"),
    Column("customers_a", "int64", "Customers of the one", "customers"),
    Column("customers_b", "int64", "Customers of the other", "customers"),
    Column("customers_both", "int64", "Customers of both", "customers"),
    Column("support", "float64", "Customers of both among all", "share"),
    Column("lift", "float64", "Customers of both / expected, given how many sections each customer buys in"),
    Column("low", "float64", "Its 95 % interval: lower end"),
    Column("high", "float64", "Upper end"),
    Column("plain_lift", "float64", "Without that: above 1 for most pairs, as some buy in many sections"),
    description="12 months up to as_of. The 24 sections with most customers; pairs with 0.5 % of customers and 20.",
)

SAMPLE = _table(
    "sample",
    "a sampled customer, without anything that says who it is",
    ("point",),
    Column("point", "int32", "Number of the point, from 1"),
    Column("recency_days", "float64", "Days since the last order", "days"),
    Column("purchase_days", "float64", "Different days with an order", "days"),
    Column("spend", "float64", "Spend so far", INDEX),
    Column("tenure_days", "float64", "Days since the first order", "days"),
    Column("orders_365d", "float64", "Orders in the last 365 days", "orders"),
    Column("spend_365d", "float64", "Spend in the last 365 days", INDEX),
    optional("basket_365d", "float64", "Spend per order, last 365 days", INDEX),
    optional("online_share_365d", "float64", "Share of units bought online", "share"),
    optional("section_entropy", "float64", "Breadth over sections", "nats"),
    Column("value_tier", "string", "low, medium, high, premium"),
    Column("lifecycle_stage", "string", "new, active, cooling, lapsing, lost"),
    description="At most 1,500, chosen by their keys and the seed. For pictures that show points; no fact rests on it, "
    "but for the first look at groups, which says so.",
)

TABLES = (
    QUESTIONS,
    DISTRIBUTIONS,
    HISTOGRAMS,
    CORRELATIONS,
    GROUPS,
    RFM_GRID,
    CONCENTRATION,
    HYPOTHESES,
    SEASONALITY,
    CALENDAR,
    COHORTS,
    CATEGORY_REVENUE,
    PRICE_CURVES,
    AFFINITY_NETWORK,
    SAMPLE,
)
