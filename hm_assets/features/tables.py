"""The tables of this stage and their columns."""

from hm_assets.warehouse.schema import Column, Table

INDEX = "price index"

CUSTOMER_DAYS = Table(
    stage="features",
    name="customer_days",
    one_row_is="a customer's day in a channel: what counts as one order",
    description="The files carry no order number, so a basket is customer x day x channel. "
    "The only table of this stage that reads lines.",
    monthly=True,
    key=("customer_key", "t_dat", "sales_channel_id"),
    columns=(
        Column("customer_key", "int64", "Who bought"),
        Column("t_dat", "date", "Day of the purchase"),
        Column("sales_channel_id", "int8", "1 = store, 2 = online"),
        Column(
            "new_day",
            "int8",
            "1, or 0 on the second channel of a day: its sum is the number of different days",
        ),
        Column("items", "int32", "Units bought", "units"),
        Column("articles", "int32", "Different articles among them", "articles"),
        Column("spend", "float64", "Sum of the prices, exact to 1e-9", INDEX),
    ),
)

CUSTOMER_FEATURES = Table(
    stage="features",
    name="customer_features",
    one_row_is="a customer with a line on or before as_of, as seen on that day",
    description="as_of is the latest day with a line in the month, or its end where there is none. "
    "A window of w days is (as_of - w, as_of].",
    monthly=True,
    key=("customer_key",),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("as_of", "date", "The day on which this is true"),
        Column("recency_days", "int32", "as_of minus the last day with a purchase", "days"),
        Column("tenure_days", "int32", "as_of minus the first day with a purchase in the files", "days"),
        Column("purchase_days", "int32", "Different days with a purchase, so far", "days"),
        Column("orders", "int32", "Orders (customer x day x channel), so far", "orders"),
        Column("items", "int32", "Units bought, so far", "units"),
        Column("spend", "float64", "Sum of prices, so far", INDEX),
        Column("orders_365d", "int32", "Orders in the last 365 days", "orders"),
        Column("online_orders_365d", "int32", "Those of them online", "orders"),
        Column("items_365d", "int32", "Units in the last 365 days", "units"),
        Column("spend_365d", "float64", "Sum of prices in the last 365 days", INDEX),
    ),
)

TABLES = (CUSTOMER_DAYS, CUSTOMER_FEATURES)
