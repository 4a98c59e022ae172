"""What an audience can be chosen by: each field with its meaning, its values and the table that it comes from.

Age is none of them: a choice by age is left out on purpose (idea: fair by default), and what a rule does to the age
bands is measured instead (`parity.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features.tables import AFFINITIES, CUSTOMER_FEATURES
from hm_assets.forecasts.tables import CUSTOMERS as OUTLOOK
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.warehouse.schema import Table

Kind = Literal["choice", "number", "flag", "taste"]

UNKNOWN: Final = "unknown"
LEFT: Final = "LEFT CLUB"
HIGH_FROM, MIDDLE_FROM = 0.8, 0.5
ONLINE_FROM, STORE_UP_TO = 0.8, 0.2
LIKES_FROM: Final = 1.5
"""From this affinity on a customer is said to like something: one and a half times the units that everybody buys."""


@dataclass(frozen=True)
class Field:
    """Something that a condition may ask about.

    Attributes
    ----------
    name
        As rules write it.
    label
        As people read it.
    kind
        `choice` is one of some values, `number` is compared, `flag` is or is not, `taste` is a value that is liked.
    table
        Where it comes from.
    about
        What it means, in a sentence.
    values
        Of a choice that is the same in every month; empty where the month's tables tell.
    most
        Of a number: the highest that makes sense.
    attribute
        Of a taste: the article attribute.
    """

    name: str
    label: str
    kind: Kind
    table: Table
    about: str
    values: tuple[str, ...] = ()
    most: float | None = None
    attribute: str = ""


FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field(
            "segment", "Segment", "choice", ASSIGNMENTS, "The segment's number; 0 is who has not bought yet"
        ),
        Field(
            "churn",
            "Churn risk",
            "number",
            OUTLOOK,
            "Chance of no order in the next 90 days, 0 to 1 or with a %",
            most=1.0,
        ),
        Field(
            "value",
            "Expected value",
            "choice",
            OUTLOOK,
            "By the spend expected in 12 months: high is the top 20 % of customers, middle the next 30 %, low the rest",
            ("high", "middle", "low"),
        ),
        Field(
            "value_90d",
            "Expected spend, 90 days",
            "number",
            OUTLOOK,
            "Spend expected in 90 days, price index",
        ),
        Field(
            "value_12m",
            "Expected spend, 12 months",
            "number",
            OUTLOOK,
            "Spend expected in 12 months, price index",
        ),
        Field(
            "tier",
            "Spend so far",
            "choice",
            CUSTOMER_FEATURES,
            "By all spend so far: premium is the top 5 % of customers, high the next 15, medium the next 30",
            ("premium", "high", "medium", "low"),
        ),
        Field(
            "stage",
            "Lifecycle",
            "choice",
            CUSTOMER_FEATURES,
            "new: first bought under 90 days ago; else by days since: active (90), cooling (180), lapsing (365), lost",
            ("new", "active", "cooling", "lapsing", "lost"),
        ),
        Field(
            "recency", "Days since the last purchase", "number", CUSTOMER_FEATURES, "Days, as of the month"
        ),
        Field(
            "channel",
            "Where they buy",
            "choice",
            CUSTOMER_FEATURES,
            "Of the orders of 365 days: online is 80 % and more online, store 20 % and less, mixed between",
            ("online", "mixed", "store"),
        ),
        Field(
            "category",
            "Likes the category",
            "taste",
            AFFINITIES,
            "A product group that they take to",
            attribute="product_group",
        ),
        Field(
            "department",
            "Likes the department",
            "taste",
            AFFINITIES,
            "An index group (Ladieswear, ...) that they take to",
            attribute="index_group",
        ),
        Field(
            "colour",
            "Likes the colour",
            "taste",
            AFFINITIES,
            "A colour that they take to",
            attribute="colour",
        ),
        Field("optin", "Gets fashion news", "flag", CUSTOMERS, "Signed up for fashion news (FN)"),
        Field("active", "Active for communication", "flag", CUSTOMERS, "Active for communication (Active)"),
        Field(
            "club",
            "Club status",
            "choice",
            CUSTOMERS,
            "Membership; who left is never in an export",
            ("ACTIVE", "PRE-CREATE", LEFT, UNKNOWN),
        ),
        Field(
            "news",
            "News frequency",
            "choice",
            CUSTOMERS,
            "How often they get fashion news",
            ("REGULARLY", "MONTHLY", "NONE", UNKNOWN),
        ),
    )
}
"""All fields by name, in the order of the form."""
