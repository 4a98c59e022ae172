"""Strengths, pains and opportunities: each a predicate over facts, with a sentence that prints its figures.

A difference counts where the 95 % interval keeps clear of the base and the index is far enough from 100. No sentence
promises an effect, and none speaks of what the files do not hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hm_assets.profiles.names.words import LIMIT_DAYS
from hm_assets.profiles.words.defining import direction
from hm_assets.profiles.words.pieces import Facts

Test = Callable[[Facts], bool]
Kind = Literal["strength", "pain", "opportunity"]


@dataclass(frozen=True)
class Rule:
    """A row of the table: what must hold, and the sentence. The first figure of it is what it rests on."""

    kind: Kind
    name: str
    holds: Test
    template: str


def more(fact: str, index: float) -> Test:
    """The fact lies clearly above the base, at this index (100 = the base) or higher."""

    def test(facts: Facts) -> bool:
        row = facts.get(fact)
        return row is not None and direction(row) == "more" and (row["index_to_base"] or 0) >= index

    return test


def less(fact: str, index: float) -> Test:
    """The fact lies clearly below the base, at this index or lower."""

    def test(facts: Facts) -> bool:
        row = facts.get(fact)
        return row is not None and direction(row) == "less" and (row["index_to_base"] or 0) <= index

    return test


def at_most(fact: str, value: float) -> Test:
    """The fact's own figure is at most this."""
    return lambda facts: (row := facts.get(fact)) is not None and row["value"] <= value


def above(fact: str, value: float) -> Test:
    """The fact's own figure is above this."""
    return lambda facts: (row := facts.get(fact)) is not None and row["value"] > value


def not_less(fact: str) -> Test:
    """The fact does not lie clearly below the base."""
    return lambda facts: (row := facts.get(fact)) is not None and direction(row) != "less"


def both(*tests: Test) -> Test:
    """All of them."""
    return lambda facts: all(test(facts) for test in tests)


def listed(kind: str) -> Test:
    """A value of this kind of taste is over-indexed beyond doubt."""
    return lambda facts: kind in facts


def spend_for_number(above: bool) -> Test:
    """The share of the year's spend lies clearly above (or below) the share of customers, by a quarter at least."""

    def test(facts: Facts) -> bool:
        spend, number = facts.get("share_of_spend_365d"), facts.get("share_of_customers")
        if spend is None or number is None or spend["low"] is None:
            return False
        share = number["value"]
        return bool(
            spend["low"] > share and spend["value"] >= 1.25 * share
            if above
            else spend["high"] < share and spend["value"] <= 0.75 * share
        )

    return test


RULES = (
    Rule("strength", "spend", spend_for_number(above=True),
         "They bring {share_of_spend_365d} of the year’s spend and are {share_of_customers} of the customers."),
    Rule("strength", "recent", less("recency_days", 75),
         "Half of them bought within the last {recency_days}; of all customers within {recency_days.base}."),
    Rule("strength", "often", more("orders_365d", 120),
         "They order {orders_365d} times a year, all customers {orders_365d.base} times."),
    Rule("strength", "still_buying", more("bought_365d", 105),
         "{bought_365d} of them bought in the last year; of all customers {bought_365d.base}."),
    Rule("strength", "baskets", more("items_per_order", 110),
         "They take {items_per_order} items an order, all customers {items_per_order.base}."),
    Rule("strength", "dear_items", more("price_per_item", 110),
         "They pay {price_per_item} for an item (price index), all customers {price_per_item.base}."),
    Rule("strength", "usual_prices", less("discount_share", 90),
         "They buy {discount_share} of their items below the usual price, all customers {discount_share.base}."),
    Rule("strength", "reachable", more("fashion_news", 110),
         "{fashion_news} of them get the fashion news; of all customers {fashion_news.base}."),
    Rule("strength", "club", more("club_active", 103),
         "{club_active} of them are active club members; of all customers {club_active.base}."),
    Rule("pain", "away", more("recency_days", 133),
         "Half of them have not bought for {recency_days} or longer; of all customers {recency_days.base}."),
    Rule("pain", "gone", less("bought_365d", 90),
         "Only {bought_365d} of them bought in the last year; of all customers {bought_365d.base}."),
    Rule("pain", "once", both(more("bought_once", 110), above("recency_days", LIMIT_DAYS)),
         "{bought_once} of them ordered only once, and half have not bought for {recency_days} or longer; of all "
         "customers {bought_once.base} ordered only once."),
    Rule("pain", "seldom", less("orders_365d", 80),
         "They order {orders_365d} times a year, all customers {orders_365d.base} times."),
    Rule("pain", "spend", spend_for_number(above=False),
         "They bring {share_of_spend_365d} of the year’s spend and are {share_of_customers} of the customers."),
    Rule("pain", "baskets", less("items_per_order", 90),
         "They take {items_per_order} items an order, all customers {items_per_order.base}."),
    Rule("pain", "cheap_items", less("price_per_item", 90),
         "They pay {price_per_item} for an item (price index), all customers {price_per_item.base}."),
    Rule("pain", "low_prices", more("discount_share", 110),
         "They buy {discount_share} of their items below the usual price, all customers {discount_share.base}."),
    Rule("pain", "unreachable", less("fashion_news", 90),
         "Only {fashion_news} of them get the fashion news; of all customers {fashion_news.base}."),
    Rule("pain", "left_the_club", more("club_left", 120),
         "{club_left} of them left the club; of all customers {club_left.base}."),
    Rule("opportunity", "win_back", both(more("recency_days", 133), not_less("spend_per_order")),
         "An order of theirs was worth {spend_per_order} (price index), no less than the {spend_per_order.base} of "
         "all customers, and half of them have been away for {recency_days} or longer."),
    Rule("opportunity", "consent", both(less("recency_days", 75), at_most("fashion_news", 0.5)),
         "Half of them bought within {recency_days}, and {fashion_news} get the fashion news: ask the others."),
    Rule("opportunity", "second_order", both(at_most("orders", 2), less("recency_days", 75)),
         "Half of them have ordered no more than {orders} times, and half bought within {recency_days}: they can be "
         "asked back while they remember."),
    Rule("opportunity", "baskets", both(more("orders_365d", 120), less("items_per_order", 97)),
         "They order {orders_365d} times a year with {items_per_order} items an order, all customers with "
         "{items_per_order.base}."),
    Rule("opportunity", "category", listed("category"),
         "{category.name}: index {category.index_to_base} among their items, all customers 100."),
    Rule("opportunity", "colour", listed("colour"),
         "The colour {colour.name}: index {colour.index_to_base} among their items, all customers 100."),
    Rule("opportunity", "price_band", listed("price_band"),
         "Articles of the {price_band.name} have index {price_band.index_to_base} among their items (all "
         "customers: 100)."),
)  # fmt: skip
