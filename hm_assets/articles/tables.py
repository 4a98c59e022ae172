"""The tables of this stage and their columns."""

from hm_assets.articles import text
from hm_assets.articles.topic_lab import SAME_TOPIC
from hm_assets.warehouse.schema import Column, Table

MOST_TOPICS = 24

ATTRIBUTES = (
    ("product_type_name", "Type of product"),
    ("product_group_name", "Group of product types"),
    ("graphical_appearance_name", "Pattern"),
    ("colour_group_name", "Colour"),
    ("perceived_colour_master_name", "Main colour"),
    ("department_name", "Department; a name may stand for several departments"),
    ("index_name", "Index"),
    ("index_group_name", "Group of indexes"),
    ("section_name", "Section; a name may stand for several sections"),
    ("garment_group_name", "Garment group"),
)

ARTICLES = Table(
    stage="articles",
    name="articles",
    one_row_is="an article: a product in one colour, sold or not",
    key=("article_key",),
    columns=(
        Column("article_id", "string", "10 digits"),
        Column("article_key", "int64", "article_id as an integer"),
        Column(
            "product_code",
            "string",
            "A product in all its colours: the first 7 digits where none is delivered",
        ),
        Column("prod_name", "string", "Name; not a key", nullable=True),
        *(
            Column(name, "string", f"{meaning}; empty = unknown", nullable=True)
            for name, meaning in ATTRIBUTES
        ),
        Column("detail_desc", "string", "Description in words", nullable=True),
    ),
)

UNKNOWNS = Table(
    stage="articles",
    name="unknowns",
    one_row_is="an attribute and one way in which it was delivered as unknown",
    description="How `articles/articles` came by its empty values; nothing is guessed.",
    key=("column", "delivered"),
    columns=(
        Column("column", "string", "The delivered column"),
        Column("delivered", "string", "The value as delivered, without blanks around it; (empty) = none"),
        Column("articles", "int64", "Articles delivered so", "articles"),
        Column("share", "float64", "Their share of all articles"),
        Column("decision", "string", "What was made of it"),
    ),
)

_PRODUCT = Column("product_code", "string", "The product, in all its colours")

DOCUMENTS = Table(
    stage="articles",
    name="documents",
    one_row_is="a product in all its colours, with its text",
    description="Where the articles of a product differ in a value, the most frequent one. Nothing is about customers.",
    key=("product_code",),
    columns=(
        _PRODUCT,
        Column("articles", "int64", "Articles (colours) of the product", "articles"),
        Column(text.DESCRIPTION, "string", "Description, clean", nullable=True),
        Column(text.NAME, "string", "Name, clean; not a key", nullable=True),
        *(
            Column(name, "string", f"{dict(ATTRIBUTES)[name]}; empty = unknown", nullable=True)
            for name in text.ATTRIBUTES
        ),
        Column("text", "string", "Description, name and known attributes, one after the other"),
        Column("words", "int64", "Words in the text, repeated ones counted again", "words"),
        Column(
            "cut",
            "boolean",
            f"Whether a value had more than {text.LONGEST_TEXT:,} characters: the rest is not read",
        ),
    ),
)

VOCABULARY = Table(
    stage="articles",
    name="vocabulary",
    one_row_is="a term of the fitted vectoriser",
    description="Fitted once; kept while only articles change. TF-IDF and truncated SVD of the texts as one readable "
    "table: a text's vector is its TF-IDF row times the terms' vectors.",
    key=("term",),
    columns=(
        Column("term", "string", "One word or two in a row, in lower case"),
        Column("position", "int32", "Place of the term in the matrix"),
        Column("products", "int64", "Products whose text had it when the vectoriser was fitted", "products"),
        Column("idf", "float64", "Inverse document frequency"),
        Column("vector", "array<float32>", "The term in the truncated SVD"),
        Column("preset", "string", "Settings of the vectoriser: fashion or s0"),
        Column("recipe", "string", "Hash of settings and code that it was fitted with"),
    ),
)

TFIDF = Table(
    stage="articles",
    name="tfidf",
    one_row_is="a term in a product's text",
    description="The TF-IDF matrix without its zeros; a product's weights have length 1.",
    key=("product_code", "term"),
    columns=(
        _PRODUCT,
        Column("term", "string", "A term of `articles/vocabulary`"),
        Column("weight", "float64", "TF-IDF, of length 1 per product"),
    ),
)

EMBEDDINGS = Table(
    stage="articles",
    name="embeddings",
    one_row_is="a product's place among all texts",
    description="Truncated SVD of the TF-IDF matrix; the product of two vectors is their similarity.",
    key=("product_code",),
    columns=(
        _PRODUCT,
        Column("vector", "array<float32>", "Of length 1; of zeros where the text has no known term"),
    ),
)

