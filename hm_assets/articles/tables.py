"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table

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

TABLES = (ARTICLES,)
