"""What a delivered article attribute means."""

import ibis
import pyarrow as pa
import pytest

from hm_assets.articles import facts
from hm_assets.articles.tables import ARTICLES, ATTRIBUTES
from hm_assets.sources import contract


def described(*rows: dict) -> list[dict]:
    names = [*contract.ARTICLES.names]
    schema = pa.schema([("article_key", pa.int64()), *((name, pa.string()) for name in names)])
    full = [
        {"article_key": 108775000 + i, "article_id": f"0108775{i:03}", **dict.fromkeys(names[1:]), **row}
        for i, row in enumerate(rows)
    ]
    table = facts.facts(ibis.memtable(pa.Table.from_pylist(full, schema=schema)))
    assert table.columns == tuple(column.name for column in ARTICLES.columns)
    return table.order_by("article_key").to_pyarrow().to_pylist()


@pytest.mark.parametrize("text", ["Unknown", "undefined", " UNKNOWN ", "Not defined", "N/A", "", "  ", None])
def test_every_way_to_say_unknown_is_an_empty_value(text):
    names = ["prod_name", "detail_desc", *(name for name, _ in ATTRIBUTES)]
    (row,) = described(dict.fromkeys(names, text))
    assert {name: row[name] for name in names} == dict.fromkeys(names)


def test_a_word_that_merely_contains_unknown_stays():
    (row,) = described({"prod_name": "Unknown Pleasures tee", "colour_group_name": " Other Pink "})
    assert (row["prod_name"], row["colour_group_name"]) == ("Unknown Pleasures tee", "Other Pink")


@pytest.mark.parametrize(
    ("delivered", "code"),
    [("0108775", "0108775"), (" 77 ", "77"), (None, "0108775"), ("", "0108775"), ("unknown", "0108775")],
)
def test_the_product_code_is_the_delivered_one_else_the_first_seven_digits(delivered, code):
    (row,) = described({"product_code": delivered})
    assert row["product_code"] == code


def test_articles_that_share_a_name_stay_apart():
    rows = described(*[{"prod_name": "Strap top", "section_name": "Ladies", "department_name": "Jersey"}] * 3)
    assert [row["article_id"] for row in rows] == ["0108775000", "0108775001", "0108775002"]
    assert {row["prod_name"] for row in rows} == {"Strap top"}


def delivered(*rows: dict) -> ibis.Table:
    names = [*contract.ARTICLES.names]
    schema = pa.schema([(name, pa.string()) for name in names])
    full = [{**dict.fromkeys(names, "x"), **row} for row in rows]
    return ibis.memtable(pa.Table.from_pylist(full, schema=schema))


def test_each_way_of_saying_unknown_is_listed_with_its_share():
    raw = delivered(
        {"garment_group_name": "Unknown"},
        {"garment_group_name": "Unknown ", "detail_desc": ""},
        {"garment_group_name": "undefined", "detail_desc": None},
        {"garment_group_name": "Knitwear", "detail_desc": "  "},
    )
    found = facts.unknowns(raw).to_pyarrow().to_pylist()
    assert {(row["column"], row["delivered"], row["articles"], row["share"]) for row in found} == {
        ("garment_group_name", "Unknown", 2, 0.5),
        ("garment_group_name", "undefined", 1, 0.25),
        ("detail_desc", "(empty)", 3, 0.75),
    }
    assert {row["decision"] for row in found} == {"empty in articles/articles; gives no word to the text"}


def test_names_that_stand_for_several_codes_are_counted():
    raw = delivered(
        {"section_no": "31", "section_name": "Ladies Other"},
        {"section_no": "31", "section_name": "Ladies Other"},
        {"section_no": "49", "section_name": "Ladies Other"},
        {"section_no": "15", "section_name": "Womens Everyday"},
        {"section_no": None, "section_name": "Unknown"},
    )
    rows = {row["name"]: row for row in facts.shared_names(raw)}
    assert rows["section_name"] == {
        "code": "section_no",
        "codes": 3,
        "name": "section_name",
        "names": 2,
        "names_of_several_codes": 1,
        "examples": "Ladies Other (2)",
    }
    assert rows["index_name"]["names_of_several_codes"] == 0
