"""Nothing leaves that is told of fewer than twenty people."""

import json

import pytest

from hm_assets.profiles.fairness.privacy import K, sayable, withheld, without


def row(fact: str, value: float, kind: str = "demographic", unit: str = "share", segment: int = 1) -> dict:
    figures = {"value": value, "low": 0.1, "high": 0.9, "base": 0.5, "index_to_base": 90.0, "effect": 0.1}
    return {"segment_id": segment, "kind": kind, "fact": fact, "unit": unit, **figures}


def month(customers: int, *rows: dict, segment: int = 1) -> list[dict]:
    return [row("customers", float(customers), "size", "customers", segment), *rows]


def names(rows) -> set[str]:
    return {fact for _, _, fact in withheld(rows)}


@pytest.mark.parametrize(
    ("people", "small"),
    [(0, False), (1, True), (19, True), (20, False), (980, False), (981, True), (1000, False)],
)
def test_a_share_of_persons_is_withheld_where_it_or_its_rest_is_of_too_few(people, small):
    rows = month(1_000, row("age_50_plus", people / 1_000))
    assert (names(rows) == {"age_50_plus"}) == small


def test_what_is_no_share_of_persons_stays():
    rows = month(
        1_000,
        row("online_share", 0.001, "behaviour"),
        row("age", 31.0, unit="years"),
        row("Bikini", 0.001, "category"),
    )
    assert withheld(rows) == set()


@pytest.mark.parametrize("fact", ["bought_365d", "bought_once"])
def test_whether_they_bought_counts_persons_too(fact):
    assert names(month(1_000, row(fact, 0.005, "behaviour"))) == {fact}


def test_a_segment_of_too_few_keeps_its_size_and_nothing_else():
    small = month(K - 1, row("age", 31.0, unit="years"), row("orders", 3.0, "behaviour", "orders"))
    other = month(500, row("age", 40.0, unit="years", segment=2), segment=2)
    assert withheld([*small, *other]) == {(1, "demographic", "age"), (1, "behaviour", "orders")}
    assert names(month(K, row("age", 31.0, unit="years"))) == set()


def test_what_is_withheld_has_no_figure_left_and_says_so():
    rows = month(1_000, row("age_50_plus", 0.01), row("fashion_news", 0.4, "engagement"))
    told = {each["fact"]: each for each in without(rows, withheld(rows))}
    assert [told["age_50_plus"][name] for name in ("value", "low", "high", "base", "index_to_base")] == [
        None
    ] * 5
    assert (told["age_50_plus"]["withheld"], told["fashion_news"]["withheld"]) == (True, False)
    assert told["fashion_news"]["value"] == 0.4


def test_a_sentence_that_rests_on_a_withheld_figure_is_not_said():
    def sentence(fact: str) -> dict:
        pieces = [["Many are old: ", None, None, "value"], ["1 %", "demographic", fact, "value"]]
        return {"segment_id": 1, "pieces": json.dumps(pieces)}

    words = [sentence("age_50_plus"), sentence("age_25_34")]
    assert sayable(words, {(1, "demographic", "age_50_plus")}) == words[1:]
    assert sayable(words, {(2, "demographic", "age_50_plus")}) == words