TOPIC_CANDIDATES = Table(
    stage="articles",
    name="topic_candidates",
    one_row_is="one topic model that was tried: a method with a number of topics",
    description="Fitted once; kept while only articles change. Of each method the best is kept with its model. Which "
    "one is used follows the rule in `hm_assets/articles/topic_lab.py`.",
    key=("method", "k"),
    columns=(
        Column("method", "string", "nmf (on TF-IDF) or lda (on counts)"),
        Column("k", "int32", "Number of topics", "topics"),
        Column("coherence", "float64", "Mean c_npmi of the topics, over all fits; -1 to 1"),
        Column("coherence_low", "float64", "The same of the least coherent fit"),
        Column("coherence_high", "float64", "The same of the most coherent fit"),
        Column(
            "matched_cosine", "float64", "How alike the topics stay over seeds and 80 % samples; 1 = the same"
        ),
        Column("matched_cosine_min", "float64", "The same of the topic that changes most"),
        Column("steady_share", "float64", f"Share of topics with a matched cosine of at least {SAME_TOPIC}"),
        Column("diversity", "float64", "Share of different words among the ten heaviest of all topics"),
        Column(
            "nmi_product_type",
            "float64",
            "How far the leading topic restates the product type: 0 = not at all, 1 = entirely",
        ),
        Column("fits", "int32", "Fits that the measures are taken over", "fits"),
        Column("products", "int64", "Products it was fitted on", "products"),
        Column("depth", "string", "quick (fewer candidates and fits) or full"),
        Column("verdict", "string", "used, kept beside, or why not"),
        Column("recipe", "string", "Hash of settings, code and vocabulary that it was fitted with"),
        Column(
            "model", "string", "Words, idf, topics and priors as JSON, of those that are kept", nullable=True
        ),
    ),
)


def _topics(name: str, what: str) -> Table:
    return Table(
        stage="articles",
        name=name,
        one_row_is=f"an article's topic mix {what}",
        description="Scored with the model that is kept, so a new article gets a mix without a refit. An article whose "
        "text has no word that the model knows (words = 0) has the mean mix of the catalogue.",
        key=("article_key",),
        columns=(
            Column("article_id", "string", "10 digits"),
            Column("article_key", "int64", "article_id as an integer"),
            _PRODUCT,
            Column("words", "int64", "Words of its text that the model knows", "words"),
            *(
                Column(
                    f"topic_{i}",
                    "float64",
                    f"Share of topic {i}; empty = the model has fewer",
                    nullable=i > 1,
                )
                for i in range(1, MOST_TOPICS + 1)
            ),
        ),
    )


TOPICS = _topics("topics", "by the method that is used")
OTHER_TOPICS = _topics("other_topics", "by the method that is kept beside")

TOPIC_CATALOGUE = Table(
    stage="articles",
    name="topic_catalogue",
    one_row_is="a topic of one of the two kept models, as a buyer reads it",
    key=("method", "topic"),
    columns=(
        Column("method", "string", "nmf or lda"),
        Column("topic", "int32", "Number: topic_1 in the table of mixes is topic 1"),
        Column(
            "name", "string", "Product types and words that make it up; differs from all others of the method"
        ),
        Column("words", "string", "Its ten heaviest words, heaviest first"),
        Column("product_types", "string", "Its most frequent product types with their share of its articles"),
        Column("exemplars", "string", "Products that are most about it"),
        Column("share", "float64", "Its mean share over all articles"),
        Column("used", "boolean", "Whether what stands below reads this method"),
    ),
)

TOPIC_VALUE = Table(
    stage="articles",
    name="topic_value",
    one_row_is="a way to compare articles, and what it tells of taste beyond the product type",
    description="Share of triples in which two products of one type that a customer bought on different days are held "
    "for more alike than the first of them and a product of that type that another customer bought in the same month.",
    key=("rival", "representation"),
    columns=(
        Column(
            "rival", "string", "What the other customer's product shares with the own one, besides the month"
        ),
        Column("representation", "string", "What the similarity is taken from"),
        Column(
            "auc",
            "float64",
            "That share, each customer counted once; 0.5 = chance; for random the mean of many",
            nullable=True,
        ),
        Column(
            "low",
            "float64",
            "Lower end of its 95 % interval: over customers; for random over random vectors",
            nullable=True,
        ),
        Column("high", "float64", "Upper end", nullable=True),
        Column("more_than_columns", "float64", "Difference to the AUC of the plain columns", nullable=True),
        Column("more_low", "float64", "Lower end of its 95 % interval", nullable=True),
        Column("more_high", "float64", "Upper end", nullable=True),
        Column("customers", "int64", "Customers with a triple", "customers"),
        Column("triples", "int64", "Triples", "triples"),
        Column("verdict", "string", "The finding in words"),
    ),
)

TABLES = (
    ARTICLES,
    UNKNOWNS,
    DOCUMENTS,
    VOCABULARY,
    TFIDF,
    EMBEDDINGS,
    TOPIC_CANDIDATES,
    TOPICS,
    OTHER_TOPICS,
    TOPIC_CATALOGUE,
    TOPIC_VALUE,
)
