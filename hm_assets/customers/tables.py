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

TABLES = (CUSTOMERS,)
