"""The tables of this room and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

AS_OF = Column("as_of", "date", "Last day that is known")
ARTICLE = (
    Column("article_id", "string", "10 digits"),
    Column("article_key", "int64", "article_id as an integer"),
)

CUSTOMERS = Table(
    stage="recommendations",
    name="customers",
    one_row_is="an article on a customer's list",
    description="For every customer, with or without purchases, twelve different articles of those in stock, where so "
    "many are: best first. In stock is what sold in the last days, as the data hold no stock.",
    monthly=True,
    key=("customer_key", "rank"),
    columns=(
        Column("customer_key", "int64", "The customer"),
        AS_OF,
        Column("rank", "int8", "Place on the list, from 1"),
        *ARTICLE,
        optional("score", "float64", "The recommender's; empty where the place was filled with a bestseller"),
        Column(
            "recommender",
            "string",
            "Who chose it: the shipped recommender, or bestsellers for a filled place",
        ),
        Column("model_version", "string", "Of the shipped recommender: its name and a hash of its settings"),
        Column("stock_days", "int16", "In stock is what sold in so many last days", "days"),
        Column(
            "reason_kind",
            "string",
            "The strongest fact that is true: bought (this article), other_colour (of a product that was bought), "
            "bought_together (by others with one that was bought in the last 90 days), same_type (bought in the last "
            "365 days), age_band (of 20 buyers or more) and bestseller (of the last 7 days), sold (in the in-stock "
            "window)",
        ),
        Column(
            "reason_count",
            "int32",
            "By kind: days on which it was bought; purchases of the product, or of the type; days of customers "
            "with both; place among the bestsellers (of the age band); units",
        ),
        optional("reason_day", "date", "Day of the customer's purchase that the reason tells of"),
        optional("reason_article_key", "int64", "The article that was bought then, where it is another one"),
        optional("reason_of", "string", "Its name, the type of product, or the age band"),
        Column("reason", "string", "The same in words"),
    ),
)

SEGMENTS = Table(
    stage="recommendations",
    name="segments",
    one_row_is="an article that a segment buys more of than everybody does",
    description="Of those in stock, at most twelve a segment, by the lower end of the lift. Buyers count once per "
    "article. Lifts are drawn towards 1 (gamma-Poisson: DuMouchel 1999), every interval lies above 1, and the "
    "false discovery rate over all articles and segments is held at 5 %. Segments of fewer than 20 customers have "
    "no list.",
    monthly=True,
    key=("segment_id", "rank"),
    columns=(
        Column("segment_id", "int32", "The segment"),
        AS_OF,
        Column("rank", "int8", "Place on the list, from 1"),
        *ARTICLE,
        optional("name", "string", "Name of the article"),
        optional("type", "string", "Type of product"),
        optional("colour", "string", "Colour"),
        Column(
            "price_step", "string", "low, middle or high among what the segment paid: thirds of its purchases"
        ),
        Column("price", "float64", "Mean price paid for it in the window", "price index"),
        Column(
            "lift",
            "float64",
            "Share of the segment's purchases over that of everybody's, drawn towards 1",
        ),
        Column("low", "float64", "Lower end of its 95 % interval"),
        Column("high", "float64", "Upper end"),
        Column(
            "p_adjusted",
            "float64",
            "Binomial test against the others, Benjamini-Hochberg over articles and segments",
        ),
        optional(
            "buyers",
            "int64",
            "Customers of the segment who bought it; empty where fewer than 20",
            "customers",
        ),
        Column("days", "int16", "Purchases of so many last days count", "days"),
        Column("stock_days", "int16", "In stock is what sold in so many last days", "days"),
    ),
)

STYLES = Table(
    stage="recommendations",
    name="segment_styles",
    one_row_is="a step of a segment's price ladder, or a colour of its palette",
    description="What the articles of a segment's list should cost and look like. Segments of fewer than 20 customers, "
    "and colours with fewer than 20 buyers, are left out.",
    monthly=True,
    key=("segment_id", "kind", "place"),
    columns=(
        Column("segment_id", "int32", "The segment"),
        AS_OF,
        Column("kind", "string", "price or colour"),
        Column("place", "int8", "From 1: the lowest step; the colour with the highest lift"),
        Column("name", "string", "low, middle, high; the colour"),
        optional("from_price", "float64", "Of a step: prices are above this; empty for low", "price index"),
        optional("to_price", "float64", "Of a step: prices are at most this; empty for high", "price index"),
        Column(
            "share", "float64", "Of the segment's purchases (of one colour, each customer has one)", "share"
        ),
        Column("base", "float64", "The same of everybody's", "share"),
        optional("lift", "float64", "Of a colour: as in recommendations/segments"),
        optional("low", "float64", "Lower end of its 95 % interval"),
        optional("high", "float64", "Upper end"),
        Column("days", "int16", "Purchases of so many last days count", "days"),
    ),
)

TOPIC_ARTICLES = Table(
    stage="recommendations",
    name="topic_articles",
    one_row_is="an article that sells now, of those that are mostly about a topic",
    description="Of each topic at most twelve: of the articles whose largest topic it is, those that sold most since "
    "the first of the month.",
    monthly=True,
    key=("topic", "rank"),
    columns=(
        Column("topic", "int32", "Number: topic_1 in articles/topics is topic 1"),
        Column("topic_name", "string", "Its name in articles/topic_catalogue"),
        AS_OF,
        Column("rank", "int8", "Place, from 1"),
        *ARTICLE,
        optional("name", "string", "Name of the article"),
        optional("type", "string", "Type of product"),
        Column("share", "float64", "How much of its text the topic makes up", "share"),
        Column("units", "int64", "Lines with a price since the first of the month", "units"),
    ),
)

TABLES = (CUSTOMERS, SEGMENTS, STYLES, TOPIC_ARTICLES)
