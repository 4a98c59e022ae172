"""Sentences follow from facts: each is true, prints its figures, and names the rows that they come from."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.profiles.wording import WORDINGS
from hm_assets.profiles.words import rules, sentences
from hm_assets.profiles.words.pieces import Piece, fill, plain
from hm_assets.profiles.words.rules import RULES
from hm_assets_tests.profiles.words.examples import fact, facts, taste

FACTS = sorted({name.partition(".")[0] for rule in RULES for name in re.findall(r"\{(.+?)\}", rule.template)})
PLAIN = [name for name in FACTS if name in WORDINGS]
SHARES = {name for name in PLAIN if WORDINGS[name].style == "share"}

segments = st.builds(
    lambda values, tastes: [
        *(
            fact(
                name,
                value / 10 if name in SHARES else value,
                0.5 if name in SHARES else 5.0,
                unit="share" if name in SHARES else "x",
                kind="size" if name.startswith("share_of") else "behaviour",
            )
            for name, value in values.items()
        ),
        *(taste(kind, "Dress", 150) for kind in tastes),
    ],
    st.dictionaries(st.sampled_from(PLAIN), st.sampled_from([0.5, 1.0, 2.0, 4.8, 5.0, 5.2, 7.0, 9.0])),
    st.sets(st.sampled_from(["category", "colour", "price_band"])),
)


@given(segments)
def test_each_sentence_prints_its_own_figures(rows):
    known = {(row["kind"], row["fact"]): row for row in rows}
    for said in sentences.rows_of(rows):
        pieces = [Piece.from_json(piece) for piece in json.loads(said["pieces"])]
        assert plain(pieces) == said["sentence"]
        figures = [piece for piece in pieces if piece.fact]
        assert said["facts"] == ", ".join(dict.fromkeys(f"{p.kind}/{p.fact}" for p in figures))
        if figures:
            lead = figures[0]
            assert said["figure"] == known[lead.kind, lead.fact][lead.field]
        text = "".join(piece.text for piece in pieces if not piece.fact)
        assert not re.search(r"\d", text.replace("all customers 100", "").replace("customers: 100", ""))


@given(segments)
def test_nothing_is_a_strength_and_a_pain_at_once(rows):
    said = sentences.rows_of(rows)
    lead = {
        kind: {row["facts"].partition(",")[0] for row in said if row["kind"] == kind}
        for kind in ("strength", "pain")
    }
    assert not lead["strength"] & lead["pain"]


@given(segments, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    assert sentences.rows_of(random.sample(rows, len(rows))) == sentences.rows_of(rows)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}: {rule.name}")
def test_every_rule_can_fire_and_none_fires_without_facts(rule):
    """Facts of 0.2, 0.9, 2, 4 and 8 times the base, in all combinations of the rule's two leading facts."""
    names = list(dict.fromkeys(name.partition(".")[0] for name in re.findall(r"\{(.+?)\}", rule.template)))
    assert not rule.holds({})
    if names[0] not in WORDINGS:
        assert rule.holds(facts(taste(names[0], "Dress", 150)))
        return
    found = []
    for one in (0.2, 0.9, 1.0, 8.0):
        for other in (0.2, 0.9, 1.0, 8.0):
            values = [one, other, 1.0][: len(names)]
            bases = [100 if WORDINGS[name].style == "days" else 0.1 for name in names]
            rows = [fact(*each) for each in zip(names, np.multiply(values, bases), bases, strict=True)]
            found.append(rule.holds(facts(*rows)))
    assert any(found)
    assert not all(found)


def test_who_came_once_is_a_pain_where_more_did_than_elsewhere_and_not_of_those_who_just_came():
    def pains(share: float, recency: float) -> list[str]:
        share_once = fact("bought_once", share, 0.3, unit="share")
        rows = [fact("orders", 1, 4), share_once, fact("recency_days", recency, 80)]
        said = sentences.rows_of(rows)
        return [row["sentence"] for row in said if row["kind"] == "pain" and "only once" in row["sentence"]]

    assert pains(0.56, 300) == [
        "56 % of them ordered only once, and half have not bought for 300 days or longer; of all customers 30 % "
        "ordered only once."
    ]
    assert pains(0.56, 20) == []
    assert pains(0.31, 300) == []


def test_a_difference_that_is_not_clear_is_neither_strength_nor_pain():
    wide = fact("orders_365d", 9, 5, low=4, high=14)
    assert not rules.more("orders_365d", 120)(facts(wide))
    assert rules.more("orders_365d", 120)(facts(fact("orders_365d", 9, 5)))
    assert not rules.more("orders_365d", 190)(facts(fact("orders_365d", 9, 5)))


def test_spend_for_number_holds_the_share_of_spend_against_the_share_of_customers():
    def base(spend: float, low: float, high: float) -> dict:
        size = fact("share_of_spend_365d", spend, 1.0, None, kind="size", unit="share", low=low, high=high)
        return facts(size, fact("share_of_customers", 0.2, 1.0, None, kind="size", unit="share"))

    assert rules.spend_for_number(above=True)(base(0.5, 0.4, 0.6))
    assert not rules.spend_for_number(above=True)(base(0.5, 0.1, 0.9))
    assert not rules.spend_for_number(above=True)(base(0.21, 0.205, 0.22))
    assert rules.spend_for_number(above=False)(base(0.1, 0.05, 0.15))
    assert not rules.spend_for_number(above=False)(base(0.1, 0.05, 0.25))


def test_who_they_are_leaves_out_what_is_not_in_the_data():
    share = fact("share_of_customers", 0.2, 1.0, unit="share")
    recency = fact("recency_days", 6, 73)
    assert plain(sentences.who(facts(share, recency), True)) == (
        "20 % of all who have bought; at the median: last order 6 days ago."
    )
    assert plain(sentences.who(facts(recency), True)) == "At the median: last order 6 days ago."
    assert plain(sentences.who({}, True)) == "Nothing about them is in the data."


def test_who_never_bought_has_one_sentence_and_no_strengths():
    row = fact("age", 33, 31, kind="demographic") | {"segment_id": 0}
    news = fact("fashion_news", 0.9, 0.3, unit="share") | {"segment_id": 0}
    (said,) = sentences.rows_of([row, news])
    assert said["sentence"] == "Customers on file who have not bought yet; at the median: age 33."


def test_a_template_without_its_figure_says_nothing():
    assert fill("{recency_days} and {recency_days.base}", facts(fact("recency_days", 6, None))) is None
    assert fill("{recency_days}", {}) is None


def test_the_most_over_indexed_value_of_a_kind_speaks_for_it():
    found = facts(taste("colour", "Red", 120), taste("colour", "Gold", 190), taste("colour", "Blue", 190))
    assert found["colour"]["fact"] == "Blue"
