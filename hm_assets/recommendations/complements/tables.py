"""The tables of this room and their columns."""

from hm_assets.recommendations.complements.baskets import MOST_ITEMS, PERIOD_DAYS
from hm_assets.recommendations.complements.made import ARTICLE, PRODUCT_TYPE, WINDOW_DAYS
from hm_assets.warehouse.schema import Column, Table

STAGE = "recommendations"
COMPLEMENT, ANOTHER_COLOUR = "complement", "another_colour"

_BASKETS = (
    Column("baskets", "int64", "Baskets with both", "baskets"),
    Column("customers", "int64", "Different customers of these", "customers"),
    Column("support", "float64", "Share of all baskets that hold both"),
    Column("confidence", "float64", "Share of the baskets with the antecedent that hold the consequent too"),
    Column("lift", "float64", "Confidence over the share of all baskets with the consequent"),
    Column(
        "adjusted_lift",
        "float64",
        f"Baskets with both over those expected by chance in baskets as large, same {PERIOD_DAYS} days and channel",
    ),
    Column("low", "float64", "Lower end of the 95 % interval of adjusted_lift"),
    Column("high", "float64", "Upper end"),
    Column("p_adjusted", "float64", "Of as many by chance; Benjamini-Hochberg over all pairs tested"),
)

RULES = Table(
    stage=STAGE,
    name="rules",
    one_row_is="two articles, or two product types, that lie in one basket more often than chance would have it",
    description="A basket is a customer's day in a channel. Each pair in both directions. "
    f"Articles over {WINDOW_DAYS[ARTICLE]} days, product types over {WINDOW_DAYS[PRODUCT_TYPE]}; baskets with more "
    f"than {MOST_ITEMS} different ones are left out. False discovery rate 5 %. That two things are bought together is "
    "not that one sells the other.",
    monthly=True,
    key=("level", "antecedent", "consequent"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("level", "string", f"{ARTICLE} or {PRODUCT_TYPE}"),
        Column("antecedent", "string", "article_id, or the product type"),
        Column("consequent", "string", "The same of the other"),
        Column(
            "relation",
            "string",
            f"{COMPLEMENT}; {ANOTHER_COLOUR}: the same product in another colour, on no list",
        ),
        *_BASKETS,
    ),
)

BOUGHT_TOGETHER = Table(
    stage=STAGE,
    name="bought_together",
    one_row_is="an article that goes with another, at most 12 for each",
    description="Complements of recommendations/rules by confidence. An article without a rule has no row.",
    monthly=True,
    key=("article_key", "rank"),
    columns=(
        Column("article_key", "int64", "The article"),
        Column("as_of", "date", "The day on which this is true"),
        Column("rank", "int16", "1 = most often in the same basket"),
        Column(
            "other_key", "int64", "The article that goes with it: never another colour of the same product"
        ),
        *_BASKETS,
    ),
)

CROSS_SELL = Table(
    stage=STAGE,
    name="cross_sell",
    one_row_is="a product type that a segment has less of than other customers who have as much",
    description="Of the segment's customers who bought one product type within a year, how many bought another that "
    "goes with it, beside all other customers with as many product types in all (Mantel-Haenszel). Segments of "
    "few customers are withheld. A gap says where there is room, and not that an offer fills it.",
    monthly=True,
    key=("segment_id", "rank"),
    columns=(
        Column("as_of", "date", "The day on which this is true"),
        Column("segment_id", "int32", "The segment"),
        Column("rank", "int16", "1 = missed by most customers"),
        Column("have", "string", "The product type that they bought"),
        Column("lack", "string", "The product type that goes with it"),
        Column(
            "customers",
            "int64",
            "Customers of the segment with the first, of a breadth that others have too",
            "customers",
        ),
        Column("share", "float64", "Share of them with the second, at equal breadth"),
        Column("share_of_others", "float64", "The same of all other customers"),
        Column("gap", "float64", "share minus share_of_others"),
        Column("low", "float64", "Lower end of its 95 % interval"),
        Column("high", "float64", "Upper end"),
        Column(
            "p_adjusted", "float64", "Of such a gap by chance; Benjamini-Hochberg over segments and rules"
        ),
        Column("missing", "float64", "Customers who would have it, were the gap closed", "customers"),
    ),
)

COMPLEMENT_SCORES = Table(
    stage=STAGE,
    name="complement_scores",
    one_row_is="a way to list five articles for an article in a basket, and how often later baskets held one",
    description="Rules as of the past day; baskets of the seven days after it, also those with one article. All lists "
    "are asked for the same articles: those with a rule. No list holds another colour of the same product. "
    "Intervals of 95 %: in a week over customers, of all weeks over weeks.",
    monthly=True,
    key=("week", "list"),
    columns=(
        Column("week", "string", "The past day, or all: the mean of the weeks"),
        Column(
            "list",
            "string",
            "bought_together; popular_in_product_type (most baskets of the last 7 days, same product type: what it is "
            "compared with); bestsellers (of all)",
        ),
        Column("articles", "int64", "Articles in later baskets that a list was asked for"),
        Column("with_list", "float64", "Their share of all articles in later baskets"),
        Column("share", "float64", "Share of these whose basket held one of the five"),
        Column("low", "float64", "Lower end of its interval"),
        Column("high", "float64", "Upper end"),
        Column("over_baseline", "float64", "share minus that of popular_in_product_type, same baskets"),
        Column("over_baseline_low", "float64", "Lower end of its interval"),
        Column("over_baseline_high", "float64", "Upper end"),
    ),
)

TABLES = (RULES, BOUGHT_TOGETHER, CROSS_SELL, COMPLEMENT_SCORES)
