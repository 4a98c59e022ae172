"""Which facts segments are judged by, and what each is made of: what shares a source with the space proves nothing.

The map is strict: `spend` is a sum over visits of units times prices, and a price is that of an article of some taste
less a discount. So whatever is made of visits, units, prices, tastes or discounts is *by construction* where customers
are clustered on spend, even if it is no column of the space: whose items were reduced by lot paid less. Facts that
count how many different things somebody bought, or which most, are left out: both follow from how much was bought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hm_assets.features.attributes import part, parts
from hm_assets.segments.inputs import SHAPE, TASTES
from hm_assets.segments.space import Space

Tier = Literal["construction", "held_out", "later"]
CONSTRUCTION: Tier = "construction"
HELD_OUT: Tier = "held_out"
LATER: Tier = "later"

Kind = Literal["number", "share", "category"]


@dataclass(frozen=True)
class Fact:
    """A fact about a customer: its name, what it is in words, its kind and its sources (none: it comes later).

    Ranks are compared of numbers only: who bought twice has a share of 0, a half or 1, so the ranks of shares follow
    from how often somebody bought, while their means do not.
    """

    name: str
    words: str
    kind: Kind
    sources: frozenset[str] = frozenset()

    @property
    def comes_later(self) -> bool:
        """Whether it happens after the judged day."""
        return not self.sources


def _fact(name: str, words: str, kind: Kind, *sources: str) -> Fact:
    return Fact(name, words, kind, frozenset(sources))


# What a price is made of: an article of half the price is of some group, or reduced.
PRICES = ("prices", "tastes", "discounts")
GROUPS = parts("index_group")
GROUP_SHARES = tuple(f"{name}_share" for name in GROUPS if name != part("index_group", 0))
FACTS = (
    _fact("recency_days", "days since the last purchase", "number", "visits"),
    _fact("purchase_days", "days with a purchase", "number", "visits"),
    _fact("tenure_days", "days since the first purchase", "number", "visits"),
    _fact("orders_365d", "orders in the last year", "number", "visits"),
    _fact("spend", "spend so far", "number", "visits", "units", *PRICES),
    _fact("spend_365d", "spend in the last year", "number", "visits", "units", *PRICES),
    _fact("items_per_order", "units per order", "number", "visits", "units"),
    _fact("price_per_item", "price per item", "number", *PRICES),
    _fact("online_share_365d", "share bought online", "share", "channel"),
    _fact("below_reference_share_365d", "share bought below the usual price", "share", "discounts"),
    *(_fact(name, f"share of index group {i}", "share", "tastes") for i, name in enumerate(GROUP_SHARES, 1)),
    _fact("age", "age", "number", "age"),
    _fact("club_member_status", "club status", "category", "club"),
    _fact("fashion_news", "gets fashion news", "category", "news"),
    _fact("later_bought", "bought in the next 90 days", "category"),
    _fact("later_spend", "spend in the next 90 days", "number"),
    _fact("later_orders", "orders in the next 90 days", "number"),
    _fact("later_units", "units in the next 90 days", "number"),
)
BY_NAME: Mapping[str, Fact] = {fact.name: fact for fact in FACTS}

# What the columns that customers may be clustered on are made of. Tastes, months and channels are empty for who bought
# nothing for a year, so visits are in them too.
COLUMN_SOURCES: Mapping[str, frozenset[str]] = {
    **{fact.name: fact.sources for fact in FACTS if fact.sources},
    "mean_gap_days": frozenset({"visits"}),
    "main_channel": frozenset({"channel", "visits"}),
    "favourite_group": frozenset({"tastes", "units", "visits"}),
    **dict.fromkeys(SHAPE, frozenset({"visits", "units"})),
    **dict.fromkeys(TASTES, frozenset({"tastes", "units", "visits"})),
}


def named(groups: Mapping[int, str]) -> tuple[Fact, ...]:
    """The facts with index groups called by their names: position -> name; those without one are left out."""
    called = {f"{part('index_group', position)}_share": name for position, name in groups.items()}
    return tuple(
        replace(fact, words=f"share of {called[fact.name]}") if fact.name in called else fact
        for fact in FACTS
        if fact.name not in GROUP_SHARES or fact.name in called
    )


def sources_of(space: Space) -> frozenset[str]:
    """All that the columns of a space are made of.

    Raises
    ------
    KeyError
        A column that nobody has said the sources of.
    """
    return frozenset().union(*(COLUMN_SOURCES[column] for column in space.columns))


def tier_of(fact: Fact, space: Space) -> Tier:
    """Which rung of the ladder a fact stands on, for segments made in that space."""
    if fact.comes_later:
        return LATER
    return CONSTRUCTION if fact.sources & sources_of(space) else HELD_OUT
