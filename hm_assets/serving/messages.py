"""What the API takes and gives, as OpenAPI describes it."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hm_assets.sources.contract import ONLINE, STORE

FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
MOST_PURCHASES = 20_000
MOST_CUSTOMERS = 10_000

Day = Annotated[dt.date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Id = Annotated[str, Field(min_length=1, max_length=256)]
ArticleId = Annotated[str, Field(pattern="^[0-9]{1,10}$", description="Up to 10 digits")]
Price = Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False)]


# A number is no truth value and no text that looks like one.
Number = Annotated[float, Field(strict=True)]
Text = Annotated[str, Field(strict=True, max_length=256)]


class Message(BaseModel):
    """A message without unknown parts."""

    model_config = ConfigDict(extra="forbid")


class Purchase(Message):
    """A line as bought: one unit; equal lines are quantity."""

    t_dat: Day = Field(description="Day of the purchase")
    article_id: ArticleId
    price: Price = Field(description="Price of the unit, in the index of the files")
    sales_channel_id: Literal[1, 2] = Field(description=f"{STORE} = store, {ONLINE} = online")


class Landed(Purchase):
    """The same with who bought, for the landing zone."""

    customer_id: Id


class Customer(Message):
    """A customer as features of the model, or as all their purchases: exactly one of the two."""

    customer_id: Id | None = Field(
        None, description="Comes back with the answer; nothing else is done with it"
    )
    features: dict[str, Number | Text | None] | None = Field(
        None, description="Every feature of the model (see `/segment_profile`); none is filled in"
    )
    purchases: Annotated[list[Purchase], Field(min_length=1, max_length=MOST_PURCHASES)] | None = Field(
        None, description="The whole history, in any order"
    )
    as_of: Day | None = Field(
        None, description="With purchases: the day that counts as today; without, that of the published month"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "Customer":
        if (self.features is None) == (self.purchases is None):
            raise ValueError("give either `features` or `purchases`")
        if self.as_of is not None and self.purchases is None:
            raise ValueError(
                "`as_of` belongs to `purchases`; features are of the day that they were computed for"
            )
        return self


class Customers(Message):
    """Many customers."""

    customers: Annotated[list[Customer], Field(min_length=1, max_length=MOST_CUSTOMERS)]


class Purchases(Message):
    """Purchases of today, or of any day."""

    purchases: Annotated[list[Landed], Field(min_length=1)]


class Named(BaseModel):
    """A segment."""

    segment_id: int
    segment_name: str


class Product(BaseModel):
    """An article and why it is shown."""

    rank: int
    article_id: str
    name: str | None
    reason: str


class Placed(Named):
    """Where a customer belongs."""

    customer_id: str | None
    confidence: float = Field(description="0 to 1; see `segments/assignments`")
    runner_up: Named | None = Field(description="The second nearest segment")
    sub_segment: int | None = Field(description="Part of a large segment, where it splits well")


class Prediction(Placed):
    """Where a customer belongs, what that segment is like, and what to show."""

    characteristics: list[str]
    recommendations: list[Product]
    model_version: str
    as_of: dt.date = Field(description="The day that the segments are described on")


class Predictions(BaseModel):
    """Where many customers belong, in their order."""

    customers: list[Placed]
    model_version: str
    as_of: dt.date


class Fact(BaseModel):
    """A figure of a segment; cells of fewer than 20 people are left out."""

    kind: str
    fact: str
    label: str
    unit: str | None
    value: float
    low: float | None
    high: float | None
    base: float | None = Field(description="The same of all customers with purchases")


class Profile(Named):
    """A segment in words and figures, and the features that the model reads."""

    customers: int | None
    characteristics: list[str]
    facts: list[Fact]
    features: list[str]
    model_version: str
    as_of: dt.date


class Recommendations(Named):
    """What to show a segment."""

    recommendations: list[Product]
    as_of: dt.date


class CustomerList(BaseModel):
    """What to show a customer."""

    customer_id: str
    recommendations: list[Product]
    as_of: dt.date


class Receipt(BaseModel):
    """Purchases that are on disk; the landing sensor takes it from here."""

    file: str
    lines: int
    repeated: bool = Field(description="Whether the same purchases had come under this key before")


class Health(BaseModel):
    """Whether the portal answers, and the latest month of documents."""

    status: Literal["ok"]
    latest_month: str | None


class Fault(BaseModel):
    """What was wrong, and what to do."""

    detail: str


EXAMPLE_PURCHASES: list[dict[str, Any]] = [
    {"t_dat": "2020-06-01", "article_id": "0108775015", "price": 0.0169, "sales_channel_id": ONLINE},
    {"t_dat": "2020-08-15", "article_id": "0108775044", "price": 0.0254, "sales_channel_id": STORE},
]
EXAMPLES: dict[str, Any] = {
    "purchases": {
        "summary": "Raw purchases",
        "value": {"customer_id": "new", "purchases": EXAMPLE_PURCHASES, "as_of": "2020-09-22"},
    },
    "features": {
        "summary": "Features, where the model reads these three",
        "value": {"features": {"recency_days": 12, "purchase_days": 5, "spend": 0.31}},
    },
}
