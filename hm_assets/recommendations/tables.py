"""The tables of this stage's judgement and their columns."""

from hm_assets.warehouse.schema import Column, Table, optional

STAGE = "recommendations"
ALL_WEEKS, EVERYBODY, ITSELF = "all", "everybody", ""

BACK_TEST = Table(
    stage=STAGE,
    name="back_test",
    one_row_is="a customer who bought in the seven days after a past day, and the list of a recommender of that day",
    description="The lists behind the scores of a month, for at most a few thousand of those who bought. Each "
    "recommender knew what was known on the day. Purchases are articles on a day with a price above 0.",
    monthly=True,
    kinds=frozenset({"duckdb", "deltalake"}),
    key=("as_of", "recommender", "setting", "customer_key"),
    columns=(
        Column("as_of", "date", "The judged day: nothing later is in the list"),
        Column("recommender", "string", "As in recommendations/scoreboard"),
        Column(
            "setting",
            "string",
            "as_is; owned_left_out (no article that the customer bought before); in_stock (only articles sold lately); "
            "variety=0.3 and so on (re-ranked for variety, a part of the customers)",
        ),
        Column("customer_key", "int64", "The customer"),
        Column("bought", "int32", "Different articles bought in the week", "articles"),
        Column("bought_new", "int32", "Those of them that the customer had never bought", "articles"),
        Column("hits", "int32", "Bought articles in the list", "articles"),
        Column("ap", "float64", "Average precision at 12, divided by min(bought, 12) as Kaggle does"),
        Column("recall", "float64", "Share of the bought articles that stands in the list"),
        optional(
            "ap_new", "float64", "ap of the articles that were new to the customer alone; empty without one"
        ),
        optional("ap_repeat", "float64", "ap of the others alone; empty without one"),
        optional(
            "diversity",
            "float64",
            "1 - mean cosine between the articles of the list in articles/embeddings; empty with fewer than two",
        ),
        optional(
            "novelty",
            "float64",
            "Mean -log2 of the share of customers who had bought an article of it",
            "bits",
        ),
        Column("articles", "array<int64>", "Keys of the articles of the list, best first"),
        Column("on_sale", "array<boolean>", "Whether each of them was sold in the 28 days up to as_of"),
        Column("range_28d", "int32", "Different articles sold in the 28 days up to as_of", "articles"),
        Column("range_known", "int32", "Different articles ever sold up to as_of", "articles"),
        Column("age", "string", "Age band, or unknown"),
        Column("recency", "string", "Days since the last purchase, in bands, or never"),
        Column("history", "string", "none; cold (fewer than 5 purchase days); warm"),
        Column("segment", "string", "Segment of the latest month that ended by as_of, or unknown"),
        Column(
            "seconds",
            "float64",
            "Time to fit it and to make the lists; of a ranker without its learning, which all weeks share "
            "(metadata `learning`)",
            "seconds",
            measured=True,
        ),
    ),
)

SCOREBOARD = Table(
    stage=STAGE,
    name="scoreboard",
    one_row_is="a measure of a recommender's lists, in a past week or over all of them, or its lead over another one",
    description="Lists of past days judged by what was bought in the seven days after each. Of a week: 95 % bootstrap "
    "over customers, the same draws for all recommenders. Over all weeks: the week is the unit (t interval over weeks "
    "as clusters), since scores move between weeks by more than customers explain. No row: the lines are too short.",
    monthly=True,
    kinds=frozenset({"duckdb", "deltalake"}),
    key=("week", "recommender", "slice", "metric", "against"),
    columns=(
        Column("week", "string", "The judged day as YYYY-MM-DD, or all"),
        Column(
            "recommender", "string", "A rung of the ladder; random and bestsellers stand beside all others"
        ),
        Column(
            "slice",
            "string",
            "everybody; owned_left_out, in_stock, variety=0.3 (settings of the lists); articles=new, articles=repeat; "
            "first_time (owned left out, new articles only); age=, recency=, history=, segment=",
        ),
        Column(
            "metric",
            "string",
            "map_at_12, recall_at_12, hit_rate, diversity, novelty, coverage_28d, coverage_known",
        ),
        Column(
            "against",
            "string",
            "Empty: the measure itself. Else the value is what it is above that of this recommender (or of variety=0), "
            "over the same customers and weeks",
        ),
        optional("value", "float64", "The measure; empty where it is withheld, or defined for nobody"),
        optional("low", "float64", "Lower end of its 95 % interval; empty for a single week's coverage"),
        optional("high", "float64", "Upper end"),
        optional("between_weeks", "float64", "Standard deviation of the weekly values: the noise band"),
        optional("of", "float64", "Of a coverage: the articles that it is a share of", "articles"),
        optional("judged", "int64", "Customers of all weeks that it rests on", "customer-weeks"),
        Column("weeks", "int32", "Weeks that it rests on", "weeks"),
        optional("verdict", "string", "Of map_at_12: what the intervals say, in words"),
        Column(
            "withheld",
            "boolean",
            "Whether fewer than 20 people are behind it, or those who would give them away",
        ),
        Column("baseline", "boolean", "Whether this is one of the plain recommenders to beat"),
        Column("shipped", "boolean", "Whether this recommender is the one to take"),
        Column("why", "string", "Why that one is taken"),
        Column(
            "seconds",
            "float64",
            "Mean time to fit and to make the lists; of a ranker without its learning",
            "seconds",
            nullable=True,
            measured=True,
        ),
    ),
)

TABLES = (BACK_TEST, SCOREBOARD)
