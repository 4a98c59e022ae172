"""Texts as they come from a feed, and what is a word in them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.articles import tables, text
from hm_assets_tests.articles.retail import catalogue, described


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("V-neck T-shirt, 3-pack", ["v-neck", "t-shirt", "3-pack"]),
        ("A-line skirt with 3/4-length sleeves", ["a-line", "skirt", "with", "3/4-length", "sleeves"]),
        ("¾-length, UV‑protective, ﬁne knit", ["3/4-length", "uv-protective", "fine", "knit"]),
        ("Men’s 100 % wool, 2 cm, 1.5 mm", ["men's", "wool", "cm", "mm"]),
        ("hook-and-eye fastening -- off-white-", ["hook-and-eye", "fastening", "off-white"]),
        ("V neck / crew_neck", ["neck", "crew", "neck"]),
        (
            "Платье из хлопка; ΦΟΡΕΜΑ; كنزة; ワンピース",
            ["платье", "из", "хлопка", "φορεμα", "كنزة", "ワンピース"],
        ),
        ("Robe d'été à fleurs, Größe 38", ["robe", "d'été", "fleurs", "größe"]),
        ("<p>Soft <b>T-shirt</b><br/>in jersey &amp; mesh</p>", ["soft", "t-shirt", "in", "jersey", "mesh"]),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Top<style>p{color:red}</style>", ["top"]),
        ("Length < 30 cm and > 20 cm", ["length", "cm", "and", "cm"]),
        ("👗✨ party dress 👩‍👧", ["party", "dress"]),
        ("so\u00adft zero\u200bwidth", ["soft", "zerowidth"]),
        ("", []),
        ("100 % 7 - / '' <>", []),
    ],
)
def test_words(written, read):
    assert text.words(text.clean(written)) == read


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_whatever_is_delivered_a_clean_text_stays_clean_and_words_are_words(written):
    cleaned = text.clean(written)
    assert "\n" not in cleaned and cleaned == " ".join(cleaned.split())
    for word in text.words(cleaned):
        assert any(letter.isalpha() or letter.isnumeric() for letter in word), word
        assert " " not in word and word[0] not in "-'/" and word[-1] not in "-'/"


def test_of_a_very_long_text_the_first_ten_thousand_characters_are_read_and_the_table_says_so():
    (long, short) = text.documents(described("jersey " * 100_000, "jersey"))
    assert (len(long.text) <= text.LONGEST_TEXT, long.cut, long.words) == (True, True, 1429)
    assert not short.cut


def test_an_opening_bracket_without_end_takes_no_time():
    assert text.words(text.clean("<script" * 1400 + " top"))  # a pattern that backtracks would hang here


def test_one_document_per_product_code_with_the_most_frequent_value():
    rows = described("Jersey top", department_name="Jersey") * 2 + described(
        "Jersey top", department_name="Basics"
    )
    (found,) = text.documents(rows)
    assert (found.articles, found.values["department_name"]) == (3, "Jersey")
    tie = described("Top", prod_name="Zoe") + described("Top", prod_name="Anna")
    assert text.documents(tie)[0].values["prod_name"] == "Anna"


def test_the_order_of_the_articles_changes_nothing():
    rows = catalogue(40)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert text.documents(shuffled) == text.documents(rows)


def test_every_product_has_a_document_also_without_any_text():
    found = text.documents(described(None, "", "Soft top", None))
    assert [each.product_code for each in found] == [f"{i:07}" for i in range(4)]
    assert [each.words for each in found] == [0, 0, 2, 0]


def test_what_is_unknown_gives_no_word():
    (found,) = text.documents(described("Soft top.", product_type_name="Vest top"))
    assert found.text == "Soft top. Vest top"


def test_nothing_about_customers_can_enter_a_text():
    """The texts are made of these columns and no others; whoever adds one changes this test."""
    assert set(text.FIELDS) == {
        "detail_desc",
        "prod_name",
        "product_type_name",
        "product_group_name",
        "graphical_appearance_name",
        "department_name",
        "index_name",
        "section_name",
        "garment_group_name",
    }
    columns = {column.name for column in tables.DOCUMENTS.columns}
    assert columns == {"product_code", "articles", "text", "words", "cut", *text.FIELDS}
    rows = described("Soft top", age="34", club_member_status="ACTIVE", postal_code="abc", customer_id="c1")
    assert text.documents(rows)[0].text == "Soft top"
