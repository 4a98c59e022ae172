"""The table of this room. No asset makes it: every export adds to it, so it is no part of the graph."""

from hm_assets.warehouse.schema import Column, Table

CONTACTS = Table(
    stage="playbooks",
    name="contacts",
    one_row_is="a customer who was handed to a campaign",
    description="The ledger of exports: it holds back who was already given to enough campaigns around a day.",
    monthly=True,
    key=("campaign", "customer_key"),
    columns=(
        Column("customer_key", "int64", "The customer"),
        Column("campaign", "string", "The name that the audience was exported under"),
        Column("send_on", "date", "The day that the campaign is sent, as the export was told"),
    ),
)
