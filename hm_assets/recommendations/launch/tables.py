"""The tables of this room and their columns."""

from hm_assets.recommendations.launch import back_test
from hm_assets.warehouse.schema import Column, Table, optional

STAGE = "recommendations"

LAUNCH_SCORES = Table(
    stage=STAGE,
    name="launch_scores",
    one_row_is="a measure of what would have been said of the articles first sold in the 30 days after a past day",
    description="The model, the customers and the sizes are those of the past day. Buyers are customers with a "
    "purchase in the year before it who bought the article within 30 days of its first sale. 95 % bootstraps over "
    "launches. No row: no past day has 60 days after it and enough before, or nothing was launched.",
    monthly=True,
    kinds=frozenset({"scikitlearn", "deltalake"}),
    key=("as_of", "method", "metric"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in what is said"),
        Column(
            "method",
            "string",
            f"Of customers: {back_test.MODEL}, {back_test.POPULAR} (who bought most of the product type, lately "
            f"counting more), {back_test.ACTIVE} (days with a purchase in the year), {back_test.RANDOM} (what a draw "
            f"expects). Of sizes: {back_test.SIMILAR}, {back_test.OF_TYPE} (quantiles of all launches of the type)",
        ),
        Column(
            "metric",
            "string",
            f"{back_test.LIFT} (share of the buyers in the first tenth of customers, over a tenth), {back_test.LEAD} "
            f"(lift of the model less that of {back_test.POPULAR}), {back_test.ERROR} (median of |log(units / "
            f"expected)|), {back_test.ERROR_LEAD} (that of the type's median less that of the similar launches), "
            f"{back_test.COVERAGE} (share of launches within the 80 % interval)",
        ),
        optional("value", "float64", "The measure; empty where nobody known bought"),
        optional("low", "float64", "Lower end of the 95 % interval"),
        optional("high", "float64", "Upper end"),
        Column("launches", "int64", "Articles judged", "articles"),
        Column("buyers", "int64", "Of them, counted per article", "customers"),
        Column("customers", "int64", "Customers that were ranked", "customers"),
        optional(
            "verdict",
            "string",
            f"Of a difference: {back_test.BETTER} or {back_test.WORSE} where its interval is beyond 0, else "
            f"{back_test.SAME}",
        ),
    ),
)

LAUNCHES = Table(
    stage=STAGE,
    name="launches",
    one_row_is="a segment that an article without any sale may be for",
    description="Articles of the range that nobody has bought up to the day, those with the highest keys first; "
    "segments of fewer than 20 customers are left out. 80 % intervals: what chance and the size of similar launches "
    "leave open. Shares are from a sample of customers where there are many.",
    monthly=True,
    kinds=frozenset({"scikitlearn", "deltalake"}),
    key=("article_key", "segment_id"),
    columns=(
        Column("article_key", "int64", "The article"),
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", "The segment"),
        Column("rank", "int32", "1 = most buyers per member"),
        Column("customers", "int64", "Members of the segment", "customers"),
        optional("expected_per_1000", "float64", "Expected buyers of the first 28 days per 1,000 members"),
        optional("low_per_1000", "float64", "Lower end of its 80 % interval"),
        optional("high_per_1000", "float64", "Upper end"),
        Column("share_of_buyers", "float64", "Share of the known buyers that the segment is expected to be"),
        Column("over_index", "float64", "That share over the segment's share of customers; 1 = as everybody"),
        optional(
            "taste_index",
            "float64",
            "That share over the segment's mean share of expected buyers of the latest launches; above 1: more theirs "
            "than a usual launch is",
        ),
        optional("units", "float64", "Units of the whole article in its first 28 days: the middle", "units"),
        optional("units_low", "float64", "Lower end of the 80 % interval", "units"),
        optional("units_high", "float64", "Upper end", "units"),
        optional("most_similar", "int64", "The past launch of the last 18 months that it resembles most"),
        optional("similarity", "float64", "With it: half of text, half of attributes; 1 = the same"),
    ),
)

TABLES = (LAUNCH_SCORES, LAUNCHES)
