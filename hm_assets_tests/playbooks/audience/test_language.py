"""A rule in words: what it means, that it is written as it is read, and what is said of one that cannot be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.playbooks.audience.language import parse
from hm_assets.playbooks.audience.rule import (
    All,
    AnyOf,
    Condition,
    Not,
    RuleError,
    as_json,
    from_json,
)
from hm_assets_tests.playbooks.audience.rules import RULES


@settings(max_examples=60)
@given(RULES)
def test_a_rule_is_read_back_as_it_was_written_in_words_and_in_json(rule):
    assert parse(rule.words).words == rule.words
    assert from_json(as_json(rule)) == rule


def test_and_binds_closer_than_or_and_not_closest():
    found = parse("optin or active and not segment=1,2")
    assert found == AnyOf(
        any=(
            Condition(field="optin"),
            All(all=(Condition(field="active"), Not(no=Condition(field="segment", values=("1", "2"))))),
        )
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("churn >= 50 %".replace(" %", "%"), "churn>=0.5"),
        ("club=active", "club=ACTIVE"),
        ('club="left club"', 'club="LEFT CLUB"'),
        ("segment != 3", "not segment=3"),
        ("", "everybody"),
        ("category=Shoes at 1.5", "category=Shoes"),
        ('category="Socks & Tights",Shoes at 2', 'category="Socks & Tights",Shoes at 2'),
        ('category="and"', 'category="and"'),
        ("((optin))", "optin"),
        ("category=Shoes at 1.2345678", "category=Shoes at 1.2345678"),
    ],
)
def test_spellings_of_the_same_rule(text, same):
    assert parse(text).words == same


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("age>=30", "age is no filter"),
        ("colr=Black", "'colr' is no field; there are segment, churn"),
        ("churn>=1.2", "churn is at most 1"),
        ("recency>=1_0", "'1_0' is no number"),
        ("churn=0.5", "churn is compared"),
        ("segment>=2", "asked with ="),
        ("segment", "needs one value"),
        ("optin=1", "needs neither values nor a number"),
        ("value=rich", "there are high, middle, low"),
        ("segment=1 at 2", "segment has no affinity"),
        ("category=Shoes at 0", "greater than 0"),
        ("recency>=many", "'many' is no number"),
        ("recency>=-3", "from 0 on"),
        ("recency>=nan", "from 0 on"),
        ("optin active", "character 7 of the rule"),
        ("(optin", "ends where `)`"),
        ("optin and", "ends where a field"),
        ("optin or and active", "character 10 of the rule: a field was expected, not 'and'"),
        ('category="open', "cannot be read from character 10 on"),
        ("not " * 40 + "optin", "parentheses inside"),
        ("(" * 3_000, "longer than 2,000"),
        (" or ".join(["optin"] * 60), "40"),
        ("segment=" + ",".join(map(str, range(60))), "at most 50"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(text, said):
    with pytest.raises(RuleError) as fault:
        parse(text)
    assert said in str(fault.value) and "\n" not in str(fault.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"all": 1}', '{"no":' * 500, '{"field":"churn","op":">=","number":NaN}', "1" * 30_000],
)
def test_json_that_is_no_rule_is_refused(text):
    with pytest.raises(RuleError):
        from_json(text)


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_any_text_is_a_rule_or_a_fault_in_words(text):
    try:
        parse(text)
    except RuleError as fault:
        assert str(fault)
