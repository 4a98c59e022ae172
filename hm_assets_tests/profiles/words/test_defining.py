"""The facts that tell a segment apart: by size of effect, clear of the base, one per theme."""

import pytest

from hm_assets.profiles.words import defining
from hm_assets.profiles.words.pieces import plain
from hm_assets_tests.profiles.words.examples import fact, facts, taste


def named(rows) -> list[str]:
    return [row["fact"] for row in rows]


def test_the_largest_effect_comes_first_and_at_most_five_are_listed():
    found = facts(
        fact("recency_days", 6, 73, effect=-0.9),
        fact("orders", 40, 10, effect=0.95),
        fact("age", 40, 31, effect=0.2),
        fact("fashion_news", 0.6, 0.35, effect=0.25, unit="share"),
        fact("items_per_order", 2.6, 2.2, effect=0.5),
        fact("price_per_item", 0.04, 0.03, effect=0.6),
    )
    assert named(defining.defining(found)) == [
        "orders",
        "recency_days",
        "price_per_item",
        "items_per_order",
        "fashion_news",
    ]


def test_two_facts_that_say_the_same_speak_once():
    found = facts(fact("orders", 40, 10, effect=0.9), fact("orders_365d", 20, 5, effect=0.95))
    assert named(defining.defining(found)) == ["orders_365d"]


@pytest.mark.parametrize(
    "row",
    [
        fact("orders", 40, 10, effect=0.14),  # negligible
        fact("orders", 40, 10, effect=None),
        fact("orders", 11, 10, effect=0.5, low=9.5, high=12),  # the interval touches the base
        fact("orders", 10.3, 10, effect=0.5, low=10.2, high=10.4),  # nobody would see it
        fact("orders", 40, 10, effect=-0.5),  # the mean says more, the typical member has less
    ],
)
def test_what_is_not_clear_not_large_or_not_consistent_defines_nothing(row):
    assert defining.defining(facts(row)) == []


def test_tastes_fill_the_places_that_are_left():
    found = facts(
        fact("orders", 40, 10, effect=0.9), taste("category", "Dress", 130), taste("colour", "Gold", 190)
    )
    assert named(defining.defining(found)) == ["orders", "Gold", "Dress"]
    assert (
        plain(defining.sentence(found["colour"])) == "Gold: index 190 among their items, all customers 100."
    )


def test_the_sentence_prints_both_figures_and_how_large_the_difference_is():
    row = fact("recency_days", 6, 73, effect=-0.9)
    assert plain(defining.sentence(row)) == "Last order: 6 days, all customers 73 days (a large difference)."


@pytest.mark.parametrize(("effect", "word"), [(0.15, "small"), (-0.34, "medium"), (-0.5, "large")])
def test_effects_are_named_as_romano_names_them(effect, word):
    assert defining.size(effect) == word
