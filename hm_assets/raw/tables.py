"""The tables of this stage and their columns."""

from hm_assets.sources import contract
from hm_assets.warehouse.schema import Column, Table

CUSTOMERS = Table(
    stage="raw",
    name="customers",
    one_row_is=contract.CUSTOMERS.one_row_is,
    description="As delivered, in text. Of rows with one customer_id the first is kept.",
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "First 60 bits of md5(customer_id)"),
        *contract.CUSTOMERS.columns,
    ),
)

ARTICLES = Table(
    stage="raw",
    name="articles",
    one_row_is=contract.ARTICLES.one_row_is,
    description="As delivered, in text; an article_id that lost its leading zero has it again.",
    key=("article_key",),
    columns=(
        Column("article_key", "int64", "article_id as an integer"),
        *contract.ARTICLES.columns,
    ),
)

TRANSACTIONS = Table(
    stage="raw",
    name="transactions",
    one_row_is=contract.TRANSACTIONS.one_row_is,
    description="Every accepted line of the month. Equal lines stay: they are units of one purchase.",
    monthly=True,
    columns=(
        Column("t_dat", "date", "Day of the purchase"),
        Column("customer_key", "int64", "Who bought"),
        Column("article_key", "int64", "What was bought"),
        Column("price", "float64", "Price of the unit", "price index"),
        Column("sales_channel_id", "int8", f"{contract.STORE} = store, {contract.ONLINE} = online"),
        Column("source_file", "string", "The file that delivered the line"),
    ),
)

REJECTS = Table(
    stage="raw",
    name="rejects",
    one_row_is="a refused row of a delivered file",
    columns=(
        Column("file", "string", "The delivered file"),
        Column("line", "int64", "Line in the file, the header being line 1"),
        Column(
            "column", "string", "The column that was refused; empty where the row has too few or too many"
        ),
        Column("value", "string", "What it held", nullable=True),
        Column("reason", "string", "Why it was refused"),
    ),
)

DELIVERIES = Table(
    stage="raw",
    name="deliveries",
    one_row_is="a delivered file, for transactions one month of it, with what became of its rows",
    description="rows = accepted + refused + superseded + pending, always.",
    key=("file", "month_delivered"),
    columns=(
        Column("file", "string", "The delivered file"),
        Column("month_delivered", "date", "Month of the rows; empty where a row has no date", nullable=True),
        Column("role", "string", "customers, articles, base, month (replaces that month) or addition"),
        Column("rows", "int64", "Rows in the file"),
        Column("accepted", "int64", "Rows in the table"),
        Column("refused", "int64", "Rows in raw/rejects"),
        Column("superseded", "int64", "Rows of a month that another file replaced as a whole"),
        Column("superseded_by", "string", "That file", nullable=True),
        Column("pending", "int64", "Rows of a month that raw/transactions was not asked for yet"),
        Column("sha256", "string", "SHA-256 of the file's content, unpacked"),
    ),
)

TABLES = (CUSTOMERS, ARTICLES, TRANSACTIONS, REJECTS, DELIVERIES)
