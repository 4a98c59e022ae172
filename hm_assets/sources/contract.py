"""The contract of the input files: which files, which columns, what each means.

The layout is that of the H&M Kaggle files. Columns are found by name, in any order; further ones are left out
with a notice. Everything is read as text: what a value means is decided by the stage that uses it.
"""

from dataclasses import dataclass

from hm_assets.warehouse.schema import Column

SUFFIXES = (".csv", ".csv.gz", ".csv.zip", ".parquet")
OPTIONAL_FILES = ("engagement", "returns", "campaigns", "campaign_results")

STORE, ONLINE = 1, 2

HOW_TO_GET = (
    "Put the three files of the H&M Kaggle layout there (customers.csv, articles.csv, transactions_train.csv), "
    "or make a demo with `hm data generate --preset demo --to DIR`."
)


@dataclass(frozen=True)
class InputFile:
    """One kind of file: its name without suffix, what it holds, and its columns."""

    kind: str
    stem: str
    one_row_is: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names."""
        return tuple(column.name for column in self.columns)


def _text(name: str, description: str, nullable: bool = True) -> Column:
    return Column(name, "string", description, nullable=nullable)


CUSTOMERS = InputFile(
    kind="customers",
    stem="customers",
    one_row_is="a customer, with or without purchases",
    columns=(
        _text("customer_id", "The retailer's id, any text", nullable=False),
        _text("FN", "1 where the customer gets fashion news; empty means no"),
        _text("Active", "1 where the customer is active for communication; empty means no"),
        _text("club_member_status", "Status in the loyalty club, as delivered"),
        _text("fashion_news_frequency", "How often fashion news is sent, as delivered"),
        _text("age", "Age in years, as delivered"),
        _text("postal_code", "Hashed postal code; one frequent value is a placeholder"),
    ),
)

_PAIRS = (
    ("product_type", "no", "name", "Type of product (Vest top)"),
    ("graphical_appearance", "no", "name", "Pattern (Solid, Stripe)"),
    ("colour_group", "code", "name", "Colour (Black)"),
    ("perceived_colour_value", "id", "name", "How light or dark the colour looks"),
    ("perceived_colour_master", "id", "name", "Main colour"),
    ("department", "no", "name", "Department"),
    ("index", "code", "name", "Index (Ladieswear)"),
    ("index_group", "no", "name", "Group of indexes"),
    ("section", "no", "name", "Section; two numbers may share a name"),
    ("garment_group", "no", "name", "Garment group"),
)


def _article_columns() -> tuple[Column, ...]:
    pairs = {
        stem: (
            _text(f"{stem}_{number}", f"{meaning}: its code"),
            _text(f"{stem}_{name}", f"{meaning}: its name"),
        )
        for stem, number, name, meaning in _PAIRS
    }
    return (
        _text("article_id", "10 digits; the first 7 are the product code", nullable=False),
        _text("product_code", "A product in all its colours"),
        _text("prod_name", "Name of the product; not a key"),
        *pairs["product_type"],
        _text("product_group_name", "Group of product types"),
        *(column for stem, *_ in _PAIRS[1:] for column in pairs[stem]),
        _text("detail_desc", "Description in words"),
    )


ARTICLES = InputFile(
    kind="articles",
    stem="articles",
    one_row_is="an article: a product in one colour, sold or not",
    columns=_article_columns(),
)

TRANSACTIONS = InputFile(
    kind="transactions",
    stem="transactions_train",
    one_row_is="a line as bought: one unit; equal lines are quantity, not duplicates",
    columns=(
        _text("t_dat", "Day of the purchase (YYYY-MM-DD)", nullable=False),
        _text("customer_id", "Who bought", nullable=False),
        _text("article_id", "What was bought", nullable=False),
        _text("price", "Price of the unit, in the file's own index", nullable=False),
        _text("sales_channel_id", f"{STORE} = store, {ONLINE} = online", nullable=False),
    ),
)

CAMPAIGN_RESULTS = InputFile(
    kind="campaign_results",
    stem="campaign_results",
    one_row_is="a customer of a campaign's audience, treated or held out, whatever they did",
    columns=(
        _text(
            "campaign",
            "The campaign's key, as in its treated and holdout files; campaign_id is the same",
            False,
        ),
        _text("customer_id", "The retailer's id; once per campaign", nullable=False),
        _text("sent", "1 where something was sent, else 0; the column may be missing"),
        _text("ordered", "1 where they ordered within the campaign's days, else 0; or spend, or both"),
        _text("spend", "What they spent within those days, 0 where nothing, in any unit"),
    ),
)

INPUT_FILES = (CUSTOMERS, ARTICLES, TRANSACTIONS)
